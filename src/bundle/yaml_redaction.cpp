#include "bundle/yaml_redaction.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redact/marker.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t shortest_run = 8;  // of a secret that is looked for everywhere
constexpr int most_rounds = 3;           // what is encoded twice is a fault that is to be seen

/// Nothing when it is not base64 (RFC 4648, section 4).
std::optional<std::string> decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = (bits << 6U) | static_cast<std::uint32_t>(alphabet.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
  }
  return out;
}

std::string encoded(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = (bits << 8U) | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= group.size() ? alphabet[(bits >> (18U - 6U * static_cast<unsigned>(k))) & 0x3FU] : '=';
  }
  return out;
}

bool is_text(std::string_view bytes) {
  return util::valid_utf8(bytes) && std::none_of(bytes.begin(), bytes.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
         });
}

/// Replaces runs of base64 that hold secrets. What becomes of one is put aside, and a mark stands for it that no rule
/// of the redactor touches, since some take anything behind the name of a key for a secret.
class Runs {
 public:
  Runs(const redact::Redactor& redactor, const HiddenHosts* hosts) : redactor_{redactor}, hosts_{hosts} {}

  /// Without what must not be shown.
  std::string safe(std::string_view text, int rounds) {
    const auto redacted = redactor_.redact(put_aside(text, rounds));
    return put_back(hosts_ == nullptr ? redacted : hosts_->hide(redacted));
  }

 private:
  /// What is put aside is redacted, `rounds` levels deep.
  std::string put_aside(std::string_view text, int rounds) {
    std::string out;
    std::size_t done = 0;
    while (done < text.size()) {
      const auto begin = std::min(text.find_first_of(alphabet, done), text.size());
      auto end = std::min(text.find_first_not_of(alphabet, begin), text.size());
      for (int i = 0; i < 2 && end < text.size() && text[end] == '='; ++i) ++end;
      out += text.substr(done, begin - done);
      out += replaced(text, begin, end - begin, rounds);
      done = end;
    }
    return out;
  }

  /// The text with what was put aside.
  std::string put_back(std::string_view text) const {
    std::string out;
    std::size_t done = 0;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, done)) {
      const auto end = text.find(']', at);
      const auto digits = end == std::string_view::npos ? end : text.find_first_not_of("0123456789", at + mark.size());
      out += text.substr(done, at - done);
      done = at + mark.size();
      if (digits != end || end == std::string_view::npos || end == done || end - done > 6) {
        out += mark;
        continue;
      }
      const auto number = std::stoul(std::string{text.substr(done, end - done)});
      out += number < aside_.size() ? aside_[number] : std::string{text.substr(at, end + 1 - at)};
      done = end + 1;
    }
    return out.append(text.substr(done));
  }

  static constexpr std::string_view mark = "[redacted:base64-";

  std::string replaced(std::string_view text, std::size_t begin, std::size_t size, int rounds) {
    const auto run = text.substr(begin, size);
    const auto bytes = size < shortest_run || rounds == 0 ? std::nullopt : decoded(run);
    if (!bytes || !is_text(*bytes)) return std::string{run};
    auto inside = Runs{redactor_, hosts_}.safe(*bytes, rounds - 1);
    if (inside == *bytes && !is_taken_for_secret(text, begin, size)) return std::string{run};
    if (inside == *bytes) inside = "[redacted:secret]";
    aside_.push_back(encoded(inside));
    return std::string{mark} + std::to_string(aside_.size() - 1) + "]";
  }

  /// Where it stands, the redactor would replace it.
  bool is_taken_for_secret(std::string_view text, std::size_t begin, std::size_t size) const {
    const auto before = text.substr(0, begin).rfind('\n');
    const auto line_begin = before == std::string_view::npos ? 0 : before + 1;
    const auto line = text.substr(line_begin, text.find('\n', begin) - line_begin);
    return redactor_.redact(line).find(text.substr(begin, size)) == std::string::npos;
  }

  const redact::Redactor& redactor_;
  const HiddenHosts* hosts_;
  std::vector<std::string> aside_;
};

/// Where the scalar of "key: scalar", "- scalar" or "- key: scalar" begins; the end of the line when it has none.
std::size_t scalar_begin(std::string_view line) {
  auto at = std::min(line.find_first_not_of(" "), line.size());
  while (line.substr(at).starts_with("- ")) at = std::min(line.find_first_not_of(" ", at + 1), line.size());
  if (line.substr(at).starts_with(redact::marker_begin)) return at;
  const auto colon = line.find(": ", at);
  return colon == std::string_view::npos ? line.size() : std::min(line.find_first_not_of(" ", colon + 1), line.size());
}

/// In single quotes, where only a quote means something.
std::string quoted(std::string_view scalar) {
  std::string out = "'";
  for (const char c : scalar) out += c == '\'' ? std::string{"''"} : std::string{c};
  return out + "'";
}

std::string with_quotes(std::string_view line) {
  const auto begin = scalar_begin(line);
  const auto scalar = line.substr(begin);
  if (redact::marker_size(scalar) == 0) return std::string{line};
  const auto end = std::min({scalar.find(" #"), scalar.find('\r'), scalar.size()});
  return std::string{line.substr(0, begin)} + quoted(scalar.substr(0, end)) + std::string{scalar.substr(end)};
}

}  // namespace

std::string redacted_yaml(std::string_view text, const redact::Redactor& redactor, const HiddenHosts* hosts) {
  const auto redacted = Runs{redactor, hosts}.safe(text, most_rounds);
  std::string out;
  std::string_view rest = redacted;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    out += with_quotes(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    out += '\n';
    rest.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace doctor::bundle
