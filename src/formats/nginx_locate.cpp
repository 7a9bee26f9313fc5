#include "formats/nginx_locate.hpp"

#include <algorithm>

#include "formats/nginx_regex.hpp"
#include "formats/nginx_tree.hpp"
#include "util/text.hpp"

namespace doctor::formats::nginx {
namespace {

using Kind = Location::Kind;

/// What the prefix and exact locations of one block say about a path.
struct Static {
  int location = -1;
  bool exact = false;
  bool redirect = false;  ///< "/ws" where only "/ws/" is passed on: nginx sends the client there
  bool no_regex = false;  ///< ^~
};

bool passes_on(const NginxConfig& config, int location) {
  return std::any_of(at(config, location).children.begin(), at(config, location).children.end(), [&](int child) {
    const auto& name = at(config, child).name;
    return name.ends_with("_pass") && name != "auth_basic_pass";
  });
}

Static find_static(const NginxConfig& config, int block, const std::string& path) {
  Static best;
  std::size_t length = 0;
  int slash = -1;
  for (const int index : all(config, block, "location")) {
    const auto location = location_of(at(config, index));
    const auto& pattern = location.pattern;
    if (location.kind == Kind::exact && pattern == path) return {index, true, false, false};
    const bool prefix = location.kind == Kind::prefix || location.kind == Kind::prefix_only;
    if (!prefix && location.kind != Kind::exact) continue;
    if (pattern.size() == path.size() + 1 && pattern.ends_with('/') && pattern.starts_with(path) &&
        passes_on(config, index))
      slash = index;
    if (!prefix || !path.starts_with(pattern) || (best.location >= 0 && pattern.size() <= length)) continue;
    best = {index, false, false, location.kind == Kind::prefix_only};
    length = pattern.size();
  }
  if (slash >= 0 && length < path.size()) return {slash, true, true, false};
  return best;
}

/// The first regular expression of a block that matches; -1: none.
int find_regex(const NginxConfig& config, int block, const std::string& path, Match& match) {
  for (const int index : all(config, block, "location")) {
    const auto location = location_of(at(config, index));
    if (location.kind != Kind::regex && location.kind != Kind::regex_caseless) continue;
    auto groups = regex_match(location.pattern, path, location.kind == Kind::regex_caseless);
    if (!groups) match.unknown = "the pattern " + util::shown(location.pattern, 60) + " is not understood";
    if (!groups || groups->empty()) continue;
    match.captures = std::move(*groups);
    return index;
  }
  return -1;
}

/// A block on the way down, and whether its regular expressions may still decide.
struct Level {
  int block = 0;
  bool no_regex = false;
};

}  // namespace

Match find_location(const NginxConfig& config, int server, const std::string& path) {
  Match match;
  int root = server;
  for (bool again = true; again;) {
    again = false;
    std::vector<Level> levels;
    for (int block = root; block >= 0;) {
      const auto found = find_static(config, block, path);
      if (found.location >= 0) match.location = found.location;
      match.redirect = found.redirect;
      if (found.exact) return match;
      levels.push_back({block, found.no_regex});
      block = found.location;
    }
    for (auto level = levels.rbegin(); level != levels.rend() && !again; ++level) {
      const int regex = level->no_regex ? -1 : find_regex(config, level->block, path, match);
      if (regex < 0) continue;
      match.location = regex;
      root = regex;
      again = true;
    }
  }
  return match;
}

int find_named(const NginxConfig& config, int server, const std::string& name) {
  for (const int index : all(config, server, "location")) {
    const auto location = location_of(at(config, index));
    if (location.kind == Kind::named && location.pattern == name) return index;
  }
  return -1;
}

}  // namespace doctor::formats::nginx
