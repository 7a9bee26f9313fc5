#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "redact/decoded.hpp"

/// The parts of each_packed().
namespace doctor::redact {

constexpr bool is_separator(char c) {
  return c == ':' || c == ' ' || c == '-';
}

/// Hexadecimal digits that belong together.
struct Digits {
  std::vector<std::size_t> places;
  std::size_t in_line = 0;
  std::size_t groups = 1;
  bool lower = false;  ///< there are letters of that case among them
  bool upper = false;

  void clear() {
    places.clear();
    in_line = 0;
    groups = 1;
    lower = upper = false;
  }
  void add(std::size_t at, char digit) {
    places.push_back(at);
    ++in_line;
    lower = lower || digit >= 'a';
    upper = upper || (digit >= 'A' && digit <= 'F');
  }
};

class HexadecimalReader {
 public:
  static constexpr std::size_t least = 12;  ///< digits

  /// `reach` is at most 8 kB.
  HexadecimalReader(std::size_t reach, const VisitDecoded& visit) : reach_{reach}, visit_{visit} {}

  /// Visits the digits around `at`, where one or a separator stands; behind them.
  std::size_t read(std::string_view text, std::size_t at);

 private:
  std::size_t reach_;
  const VisitDecoded& visit_;
  std::size_t done_ = 0;
  Digits digits_;
};

class Base64Reader {
 public:
  static constexpr std::size_t least = 20;  ///< characters

  /// `reach` is at most 8 kB.
  Base64Reader(std::size_t reach, const VisitDecoded& visit) : reach_{reach}, visit_{visit} {}

  /// Visits the run around `at`, where a character of base64 stands; behind it.
  std::size_t read(std::string_view text, std::size_t at);

 private:
  std::size_t reach_;
  const VisitDecoded& visit_;
  std::size_t done_ = 0;
  std::string bytes_;
};

/// [104, 117, 110], as programs show bytes.
void each_list(std::string_view text, std::size_t reach, const VisitDecoded& visit);

/// What a value stands for that is hexadecimal or base64, as keys are, and what a program shows of it; "" when it is
/// neither.
std::string bytes_of(std::string_view value);

/// The six bits that a character of either alphabet of base64 stands for; -1: it is none.
int six_bits(char c);

}  // namespace doctor::redact
