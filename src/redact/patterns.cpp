#include "redact/patterns.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>

#include <re2/re2.h>

#include "redact/encodings.hpp"
#include "redact/key_values.hpp"
#include "redact/marker.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::size_t most_key = 64 * 1024;
constexpr std::size_t most_key_line = 4096;
constexpr std::size_t most_authority = 1024;
constexpr std::size_t before_literal = 256;  // how much of a line is looked at around a literal
constexpr std::size_t behind_literal = 64 * 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// ---- URLs

/// The password in scheme://user:PASSWORD@host, for the text behind "://". A password that holds "/", "?" or "#" breaks
/// the URL; it is told from host:port/path@ by not being a number.
void find_url_password(std::string_view text, std::size_t begin, Spans& found) {
  const auto window = text.substr(begin, most_authority);
  const auto token = window.substr(0, window.find_first_of(" \t\r\n\"'<>`|"));
  if (token.starts_with('[')) return;  // an IPv6 address
  const auto colon = token.find_first_of(":/?#@");
  if (colon == none || token[colon] != ':') return;
  auto authority = token.substr(0, token.find_first_of("/?#", colon));
  const auto rest = authority.substr(colon + 1);
  if (rest.find('@') == none && !rest.empty() && !std::all_of(rest.begin(), rest.end(), is_digit)) authority = token;
  const auto at = authority.rfind('@');
  if (at == none || at <= colon + 1) return;
  const auto password = authority.substr(colon + 1, at - colon - 1);
  if (marker_size(password) > 0 || password.starts_with("${") || password.find_first_not_of("*x.") == none) return;
  found.push_back({begin + colon + 1, begin + at, "url-password", false});
}

void find_url_passwords(std::string_view text, Spans& found) {
  for (auto at = text.find("://"); at != none; at = text.find("://", at + 3))
    if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) find_url_password(text, at + 3, found);
}

// ---- private keys

/// "PRIVATE KEY" and its relatives, for the text behind "-----BEGIN "; empty for other blocks.
std::string_view private_label(std::string_view text) {
  const auto end = text.substr(0, 80).find("-----");
  const auto label = text.substr(0, end == none ? 0 : end);
  const bool plain =
      std::all_of(label.begin(), label.end(), [](char c) { return is_letter(c) || is_digit(c) || c == ' '; });
  return plain && label.ends_with("PRIVATE KEY") ? label : std::string_view{};
}

/// A line of a key: nothing, a header, or one run of base64 after whatever a log put before it.
bool belongs_to_key(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line.empty() || line.starts_with("Proc-Type:") || line.starts_with("DEK-Info:")) return true;
  const auto run = line.substr(line.find_last_of(" \t|") + 1);
  return run.size() >= 4 &&
         std::all_of(run.begin(), run.end(), [](char c) { return is_base64_character(c) || c == '=' || c == '\\'; });
}

/// The end of a key without END line: behind the last line that can belong to it. Very long lines count as several.
std::size_t end_of_cut_key(std::string_view text, std::size_t at) {
  const auto limit = std::min(text.size(), at + most_key);
  while (at < limit) {
    const auto window = text.substr(at, most_key_line);
    const auto line = window.substr(0, window.find('\n'));
    if (!belongs_to_key(line)) return at;
    at = std::min(at + line.size() + (line.size() < window.size() ? 1 : 0), text.size());
  }
  return at;
}

struct Block {
  std::size_t begin = none;
  std::size_t end = none;
  bool closed = false;
};

/// The first private key at or behind `from`.
Block next_private_key(std::string_view text, std::size_t from) {
  for (auto at = text.find(begin_mark, from); at != none; at = text.find(begin_mark, at + 1)) {
    const auto label = private_label(text.substr(at + begin_mark.size()));
    if (label.empty()) continue;
    const auto body = at + begin_mark.size() + label.size() + 5;
    auto window = text.substr(body, most_key);
    window = window.substr(0, window.find(begin_mark));
    const auto end_line = "-----END " + std::string{label} + "-----";
    if (const auto end = window.find(end_line); end != none) return {at, body + end + end_line.size(), true};
    return {at, std::max(body, end_of_cut_key(text, body)), false};
  }
  return {};
}

void find_private_keys(std::string_view text, Spans& found) {
  for (auto block = next_private_key(text, 0); block.begin != none; block = next_private_key(text, block.end)) {
    auto end = block.end;
    if (!block.closed && end > block.begin && text[end - 1] == '\n') --end;
    found.push_back({block.begin, end, "private-key", false});
  }
}

// ---- tokens

/// What a match must look like beyond its expression.
enum class Guard {
  any,
  digit  ///< a group without any digit is a word of prose
};

/// An expression whose first group is the secret, and a literal without which it cannot match.
struct Pattern {
  Pattern(std::string_view literal_, const char* expression_, std::string_view name_, Guard guard_)
      : literal{literal_}, expression{expression_, options()}, name{name_}, guard{guard_} {
    if (!expression.ok()) throw std::logic_error("a pattern of the redactor does not compile");
  }

  static RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(RE2::Options::EncodingLatin1);  // any byte may stand in a log
    return options;
  }

  std::string_view literal;
  RE2 expression;
  std::string_view name;
  Guard guard;
};

const std::deque<Pattern>& token_patterns() {
  static const std::deque<Pattern> all = [] {
    std::deque<Pattern> list;
    list.emplace_back("eyJ", R"((eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}))", "jwt", Guard::any);
    list.emplace_back("eyJhIjoi", R"((eyJhIjoi[\w+/-]{80,}=*))", "token", Guard::any);
    list.emplace_back("earer", R"(\b[Bb]earer[ \t]+([\w.~+/-]{8,}=*))", "token", Guard::digit);
    list.emplace_back(
        "uthorization",
        R"([Aa]uthorization\\?["']?[ \t]*[:=][ \t]*\\?["']?(?i:basic|bearer|token|digest)[ \t]+([^\s"',\[\\]{4,}))",
        "authorization", Guard::any);
    list.emplace_back("uthorization", R"([Aa]uthorization\\?["']?[ \t]*[:=][ \t]*\\?["']?([^\s"',\[\\]{6,}))",
                      "authorization", Guard::digit);
    list.emplace_back("ookie", R"([Cc]ookie\\?["']?[ \t]*:[ \t]*\\?["']?([^\s=;"'\[]+=[^\r\n"'\\]+))", "cookie",
                      Guard::digit);
    for (const char* literal : {"ghp_", "gho_", "ghu_", "ghs_", "ghr_"})
      list.emplace_back(literal, R"(\b(gh[pousr]_[A-Za-z0-9]{30,}))", "token", Guard::any);
    list.emplace_back("github_pat_", R"((github_pat_\w{20,}))", "token", Guard::any);
    list.emplace_back("glpat-", R"((glpat-[\w-]{18,}))", "token", Guard::any);
    list.emplace_back("xox", R"(\b(xox[abprs]-[A-Za-z0-9-]{10,}))", "token", Guard::digit);
    list.emplace_back("sk-", R"(\b(sk-[\w-]{24,}))", "token", Guard::digit);
    list.emplace_back("sk_live_", R"(\b(sk_live_[A-Za-z0-9]{16,}))", "token", Guard::any);
    list.emplace_back("AKIA", R"(\b(AKIA[0-9A-Z]{16})\b)", "token", Guard::any);
    list.emplace_back("AIza", R"(\b(AIza[\w-]{30,}))", "token", Guard::any);
    list.emplace_back("/webhooks/", R"(/webhooks/execute/([^/?\s"'\[]+))", "webhook", Guard::any);
    list.emplace_back("/webhooks/", R"(/webhooks/[0-9]{10,}/([\w-]{20,}))", "webhook", Guard::any);
    list.emplace_back("hooks.slack.com", R"(hooks\.slack\.com/services/([A-Za-z0-9/]+))", "webhook", Guard::any);
    list.emplace_back("--user", R"(--user[= ]["']?[^:\s"']+:([^\s"'\[]*[^\s"'\[0-9][^\s"'\[]*))", "password",
                      Guard::any);
    return list;
  }();
  return all;
}

std::size_t find_literal(std::string_view text, std::string_view literal, std::size_t from) {
  if (from >= text.size()) return none;
  const void* hit = memmem(text.data() + from, text.size() - from, literal.data(), literal.size());
  return hit == nullptr ? none : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

void match_in(std::string_view text, std::size_t begin, std::size_t end, const Pattern& pattern, Spans& found) {
  re2::StringPiece rest{text.data() + begin, end - begin};
  re2::StringPiece group;
  while (RE2::FindAndConsume(&rest, pattern.expression, &group)) {
    const auto at = static_cast<std::size_t>(group.data() - text.data());
    if (pattern.guard == Guard::digit && std::none_of(group.begin(), group.end(), is_digit)) continue;
    found.push_back({at, at + group.size(), std::string{pattern.name}, false});
  }
}

/// The expression is tried only on the lines that hold its literal; of a very long line on a window.
void find_tokens(std::string_view text, Spans& found) {
  for (const auto& pattern : token_patterns()) {
    for (auto at = find_literal(text, pattern.literal, 0); at != none;) {
      auto begin = at;
      while (begin > 0 && at - begin < before_literal && text[begin - 1] != '\n') --begin;
      const auto end = begin + std::min(text.substr(begin, behind_literal).find('\n'),
                                        std::min(text.size() - begin, behind_literal));
      match_in(text, begin, end, pattern, found);
      at = end <= at ? none : find_literal(text, pattern.literal, end);
    }
  }
}

}  // namespace

void find_patterns(std::string_view text, Spans& found) {
  find_url_passwords(text, found);
  find_private_keys(text, found);
  find_tokens(text, found);
  find_key_values(text, found);
}

std::size_t open_private_key(std::string_view text) {
  for (auto block = next_private_key(text, 0); block.begin != none; block = next_private_key(text, block.end))
    if (!block.closed && block.end == text.size() && text.size() - block.begin < most_key) return block.begin;
  return none;
}

}  // namespace doctor::redact
