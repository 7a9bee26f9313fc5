#include "bundle/selection.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::bundle {
namespace {

const std::vector<std::string>& sections() {
  static const std::vector<std::string> all{"answers", "config", "containers", "guides",
                                            "host",    "logs",   "report",     "support"};
  return all;
}

bool is_always_there(const std::string& section) {
  return section == "report" || section == "answers";
}

tl::expected<std::vector<std::string>, std::string> globs(const std::vector<std::string>& words, bool excludes) {
  std::vector<std::string> found;
  for (const auto& word : words) {
    const auto section = word.substr(0, word.find('/'));
    if (std::find(sections().begin(), sections().end(), section) == sections().end()) {
      const auto nearest = util::nearest(section, sections());
      return tl::unexpected{
          "there is no section '" + util::shown(section, 60) + "'" +
          (nearest.empty() ? ". Known: " + util::join(sections(), ", ") : ". Did you mean " + nearest + "?")};
    }
    if (excludes && is_always_there(section))
      return tl::unexpected{"a bundle without '" + section + "' could not be analysed, so it cannot be excluded"};
    found.push_back(word.find('/') == std::string::npos ? section + "/*" : word);
  }
  return found;
}

bool matches(const std::vector<std::string>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return util::glob_match(pattern, path); });
}

}  // namespace

tl::expected<Selection, std::string> Selection::of(const std::vector<std::string>& include,
                                                   const std::vector<std::string>& exclude) {
  Selection selection;
  auto included = globs(include, false);
  if (!included) return tl::unexpected{included.error()};
  auto excluded = globs(exclude, true);
  if (!excluded) return tl::unexpected{excluded.error()};
  selection.include_ = std::move(*included);
  selection.exclude_ = std::move(*excluded);
  return selection;
}

bool Selection::takes(const std::string& path) const {
  if (is_always_there(path.substr(0, path.find('/')))) return true;
  return (include_.empty() || matches(include_, path)) && !matches(exclude_, path);
}

}  // namespace doctor::bundle
