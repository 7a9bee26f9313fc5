#include "formats/nginx_tree.hpp"

#include <algorithm>

namespace doctor::formats::nginx {

const NginxDirective& at(const NginxConfig& config, int index) {
  return config.directives.at(static_cast<std::size_t>(index));
}

const NginxDirective* find(const NginxConfig& config, int block, std::string_view name) {
  for (const int child : at(config, block).children)
    if (at(config, child).name == name) return &at(config, child);
  return nullptr;
}

std::vector<int> all(const NginxConfig& config, int block, std::string_view name) {
  std::vector<int> found;
  for (const int child : at(config, block).children)
    if (at(config, child).name == name) found.push_back(child);
  return found;
}

std::vector<int> scopes(const NginxConfig& config, int block) {
  std::vector<int> found;
  for (int current = block; current >= 0; current = at(config, current).parent) found.push_back(current);
  return found;
}

const NginxDirective* inherited(const NginxConfig& config, int block, std::string_view name) {
  for (const int scope : scopes(config, block))
    if (const auto* directive = find(config, scope, name)) return directive;
  return nullptr;
}

int http_block(const NginxConfig& config) {
  if (config.context != "main") return 0;
  const auto blocks = all(config, 0, "http");
  return blocks.empty() ? -1 : blocks.front();
}

Location location_of(const NginxDirective& directive) {
  using Kind = Location::Kind;
  const auto& words = directive.arguments;
  if (words.empty()) return {};
  const auto& first = words.front();
  if (words.size() == 2) {
    if (first == "=") return {Kind::exact, words[1]};
    if (first == "^~") return {Kind::prefix_only, words[1]};
    return {first == "~*" ? Kind::regex_caseless : Kind::regex, words[1]};
  }
  if (first.starts_with("=")) return {Kind::exact, first.substr(1)};
  if (first.starts_with("^~")) return {Kind::prefix_only, first.substr(2)};
  if (first.starts_with("~*")) return {Kind::regex_caseless, first.substr(2)};
  if (first.starts_with("~")) return {Kind::regex, first.substr(1)};
  return {first.starts_with("@") ? Kind::named : Kind::prefix, first};
}

namespace {

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::vector<Piece> pieces(std::string_view text) {
  std::vector<Piece> found;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto dollar = std::min(text.find('$', at), text.size());
    if (dollar > at) found.push_back({false, std::string{text.substr(at, dollar - at)}});
    if (dollar == text.size()) break;
    const bool brace = dollar + 1 < text.size() && text[dollar + 1] == '{';
    const auto start = dollar + (brace ? 2 : 1);
    auto end = start;
    while (end < text.size() && is_name_character(text[end])) ++end;
    found.push_back({true, std::string{text.substr(start, end - start)}});
    at = brace && end < text.size() && text[end] == '}' ? end + 1 : end;
  }
  return found;
}

}  // namespace doctor::formats::nginx
