#include <charconv>
#include <filesystem>
#include <unordered_set>

#include "deployment/compose_internal.hpp"
#include "util/text.hpp"

namespace doctor::deployment::compose {

std::string absolute_path(const std::string& directory, const std::string& path) {
  const std::filesystem::path given{path};
  std::string result = (given.is_absolute() ? given : std::filesystem::path{directory} / given).lexically_normal();
  while (result.size() > 1 && result.back() == '/') result.pop_back();
  return result;
}

std::string directory_of(const std::string& path) {
  return std::filesystem::path{path}.parent_path().string();
}

bool is_remote(std::string_view path) {
  for (const std::string_view prefix :
       {"https://", "http://", "git://", "ssh://", "github.com/", "git@", "oci://", "docker.io/"}) {
    if (path.substr(0, prefix.size()) == prefix) return true;
  }
  return path.find("://") != std::string_view::npos || path.find(".git#") != std::string_view::npos ||
         (path.size() > 4 && path.substr(path.size() - 4) == ".git");
}

bool is_true(const YamlNode* node) {
  if (node == nullptr || !node->is_scalar()) return false;
  const std::string word = util::lower(node->text);
  return word == "true" || word == "1" || word == "t" || word == "y" || word == "yes" || word == "on";
}

std::string text_of(const YamlNode* node) {
  return node != nullptr && node->is_scalar() ? node->text : std::string{};
}

YamlNode keyed(const YamlNode& list, YamlKind kind) {
  YamlNode map = list.here(YamlKind::mapping);
  std::unordered_set<std::string> seen;
  for (const auto& item : list.items) {
    if (item.is_scalar() && seen.insert(item.text).second) {
      map.entries.push_back({item.text, item.here(kind), item.line, item.column});
    }
  }
  return map;
}

bool matches(const YamlPath& path, std::string_view pattern) {
  std::size_t start = 0;
  for (const auto& key : path) {
    if (start > pattern.size()) return false;
    const std::size_t end = std::min(pattern.find('.', start), pattern.size());
    const auto part = pattern.substr(start, end - start);
    if (part != "*" && part != key) return false;
    start = end + 1;
  }
  return start > pattern.size();
}

std::string normalised_project_name(std::string_view name) {
  std::string normalised;
  for (const char c : util::lower(name)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter || ((c == '_' || c == '-') && !normalised.empty())) normalised += c;
  }
  return normalised;
}

std::optional<PortRange> port_range(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<unsigned> {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value <= 65535 ? std::optional{value} : std::nullopt;
  };
  const std::size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  if (dash == std::string_view::npos) return first ? std::optional{PortRange{*first, *first}} : std::nullopt;
  const std::string_view rest = text.substr(dash + 1);
  const auto last = number(rest.substr(0, rest.find('-')));
  if (!first || !last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

}  // namespace doctor::deployment::compose
