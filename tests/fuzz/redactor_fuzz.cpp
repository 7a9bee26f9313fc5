#include "redact/redactor.hpp"

#include <algorithm>

#include "property.hpp"

using doctor::fuzz::require;

namespace {

constexpr std::string_view secret = "tr0ub4dor&3/Zq+x";

const doctor::redact::Redactor& redactor() {
  static const doctor::redact::Redactor instance{
      {{"DB_PASSWORD", std::string{secret}}, {"SHORT", "abc"}, {"COMMON", "postgres"}}, {"chatalot", "postgres"}};
  return instance;
}

/// Text in which nothing can look like a secret: small words of letters, parted by single blanks.
bool is_plain(std::string_view text) {
  if (text.find("abc") != std::string_view::npos) return false;
  std::size_t word = 0;
  for (const char c : text) {
    const bool letter = c >= 'a' && c <= 'z';
    word = letter ? word + 1 : 0;
    if ((!letter && c != ' ' && c != '\n') || word > 12) return false;
  }
  static constexpr const char* suspicious[] = {"bearer", "basic", "password", "passwd", "pwd",
                                               "secret", "token", "key",      "auth",   "credential"};
  return std::none_of(std::begin(suspicious), std::end(suspicious), [&](const char* word_of_secrets) {
    return text.find(word_of_secrets) != std::string_view::npos;
  });
}

void check(std::string_view text) {
  const auto out = redactor().redact(text);
  require(out.find(secret) == std::string::npos, "the secret is gone");
  require(redactor().find_known(out).empty(), "no form of the secret is left");
  require(redactor().redact(out) == out, "redacting again changes nothing");
  if (is_plain(text)) require(out == text, "plain text stays as it is");
}

}  // namespace

/// The redactor: the input alone, and around a secret.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  check(text);
  const auto middle = size / 2;
  check(std::string{text.substr(0, middle)} + std::string{secret} + std::string{text.substr(middle)});
  return 0;
}
