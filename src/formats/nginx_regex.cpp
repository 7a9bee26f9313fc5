#include "formats/nginx_regex.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace doctor::formats::nginx {
namespace {

/// "(?<name>" is "(?P<name>" in RE2.
std::string translated(const std::string& pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    text += pattern[i];
    const bool named = i >= 2 && pattern[i] == '<' && pattern[i - 1] == '?' && pattern[i - 2] == '(' &&
                       i + 1 < pattern.size() && pattern[i + 1] != '=' && pattern[i + 1] != '!';
    if (named) text.insert(text.size() - 1, "P");
  }
  return text;
}

RE2::Options options(bool caseless) {
  RE2::Options result{RE2::Quiet};
  result.set_case_sensitive(!caseless);
  result.set_max_mem(1 << 20);
  return result;
}

}  // namespace

std::string regex_problem(const std::string& pattern) {
  const RE2 compiled{translated(pattern), options(false)};
  if (compiled.ok()) return {};
  switch (compiled.error_code()) {
    case RE2::ErrorMissingParen:
      return "pcre2_compile() failed: missing closing parenthesis";
    case RE2::ErrorMissingBracket:
      return "pcre2_compile() failed: missing terminating ] for character class";
    case RE2::ErrorTrailingBackslash:
      return "pcre2_compile() failed: \\ at end of pattern";
    default:
      return {};
  }
}

std::optional<std::vector<std::string>> regex_match(const std::string& pattern, std::string_view text, bool caseless) {
  const RE2 compiled{translated(pattern), options(caseless)};
  if (!compiled.ok()) return std::nullopt;
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(std::min(compiled.NumberOfCapturingGroups(), 99)) + 1);
  std::vector<std::string> found;
  const re2::StringPiece subject{text.data(), text.size()};
  if (!compiled.Match(subject, 0, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
    return found;
  for (const auto& group : groups)
    found.emplace_back(group.data() == nullptr ? "" : std::string{group.data(), group.size()});
  return found;
}

}  // namespace doctor::formats::nginx
