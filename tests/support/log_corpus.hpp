#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Lines of logs and other output as programs write them, made from templates with a generator of a fixed seed.
namespace doctor::test {

/// {ts}, {ip}, {n}, {uuid}, {sha} ... stand for a value that differs from line to line.
const std::vector<std::string>& ordinary_templates();

/// A source of values. The same seed gives the same values.
class Values {
 public:
  explicit Values(std::uint64_t seed) : state_{seed} {}

  std::uint64_t number(std::uint64_t below);
  std::string text(std::size_t size, const std::string& alphabet);
  std::string hexadecimal(std::size_t size) { return text(size, "0123456789abcdef"); }
  std::string password(std::size_t size);

  /// A template with its placeholders filled.
  std::string filled(const std::string& line);

 private:
  std::string value_of(const std::string& placeholder);
  std::uint64_t state_;
};

/// `count` lines, each of one of the templates in turn, without line breaks.
std::vector<std::string> ordinary_lines(std::size_t count);

}  // namespace doctor::test
