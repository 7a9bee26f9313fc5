#include "guides/placeholder.hpp"

#include <algorithm>

namespace doctor::guides {
namespace {

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz_0123456789";

/// Length of the `{name}` that `text` begins with, or 0.
std::size_t placeholder_length(std::string_view text) {
  if (!text.starts_with('{')) return 0;
  const auto end = text.find_first_not_of(name_characters, 1);
  return end != std::string_view::npos && end > 1 && text[end] == '}' ? end + 1 : 0;
}

bool is_go_template(std::string_view after_braces) {
  for (const std::string_view start : {".", " .", "json ", "range ", "if ", "end", "with "})
    if (after_braces.starts_with(start)) return true;
  return false;
}

}  // namespace

std::vector<Piece> pieces(std::string_view text) {
  std::vector<Piece> out;
  std::string literal;
  while (!text.empty()) {
    if (text.starts_with("{{") || text.starts_with("}}")) {
      literal += text.front();
      text.remove_prefix(2);
    } else if (const auto length = placeholder_length(text); length > 0) {
      if (!literal.empty()) out.push_back({std::move(literal), false});
      literal.clear();
      out.push_back({std::string{text.substr(1, length - 2)}, true});
      text.remove_prefix(length);
    } else {
      literal += text.front();
      text.remove_prefix(1);
    }
  }
  if (!literal.empty()) out.push_back({std::move(literal), false});
  return out;
}

std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> names;
  for (auto& piece : pieces(text))
    if (piece.is_name) names.push_back(std::move(piece.text));
  return names;
}

BraceMistake brace_mistake(std::string_view text) {
  int line = 1;
  int opened = 0;
  while (!text.empty()) {
    if (text.starts_with("{{")) {
      const auto run = std::min(text.find_first_not_of('{'), text.size());
      if (run == 2 && is_go_template(text.substr(run)))
        return {line, "a Go template needs its braces doubled: {{{{.Name}}}}"};
      opened += static_cast<int>(run / 2);
      text.remove_prefix(run - run % 2);
    } else if (text.starts_with("}}")) {
      if (--opened < 0)
        return {line, "}} prints one brace; double both sides ({{ and }}) to print two, or put a blank between"};
      text.remove_prefix(2);
    } else if (const auto length = placeholder_length(text); length > 0) {
      text.remove_prefix(length);
    } else {
      if (text.front() == '\n') ++line;
      text.remove_prefix(1);
    }
  }
  return {};
}

const std::vector<std::string>& fixed_placeholders() {
  static const std::vector<std::string> names{"project",      "service",       "container", "env_file",
                                              "compose_file", "override_file", "directory", "public_url"};
  return names;
}

}  // namespace doctor::guides
