#include "redact/patterns.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "redact/anchors.hpp"
#include "redact/encodings.hpp"
#include "redact/key_values.hpp"
#include "redact/marker.hpp"
#include "redact/token_patterns.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::size_t most_key = 64 * 1024;
constexpr std::size_t most_key_line = 4096;
constexpr std::size_t most_authority = 1024;
constexpr std::size_t before_anchor = 256;  // how much of a line is looked at around an anchor
constexpr std::size_t behind_anchor = 64 * 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// ---- URLs

/// Letters of both cases and digits, or many hexadecimal digits: not a name that somebody has thought of.
bool looks_random(std::string_view text) {
  constexpr std::size_t shortest = 16;
  constexpr std::size_t shortest_digest = 32;
  const auto any = [text](char first, char last) {
    return std::any_of(text.begin(), text.end(), [=](char c) { return c >= first && c <= last; });
  };
  if (text.size() < shortest || !any('0', '9')) return false;
  if (any('a', 'z') && any('A', 'Z')) return true;
  return text.size() >= shortest_digest && text.find_first_not_of("0123456789abcdef") == none;
}

/// The user of https://TOKEN@host and https://TOKEN:x-oauth-basic@host, for the text behind "://".
void find_url_token(std::string_view text, std::size_t begin, Spans& found) {
  const auto window = text.substr(begin, most_authority);
  const auto user = window.substr(0, window.find_first_of(":/?#@ \t\r\n\"'<>`|[]$"));
  const auto behind = window.substr(user.size());
  const bool alone = behind.starts_with('@') || behind.starts_with(":@") || behind.starts_with(":x-oauth-basic@");
  if (alone && looks_random(user)) found.push_back({begin, begin + user.size(), "token", false});
}

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

/// The next "-----BEGIN ": memmem is much faster than a search by the first character.
std::size_t find_mark(std::string_view text, std::size_t from) {
  if (from >= text.size()) return none;
  const void* hit = memmem(text.data() + from, text.size() - from, begin_mark.data(), begin_mark.size());
  return hit == nullptr ? none : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

struct Block {
  std::size_t begin = none;
  std::size_t end = none;
  bool closed = false;
};

/// The first private key at or behind `from`.
Block next_private_key(std::string_view text, std::size_t from) {
  for (auto at = find_mark(text, from); at != none; at = find_mark(text, at + 1)) {
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

// ---- what stands behind an anchor

/// Patterns and names, each found by a text without which it cannot be there.
struct Catalogue {
  static constexpr std::uint32_t url = 0;
  static constexpr std::uint32_t private_key = 1;
  static constexpr std::uint32_t name = 2;
  static constexpr std::uint32_t first_token = 3;

  Catalogue() {
    anchors.add("://", url);
    anchors.add(begin_mark, private_key);
    for (const auto part : secret_name_parts) anchors.add(part, name);
    auto id = first_token;
    for (const auto& pattern : token_patterns()) {
      for (const auto text : pattern.anchors) anchors.add(text, id);
      ++id;
    }
  }

  Anchors anchors;
};

const Catalogue& catalogue() {
  static const Catalogue instance;
  return instance;
}

class Search {
 public:
  Search(std::string_view text, Spans& found)
      : text_{text}, found_{found}, names_{text, found}, done_(token_patterns().size()) {}

  void run() {
    bool keys = false;
    catalogue().anchors.each(text_, [&](std::uint32_t id, std::size_t at) {
      if (id == Catalogue::url)
        url(at);
      else if (id == Catalogue::private_key)
        keys = true;
      else if (id == Catalogue::name)
        names_.look_at(at);
      else
        token(id - Catalogue::first_token, at);
    });
    if (keys) find_private_keys(text_, found_);
  }

 private:
  void url(std::size_t at) {
    if (at == 0 || !(is_letter(text_[at - 1]) || is_digit(text_[at - 1]))) return;
    find_url_password(text_, at + 3, found_);
    find_url_token(text_, at + 3, found_);
  }

  /// The expression is tried on the line; of a very long one on a window.
  void token(std::size_t number, std::size_t at) {
    if (at < done_[number]) return;
    auto begin = at;
    while (begin > done_[number] && at - begin < before_anchor && text_[begin - 1] != '\n') --begin;
    const auto end =
        at + std::min(text_.substr(at, behind_anchor).find('\n'), std::min(text_.size() - at, behind_anchor));
    match(token_patterns()[number], begin, end);
    done_[number] = end;
  }

  void match(const TokenPattern& pattern, std::size_t begin, std::size_t end) {
    re2::StringPiece rest{text_.data() + begin, end - begin};
    re2::StringPiece group;
    while (RE2::FindAndConsume(&rest, pattern.expression, &group)) {
      const auto at = static_cast<std::size_t>(group.data() - text_.data());
      if (passes(pattern.guard, {group.data(), group.size()}))
        found_.push_back({at, at + group.size(), std::string{pattern.name}, false});
    }
  }

  std::string_view text_;
  Spans& found_;
  KeyValues names_;
  std::vector<std::size_t> done_;  ///< up to where each pattern was tried
};

}  // namespace

void find_patterns(std::string_view text, Spans& found) {
  Search{text, found}.run();
}

std::size_t open_private_key(std::string_view text) {
  for (auto block = next_private_key(text, 0); block.begin != none; block = next_private_key(text, block.end))
    if (!block.closed && block.end == text.size() && text.size() - block.begin < most_key) return block.begin;
  return none;
}

}  // namespace doctor::redact
