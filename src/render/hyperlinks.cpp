#include "render/hyperlinks.hpp"

#include <algorithm>

namespace doctor::render {
namespace {

constexpr char escape = '\x1b';

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_of_name(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view{"._-/~"}.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80;
}

/// A source is told as its path; others are "3 containers", "--url".
bool is_file(std::string_view source) {
  return !source.empty() && !source.starts_with("--") && std::all_of(source.begin(), source.end(), is_of_name) &&
         source.find_first_of("./") != std::string_view::npos;
}

/// RFC 3986, section 2: what is neither unreserved nor a slash is encoded.
std::string encoded(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_of_name(c) && byte < 0x80) {
      text += c;
    } else {
      text += '%';
      text += digits[byte >> 4U];
      text += digits[byte & 15U];
    }
  }
  return text;
}

/// The end of the escape sequence (ECMA-48, 5.4) at `begin`, behind its last character.
std::size_t end_of_escape(std::string_view line, std::size_t begin) {
  const auto last = std::find_if(line.begin() + static_cast<std::ptrdiff_t>(std::min(begin + 2, line.size())),
                                 line.end(), [](char c) { return c >= '@' && c <= '~'; });
  return last == line.end() ? line.size() : static_cast<std::size_t>(last - line.begin()) + 1;
}

/// Behind ":12" at `begin`, else `begin`.
std::size_t end_of_number(std::string_view line, std::size_t begin) {
  auto end = begin + 1;
  while (end < line.size() && is_digit(line[end])) ++end;
  return begin < line.size() && line[begin] == ':' && end > begin + 1 ? end : begin;
}

/// Whether a name may end before `at`: a full stop belongs to the sentence when nothing of a name follows.
bool ends(std::string_view line, std::size_t at) {
  if (at < line.size() && line[at] == '.') ++at;
  return at >= line.size() || !is_of_name(line[at]);
}

}  // namespace

Hyperlinks::Hyperlinks(const std::string& host, const std::string& directory, const std::vector<std::string>& sources) {
  for (const auto& source : sources) {
    if (!is_file(source)) continue;
    const auto path = source.starts_with('/') ? source : directory + "/" + source;
    links_.push_back({source, "file://" + encoded(host) + encoded(path)});
  }
  std::stable_sort(links_.begin(), links_.end(),
                   [](const Link& a, const Link& b) { return a.name.size() > b.name.size(); });
}

const Hyperlinks::Link* Hyperlinks::at(std::string_view line, std::size_t begin) const {
  for (const auto& link : links_)
    if (line.substr(begin).starts_with(link.name) && ends(line, begin + link.name.size())) return &link;
  return nullptr;
}

std::string Hyperlinks::linked(std::string_view line) const {
  if (links_.empty()) return std::string{line};
  std::string text;
  bool inside = false;  // of a word
  for (std::size_t i = 0; i < line.size();) {
    auto end = i + 1;
    if (line[i] == escape) {
      end = end_of_escape(line, i);
      inside = false;
      text += line.substr(i, end - i);
    } else if (const auto* link = inside ? nullptr : at(line, i); link != nullptr) {
      end = end_of_number(line, i + link->name.size());
      text += "\x1b]8;;" + link->target + "\x1b\\";
      text += line.substr(i, end - i);
      text += "\x1b]8;;\x1b\\";
      inside = false;
    } else {
      inside = is_of_name(line[i]);
      text += line[i];
    }
    i = end;
  }
  return text;
}

}  // namespace doctor::render
