#include "render/markdown_text.hpp"

#include <algorithm>

#include "render/blocks.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The longest run of backticks.
std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// ":name:", which becomes an emoji. A time of day does not.
bool has_emoji(std::string_view word) {
  if (word.find_first_not_of("0123456789:.,;") == std::string_view::npos) return false;
  const auto first = word.find(':');
  return first != std::string_view::npos && first + 1 < word.size() && word.find(':', first + 2) != std::string::npos;
}

/// Whether a forge makes something of the word: an address, a mention (@a), a reference (#1, !1, GH-1 and their like).
bool is_live(std::string_view word) {
  if (word.find('@') != std::string_view::npos || word.find("://") != std::string_view::npos) return true;
  const auto lower = util::lower(word);
  if (lower.find("www.") != std::string::npos || lower.find("gh-") != std::string::npos) return true;
  for (std::size_t i = 0; i + 1 < word.size(); ++i)
    if (std::string_view{"#!~%&$^"}.find(word[i]) != std::string_view::npos && is_word(word[i + 1])) return true;
  return has_emoji(word);
}

/// A mark at the beginning of a line: heading, list, quotation, rule, or a command of GitLab.
bool begins_block(std::string_view line) {
  if (line.empty()) return false;
  if (std::string_view{"#+->=/:"}.find(line.front()) != std::string_view::npos) return true;
  const auto digits = static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_digit) - line.begin());
  return digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')');
}

std::string escaped(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool inside = i > 0 && i + 1 < word.size() && is_word(word[i - 1]) && is_word(word[i + 1]);
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '_' && inside)  // no emphasis begins within a word
      out += c;
    else if (std::string_view{"\\`*_[]|~$"}.find(c) != std::string_view::npos)
      out += std::string{'\\'} + c;
    else
      out += c;
  }
  return out;
}

/// With `at_start` where the text may be the first on its line.
std::string words(std::string_view text, bool at_start) {
  std::vector<std::string> parts;
  for (const auto& word : util::split(text, ' ')) parts.push_back(is_live(word) ? markdown_code(word) : escaped(word));
  auto out = util::join(parts, " ");
  if (!at_start || !begins_block(out)) return out;
  const auto digits = static_cast<std::size_t>(std::find_if_not(out.begin(), out.end(), is_digit) - out.begin());
  return out.insert(digits, "\\");
}

std::string line(std::string_view text) {
  std::string out;
  for (const auto& span : spans(text)) {
    if (span.kind == Span::Kind::code)
      out += markdown_code(span.text);
    else if (span.kind == Span::Kind::strong)
      out += "**" + words(util::shown(span.text, std::string_view::npos), false) + "**";
    else
      out += words(util::shown(span.text, std::string_view::npos), out.empty());
  }
  return out;
}

}  // namespace

std::string markdown_text(std::string_view text) {
  return words(util::shown(text, std::string_view::npos), false);
}

std::string markdown_paragraph(std::string_view text) {
  return words(util::shown(text, std::string_view::npos), true);
}

std::string markdown_code(std::string_view text) {
  if (text.empty()) return {};
  const auto content = util::shown(text, std::string_view::npos);
  const std::string ticks(longest_run(content) + 1, '`');
  const bool padded = content.front() == '`' || content.back() == '`' || content.front() == ' ';
  const std::string pad{padded ? " " : ""};
  return ticks + pad + content + pad + ticks;
}

std::string markdown_fence(std::string_view lines, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_run(lines) + 1), '`');
  return fence + std::string{language} + "\n" + util::shown_lines(lines) + "\n" + fence + "\n";
}

std::string markdown_prose(std::string_view markdown) {
  std::string out;
  bool in_list = false;
  for (const auto& block : blocks(markdown)) {
    const bool item = block.kind == Block::Kind::item;
    if (!out.empty() && !(item && in_list)) out += '\n';
    in_list = item;
    if (block.kind == Block::Kind::code)
      out += markdown_fence(block.text, "");
    else
      out += block.marker + line(block.text) + "\n";
  }
  return out;
}

}  // namespace doctor::render
