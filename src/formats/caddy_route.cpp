#include <algorithm>
#include <cmath>

#include "doctor/format/caddy.hpp"
#include "util/text.hpp"

namespace doctor::formats {
namespace {

const CaddyDirective& at(const CaddyConfig& config, int index) {
  return config.directives.at(static_cast<std::size_t>(index));
}

std::uint64_t unit_of(const std::string& unit, bool& decimal) {
  static constexpr std::string_view letters = "kmgtp";
  decimal = unit.find("ib") == std::string::npos;
  if (unit.empty() || unit == "b") return 1;
  const auto power = letters.find(unit.front());
  const auto rest = unit.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib" && rest != "i")) return 0;
  if (rest == "i") decimal = false;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= decimal ? 1000 : 1024;
  return factor;
}

/// "/api/*" and "*.png" match what begins or ends so, anything else is the whole path.
bool matches_path(const std::string& pattern, const std::string& path) {
  return util::glob_match(util::lower(pattern), util::lower(path));
}

class Router {
 public:
  Router(const CaddyConfig& config, int site, std::string path, bool websocket)
      : config_{config}, site_{site}, path_{std::move(path)}, websocket_{websocket} {}

  CaddyRoute run() {
    route_.site = site_;
    route_.place = at(config_, site_).place;
    int block = site_;
    for (int depth = 0; block >= 0 && depth < 64; ++depth) block = through(block);
    route_.path = path_;
    return std::move(route_);
  }

 private:
  /// What a line is for: its matcher and the words behind it. The length of a path decides between several.
  struct Fit {
    bool fits = true;
    std::size_t length = 0;
    std::size_t words = 0;  ///< that the matcher takes
  };

  Fit fit(const CaddyDirective& directive) const {
    if (directive.arguments.empty()) return {};
    const auto& first = directive.arguments.front();
    if (first.starts_with("/")) return {matches_path(first, path_), first.size(), 1};
    if (first == "*") return {true, 0, 1};
    if (first.starts_with("@")) return {named(first), 1, 1};
    return {};
  }

  /// Only what depends on path and upgrade can be told; other conditions are taken as not met.
  bool named(const std::string& name) const {
    for (const int child : at(config_, site_).children) {
      const auto& one = at(config_, child);
      if (one.name != name) continue;
      if (!one.arguments.empty()) return holds(one.arguments.front(), {one.arguments.begin() + 1, one.arguments.end()});
      return std::all_of(one.children.begin(), one.children.end(),
                         [&](int index) { return holds(at(config_, index).name, at(config_, index).arguments); });
    }
    return false;
  }

  bool holds(const std::string& kind, const std::vector<std::string>& words) const {
    if (kind == "path")
      return std::any_of(words.begin(), words.end(), [&](const std::string& one) { return matches_path(one, path_); });
    if (kind != "header" || words.empty()) return false;
    const auto field = util::lower(words.front());
    return websocket_ && (field == "connection" || field == "upgrade");
  }

  /// Follows one block; the block to go on in, or -1.
  int through(int block) {
    int best = -1;
    int proxy = -1;
    std::size_t best_length = 0;
    std::size_t proxy_length = 0;
    for (const int child : at(config_, block).children) {
      const auto& one = at(config_, child);
      const auto how = fit(one);
      if (!how.fits) continue;
      note(one, how.words, child);
      const bool handler = one.name == "handle" || one.name == "handle_path" || one.name == "route";
      if (handler && (best < 0 || how.length > best_length)) {
        best = child;
        best_length = how.length;
      }
      if (one.name == "reverse_proxy" && (proxy < 0 || how.length > proxy_length)) {
        proxy = child;
        proxy_length = how.length;
      }
    }
    if (best < 0) {
      if (proxy >= 0) pass(proxy);
      return -1;
    }
    const auto& chosen = at(config_, best);
    if (chosen.name == "handle_path" && !chosen.arguments.empty()) strip(chosen.arguments.front());
    return best;
  }

  void note(const CaddyDirective& one, std::size_t skip, int index) {
    const auto& words = one.arguments;
    if (one.name == "basicauth" || one.name == "basic_auth") route_.auth_place = one.place;
    if (one.name == "respond" && words.size() > skip) route_.status = status_of(words.back());
    if (one.name == "redir") route_.status = 302;
    if (one.name == "uri" && words.size() > skip + 1 && words[skip] == "strip_prefix") strip(words[skip + 1]);
    if (one.name != "request_body") return;
    for (const int child : at(config_, index).children) {
      const auto& option = at(config_, child);
      if (option.name != "max_size" || option.arguments.empty()) continue;
      route_.body_limit = caddy_size(option.arguments.front());
      route_.body_limit_text = option.arguments.front();
      route_.body_limit_place = option.place;
    }
  }

  static int status_of(const std::string& word) {
    const bool number = word.size() == 3 && word.find_first_not_of("0123456789") == std::string::npos;
    return number ? std::stoi(word) : 200;
  }

  void strip(std::string prefix) {
    while (prefix.ends_with('*') || prefix.ends_with('/')) prefix.pop_back();
    if (!path_.starts_with(prefix)) return;
    path_ = path_.substr(prefix.size());
    if (!path_.starts_with('/')) path_ = "/" + path_;
  }

  void pass(int index) {
    const auto& proxy = at(config_, index);
    route_.passed = true;
    route_.place = proxy.place;
    for (std::size_t i = fit(proxy).words; i < proxy.arguments.size(); ++i) add_upstream(proxy.arguments[i]);
    for (const int child : proxy.children)
      if (at(config_, child).name == "to")
        for (const auto& word : at(config_, child).arguments) add_upstream(word);
  }

  void add_upstream(std::string text) {
    std::string port = "80";
    for (const auto* scheme : {"http://", "https://", "h2c://"})
      if (text.starts_with(scheme)) {
        if (std::string_view{scheme} == "https://") port = "443";
        text.erase(0, std::string_view{scheme}.size());
      }
    if (text.starts_with(":")) text.insert(0, "localhost");
    const auto colon = text.rfind(':');
    const bool has_port = colon != std::string::npos && text.find(']', colon) == std::string::npos;
    route_.upstreams.push_back(has_port ? text : text + ":" + port);
  }

  const CaddyConfig& config_;
  int site_;
  std::string path_;
  bool websocket_;
  CaddyRoute route_;
};

}  // namespace

std::optional<CaddySize> caddy_size(std::string_view text) {
  const auto lower = util::lower(text);
  const auto digits = std::min(lower.find_first_not_of("0123456789.,"), lower.size());
  auto number = lower.substr(0, digits);
  number.erase(std::remove(number.begin(), number.end(), ','), number.end());
  if (number.empty() || number.size() > 15 || std::count(number.begin(), number.end(), '.') > 1 || number == ".")
    return std::nullopt;
  CaddySize size;
  const auto unit = unit_of(util::trim(lower.substr(digits)), size.decimal);
  const auto value = std::stod(number) * static_cast<double>(unit);
  if (unit == 0 || !(value < 9e18)) return std::nullopt;
  size.bytes = static_cast<std::uint64_t>(value);
  return size;
}

CaddyRoute caddy_route(const CaddyConfig& config, int site, const std::string& path, bool websocket) {
  return Router{config, site, path, websocket}.run();
}

std::vector<std::string> caddy_hosts(const CaddyConfig& config, int site) {
  std::vector<std::string> hosts{at(config, site).name};
  const auto& more = at(config, site).arguments;
  hosts.insert(hosts.end(), more.begin(), more.end());
  for (auto& host : hosts) {
    if (const auto scheme = host.find("://"); scheme != std::string::npos) host.erase(0, scheme + 3);
    host = util::lower(host.substr(0, host.find_first_of(":/")));
  }
  return hosts;
}

}  // namespace doctor::formats
