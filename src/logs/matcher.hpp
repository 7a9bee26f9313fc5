#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::logs {

/// Many RE2 patterns over one line at a time. Texts that a match must hold (anchor.hpp) are looked for first: of the
/// rarest seven bytes of each, the four groups of four bytes stand in a table of bits, and of the line every fourth
/// position is looked up. Only a pattern whose text is there is asked. RE2 is linear; a pattern whose automaton
/// outgrows its memory falls back to one that needs none, so no answer is lost.
class Matcher {
 public:
  /// A pattern that is no RE2 never matches.
  explicit Matcher(const std::vector<std::string>& patterns);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// Adds the numbers of all patterns that may match `text`, each once, ascending, to those in `found`.
  void candidates(std::string_view text, std::vector<std::size_t>& found) const;
  bool matches(std::size_t pattern, std::string_view text) const;
  /// The named groups of a match, without those that are empty; none when it does not match.
  std::map<std::string, std::string> groups(std::size_t pattern, std::string_view text) const;
  bool has_anchor(std::size_t pattern) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doctor::logs
