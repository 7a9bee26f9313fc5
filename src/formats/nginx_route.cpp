#include <algorithm>
#include <map>

#include "doctor/format/nginx.hpp"
#include "formats/nginx_access.hpp"
#include "formats/nginx_locate.hpp"
#include "formats/nginx_regex.hpp"
#include "formats/nginx_tree.hpp"
#include "util/text.hpp"

// What becomes of a request: the rewrite phases, the location, and the settings in force there.

namespace doctor::formats {
namespace {

using nginx::at;

constexpr int most_rounds = 10;  // nginx gives up after ten internal redirects too

class Router {
 public:
  Router(const NginxConfig& config, int server, const std::string& host, std::string path)
      : config_{config}, server_{server}, host_{host}, asked_{path}, path_{std::move(path)} {}

  NginxRoute run() {
    route_.server = server_;
    route_.place = at(config_, server_).place;
    if (rewrite(server_)) find();
    settings();
    return std::move(route_);
  }

 private:
  int scope() const { return route_.location >= 0 ? route_.location : server_; }

  // The location

  void find() {
    for (int round = 0; round < most_rounds; ++round) {
      auto match = nginx::find_location(config_, server_, path_);
      if (!match.unknown.empty()) route_.unknown = match.unknown;
      captures_ = std::move(match.captures);
      enter(match.location);
      if (match.redirect) return redirect(301, path_ + "/");
      if (route_.location < 0) return;
      again_ = rewritten_ = false;
      if (!rewrite(route_.location)) return;
      if (!again_) return pass_on();
    }
    route_.status = 500;  // "rewrite or internal redirection cycle"
  }

  void enter(int location) {
    route_.location = location;
    if (location >= 0) route_.place = at(config_, location).place;
  }

  void redirect(int status, const std::string& where) {
    route_.status = status;
    route_.redirect = where;
  }

  // rewrite, return, set. `if` depends on the request and is passed over, but for what every request does.

  /// False: the request is answered.
  bool rewrite(int block) {
    for (const int child : at(config_, block).children) {
      const auto& directive = at(config_, child);
      if (directive.name == "break") return true;
      if (directive.name == "set" && directive.arguments.size() == 2 && directive.arguments[0].size() > 1)
        variables_[directive.arguments[0].substr(1)] = try_expand(directive.arguments[1]);
      if (directive.name == "return") return answer(directive);
      if (directive.name != "rewrite" || directive.arguments.size() < 2) continue;
      if (!apply(directive)) return false;
      if (stop_) break;
    }
    stop_ = false;
    return true;
  }

  bool answer(const NginxDirective& directive) {
    const auto& words = directive.arguments;
    const bool number = words[0].find_first_not_of("0123456789") == std::string::npos && words[0].size() <= 3;
    const auto code = number ? std::stoi(words[0]) : 302;
    const auto where = words.size() > 1 ? words[1] : number ? std::string{} : words[0];
    if (code >= 300 && code < 400)
      redirect(code, expand(where));
    else
      route_.status = code;
    return false;
  }

  bool apply(const NginxDirective& directive) {
    const auto& words = directive.arguments;
    auto groups = nginx::regex_match(words[0], path_, false);
    if (!groups) route_.unknown = "the pattern " + util::shown(words[0], 60) + " is not understood";
    if (!groups || groups->empty()) return true;
    captures_ = std::move(*groups);
    const auto replacement = expand(words[1]);
    const auto flag = words.size() > 2 ? words[2] : std::string{};
    const bool absolute =
        replacement.starts_with("http://") || replacement.starts_with("https://") || words[1].starts_with("$scheme");
    if (absolute || flag == "redirect" || flag == "permanent") {
      redirect(flag == "permanent" ? 301 : 302, replacement);
      return false;
    }
    path_ = replacement.substr(0, replacement.find('?'));
    rewritten_ = true;
    stop_ = !flag.empty();
    again_ = flag != "break";
    return true;
  }

  // Variables, as far as the request decides them

  std::optional<std::string> value_of(const std::string& name) const {
    if (name.size() == 1 && name[0] >= '0' && name[0] <= '9') {
      const auto index = static_cast<std::size_t>(name[0] - '0');
      return index < captures_.size() ? captures_[index] : std::string{};
    }
    if (const auto set = variables_.find(name); set != variables_.end()) return set->second;
    if (name == "uri" || name == "document_uri") return path_;
    if (name == "request_uri") return asked_;
    if (name == "host" || name == "http_host" || name == "server_name") return host_;
    if (name == "is_args" || name == "args" || name == "query_string") return std::string{};
    if (name == "http_upgrade") return std::string{upgrades_ ? "websocket" : ""};
    if (name == "http_connection") return std::string{upgrades_ ? "Upgrade" : "keep-alive"};
    if (name == "request_method") return std::string{"GET"};
    return of_map(name);
  }

  std::optional<std::string> of_map(const std::string& name) const {
    const int http = nginx::http_block(config_);
    if (http < 0) return std::nullopt;
    for (const int map : nginx::all(config_, http, "map")) {
      const auto& words = at(config_, map).arguments;
      if (words.size() != 2 || words[1] != "$" + name || depth_ > 3) continue;
      ++depth_;
      const auto source = try_expand(words[0]);
      --depth_;
      return source ? look_up(map, *source) : std::nullopt;
    }
    return std::nullopt;
  }

  /// An exact key, else the first regular expression, else the default.
  std::optional<std::string> look_up(int map, const std::string& source) const {
    std::string fallback;
    const NginxDirective* pattern = nullptr;
    for (const int child : at(config_, map).children) {
      const auto& entry = at(config_, child);
      if (entry.arguments.empty()) continue;
      auto key = entry.name;
      if (key.starts_with("\\")) key.erase(0, 1);
      if (entry.name == "default") fallback = entry.arguments[0];
      if (util::lower(key) == util::lower(source) && entry.name != "default") return try_expand(entry.arguments[0]);
      if (pattern != nullptr || !key.starts_with("~")) continue;
      const bool caseless = key.starts_with("~*");
      const auto groups = nginx::regex_match(key.substr(caseless ? 2 : 1), source, caseless);
      if (groups && !groups->empty()) pattern = &entry;
    }
    return try_expand(pattern != nullptr ? pattern->arguments[0] : fallback);
  }

  std::optional<std::string> try_expand(const std::string& text) const {
    std::string result;
    for (const auto& piece : nginx::pieces(text)) {
      const auto value = piece.variable ? value_of(piece.text) : piece.text;
      if (!value) return std::nullopt;
      result += *value;
    }
    return result;
  }

  /// What is not known stays as written.
  std::string expand(const std::string& text) const {
    std::string result;
    for (const auto& piece : nginx::pieces(text)) {
      const auto value = piece.variable ? value_of(piece.text) : piece.text;
      result += value ? *value : "$" + piece.text;
    }
    return result;
  }

  // Who gets the request

  void pass_on() {
    const auto* pass = nginx::find(config_, route_.location, "proxy_pass");
    if (pass == nullptr) return try_files();
    set_target(*pass);
  }

  /// The files that try_files looks for are not those of an application: its last word is what happens.
  void try_files() {
    const auto* directive = nginx::inherited(config_, route_.location, "try_files");
    if (directive == nullptr || directive->arguments.empty()) return;
    const auto& last = directive->arguments.back();
    if (last.starts_with("=")) {
      route_.status =
          last.size() <= 4 && last.find_first_not_of("0123456789", 1) == std::string::npos && last.size() > 1
              ? std::stoi(last.substr(1))
              : 404;
      return;
    }
    if (!last.starts_with("@")) return;
    const int named = nginx::find_named(config_, server_, last);
    if (named < 0) return;
    enter(named);
    if (!rewrite(named)) return;
    if (const auto* pass = nginx::find(config_, named, "proxy_pass")) set_target(*pass);
  }

  void set_target(const NginxDirective& pass) {
    route_.target = pass.arguments.front();
    route_.target_place = pass.place;
    const bool variables = route_.target.find('$') != std::string::npos;
    const auto url = try_expand(route_.target);
    if (!url) {
      route_.unknown = "proxy_pass " + util::shown(route_.target, 60) + " is known only to the running nginx";
      return;
    }
    const auto scheme_end = url->find("://");
    if (scheme_end == std::string::npos) return;
    route_.scheme = util::lower(url->substr(0, scheme_end));
    const auto rest = url->substr(scheme_end + 3);
    const auto slash = std::min(rest.find('/'), rest.size());
    set_upstreams(rest.substr(0, slash), pass.place);
    set_path(rest.substr(slash), variables);
  }

  void set_upstreams(const std::string& authority, const Place& place) {
    const int http = nginx::http_block(config_);
    for (const int upstream : http < 0 ? std::vector<int>{} : nginx::all(config_, http, "upstream")) {
      if (at(config_, upstream).arguments != std::vector<std::string>{authority}) continue;
      for (const int server : nginx::all(config_, upstream, "server")) {
        route_.upstreams.push_back(with_port(at(config_, server).arguments.front(), "80"));
        route_.upstream_places.push_back(at(config_, server).place);
      }
      upstream_ = upstream;
      return;
    }
    route_.upstreams.push_back(with_port(authority, route_.scheme == "https" ? "443" : "80"));
    route_.upstream_places.push_back(place);
  }

  static std::string with_port(const std::string& authority, const std::string& port) {
    const auto colon = authority.rfind(':');
    const bool has = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
    return has || authority.starts_with("unix:") ? authority : authority + ":" + port;
  }

  /// With a URI part the matched prefix is replaced by it, without one the path stays; with variables the URI part is
  /// all that arrives.
  void set_path(const std::string& uri, bool variables) {
    const auto location = nginx::location_of(at(config_, route_.location));
    const bool prefix = location.kind != nginx::Location::Kind::regex &&
                        location.kind != nginx::Location::Kind::regex_caseless &&
                        location.kind != nginx::Location::Kind::named;
    if (uri.empty() || (rewritten_ && !variables))
      route_.path = path_;
    else if (variables || !prefix)
      route_.path = uri.substr(0, uri.find('?'));
    else
      route_.path = uri + path_.substr(std::min(location.pattern.size(), path_.size()));
  }

  // Settings in force

  template <class T, class Read>
  void set(NginxValue<T>& value, std::string_view name, Read read) const {
    const auto* directive = nginx::inherited(config_, scope(), name);
    if (directive == nullptr || directive->arguments.empty()) return;
    if (auto found = read(directive->arguments.front())) value = {static_cast<T>(*found), directive->place};
  }

  void settings() {
    const auto flag = [](const std::string& text) { return std::optional<bool>{util::lower(text) != "off"}; };
    const auto word = [](const std::string& text) { return std::optional<std::string>{text}; };
    set(route_.http_version, "proxy_http_version", word);
    set(route_.read_timeout, "proxy_read_timeout", nginx_time);
    set(route_.send_timeout, "proxy_send_timeout", nginx_time);
    set(route_.body_limit, "client_max_body_size", nginx_size);
    set(route_.buffering, "proxy_buffering", flag);
    set(route_.request_buffering, "proxy_request_buffering", flag);
    set(route_.auth_basic, "auth_basic", word);
    if (route_.auth_basic.value == "off") route_.auth_basic.value.clear();
    route_.guarded = nginx::guarded(config_, scope());
    headers();
  }

  /// The innermost block with any proxy_set_header has all of them.
  void headers() {
    std::string upgrade;
    std::string connection = "close";
    std::string plain = "close";  // what a request without an upgrade gets
    for (const int block : nginx::scopes(config_, scope())) {
      const auto own = nginx::all(config_, block, "proxy_set_header");
      for (const int index : own) {
        const auto& words = at(config_, index).arguments;
        const auto name = util::lower(words[0]);
        route_.request_headers.push_back(name);
        if (name == "upgrade") upgrade = try_expand(words[1]).value_or("");
        if (name != "connection") continue;
        connection = try_expand(words[1]).value_or("");
        plain = without_upgrade(words[1]).value_or("close");
      }
      if (!own.empty()) break;
    }
    route_.upgrade = util::lower(upgrade) == "websocket" && has_token(util::lower(connection), "upgrade");
    if (!has_token(util::lower(plain), "close")) reuse();
  }

  std::optional<std::string> without_upgrade(const std::string& text) const {
    upgrades_ = false;
    auto value = try_expand(text);
    upgrades_ = true;
    return value;
  }

  /// Connections are kept only when the upstream block says so, and HTTP/1.1 is spoken (ngx_http_upstream_module).
  void reuse() {
    const auto* keep = upstream_ < 0 ? nullptr : nginx::find(config_, upstream_, "keepalive");
    if (keep == nullptr || keep->arguments.empty() || route_.http_version.value == "1.0") return;
    constexpr std::chrono::seconds by_default{60};
    const auto* limit = nginx::find(config_, upstream_, "keepalive_timeout");
    const auto time = limit == nullptr || limit->arguments.empty() ? std::nullopt : nginx_time(limit->arguments[0]);
    route_.reuse = {time.value_or(by_default), limit != nullptr ? limit->place : keep->place};
  }

  static bool has_token(const std::string& list, const std::string& token) {
    const auto tokens = util::split(list, ',');
    return std::any_of(tokens.begin(), tokens.end(), [&](const std::string& one) { return util::trim(one) == token; });
  }

  const NginxConfig& config_;
  int server_;
  std::string host_;
  std::string asked_;
  std::string path_;
  std::map<std::string, std::optional<std::string>> variables_;  ///< of `set`
  std::vector<std::string> captures_;
  NginxRoute route_;
  bool rewritten_ = false;
  bool stop_ = false;
  bool again_ = false;
  int upstream_ = -1;  ///< the upstream block that is passed on to
  mutable bool upgrades_ = true;
  mutable int depth_ = 0;
};

}  // namespace

NginxRoute nginx_route(const NginxConfig& config, int server, const std::string& host, const std::string& path) {
  return Router{config, server, host, path}.run();
}

}  // namespace doctor::formats
