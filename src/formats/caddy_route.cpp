#include <algorithm>
#include <cmath>

#include "doctor/format/caddy.hpp"
#include "formats/go_duration.hpp"
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

enum class Holds { yes, no, unknown };

Holds negated(Holds one) {
  if (one == Holds::unknown) return one;
  return one == Holds::yes ? Holds::no : Holds::yes;
}

/// That it fits means that a client gets no further.
bool refuses(const CaddyDirective& directive) {
  return directive.name == "respond" || directive.name == "abort" || directive.name == "error";
}

bool is_login(const CaddyDirective& directive) {
  return directive.name == "basicauth" || directive.name == "basic_auth" || directive.name == "forward_auth";
}

class Router {
 public:
  Router(const CaddyConfig& config, int site, std::string path, bool websocket)
      : config_{config}, site_{site}, path_{std::move(path)}, websocket_{websocket} {}

  CaddyRoute run() {
    route_.site = site_;
    route_.place = at(config_, site_).place;
    route_.guarded = is_local();
    int block = site_;
    for (int depth = 0; block >= 0 && depth < 64; ++depth) block = through(block);
    route_.path = path_;
    return std::move(route_);
  }

 private:
  /// What a line is for: its matcher and the words behind it. The length of a path decides between several.
  struct Fit {
    Holds holds = Holds::yes;
    std::size_t length = 0;
    std::size_t words = 0;  ///< that the matcher takes
    bool fits() const { return holds == Holds::yes; }
  };

  Fit fit(const CaddyDirective& directive) const {
    if (directive.arguments.empty()) return {};
    const auto& first = directive.arguments.front();
    if (first.starts_with("/")) return {matches_path(first, path_) ? Holds::yes : Holds::no, first.size(), 1};
    if (first == "*") return {Holds::yes, 0, 1};
    if (first.starts_with("@")) return {named(first), 1, 1};
    return {};
  }

  /// Only what depends on path and upgrade can be told; other conditions are taken as not met.
  Holds named(const std::string& name) const {
    for (const int child : at(config_, site_).children) {
      const auto& one = at(config_, child);
      if (one.name != name) continue;
      if (!one.arguments.empty()) return holds(one.arguments);
      return all(one.children);
    }
    return Holds::unknown;
  }

  Holds all(const std::vector<int>& conditions) const {
    auto result = Holds::yes;
    for (const int index : conditions) {
      const auto& one = at(config_, index);
      const auto how = one.name == "not" && one.arguments.empty() ? negated(all(one.children)) : holds(words_of(one));
      if (how == Holds::no) return how;
      if (how == Holds::unknown) result = how;
    }
    return result;
  }

  static std::vector<std::string> words_of(const CaddyDirective& directive) {
    std::vector<std::string> words{directive.name};
    words.insert(words.end(), directive.arguments.begin(), directive.arguments.end());
    return words;
  }

  /// A condition in one line: "path /a /b", "not path /a".
  Holds holds(std::vector<std::string> words) const {
    bool inverse = false;
    for (; !words.empty() && words.front() == "not"; words.erase(words.begin())) inverse = !inverse;
    const auto how = words.empty() ? Holds::unknown : holds_plain(words);
    return inverse ? negated(how) : how;
  }

  Holds holds_plain(const std::vector<std::string>& words) const {
    if (words[0] == "path")
      return std::any_of(words.begin() + 1, words.end(),
                         [&](const std::string& one) { return matches_path(one, path_); })
                 ? Holds::yes
                 : Holds::no;
    if (words[0] != "header" || words.size() < 2) return Holds::unknown;
    const auto field = util::lower(words[1]);
    if (field != "connection" && field != "upgrade") return Holds::unknown;
    return websocket_ ? Holds::yes : Holds::no;
  }

  /// The site can be reached on this machine only.
  bool is_local() const {
    const auto loopback = [](const std::string& host) {
      return host == "localhost" || host == "::1" || host.starts_with("127.");
    };
    const auto hosts = caddy_hosts(config_, site_);
    if (!hosts.empty() && std::all_of(hosts.begin(), hosts.end(), loopback)) return true;
    for (const int child : at(config_, site_).children) {
      const auto& one = at(config_, child);
      if (one.name != "bind" || one.arguments.empty()) continue;
      return std::all_of(one.arguments.begin(), one.arguments.end(),
                         [&](const std::string& host) { return loopback(host) || host.starts_with("unix/"); });
    }
    return false;
  }

  /// Follows one block; the block to go on in, or -1.
  int through(int block) {
    int best = -1;
    int proxy = -1;
    std::size_t best_length = 0;
    std::size_t proxy_length = 0;
    bool answered = false;
    const bool in_order = at(config_, block).name == "route";
    for (const int child : at(config_, block).children) {
      const auto& one = at(config_, child);
      const auto how = fit(one);
      if (how.holds != Holds::no && (is_login(one) || (refuses(one) && !how.fits()))) route_.guarded = true;
      if (!how.fits()) continue;
      answered = answered || (refuses(one) && (!in_order || proxy < 0));
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
      if (proxy >= 0 && !answered) pass(proxy);
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
    for (const int child : proxy.children) option(at(config_, child));
  }

  /// An answer is sent on at once unless it is told to be collected; none has to come within a time of its own.
  void option(const CaddyDirective& one) {
    const auto first = one.arguments.empty() ? std::string{} : one.arguments.front();
    if (one.name == "buffer_responses" || (one.name == "response_buffers" && first != "0")) {
      route_.buffered = true;
      route_.buffered_place = one.place;
    }
    if (one.name != "transport") return;
    for (const int child : one.children) {
      const auto& setting = at(config_, child);
      const bool wait = setting.name == "response_header_timeout" || setting.name == "read_timeout";
      if (wait && !setting.arguments.empty()) shorten(setting);
    }
  }

  void shorten(const CaddyDirective& setting) {
    const auto time = go_duration(setting.arguments.front(), 0);
    const auto known = route_.answer_timeout;
    if (!time || time->count() == 0 || (known.count() > 0 && known <= *time)) return;
    route_.answer_timeout = *time;
    route_.timeout_place = setting.place;
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
