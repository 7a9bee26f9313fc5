#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doctor::logs {

/// Texts of which every match of an RE2 pattern holds at least one, ASCII letters in lower case: the longest literal of
/// each alternative. Empty: there is no such text of at least `least` bytes, so the pattern itself must be asked.
/// Errs on the side of finding none.
std::vector<std::string> anchors_of(std::string_view pattern, std::size_t least);

/// A byte as anchors are compared: letters of both cases are one, and so are a few pairs of other characters.
constexpr unsigned char folded(char byte) {
  return static_cast<unsigned char>(static_cast<unsigned char>(byte) | 0x20U);
}

}  // namespace doctor::logs
