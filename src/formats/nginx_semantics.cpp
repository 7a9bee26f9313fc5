#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "formats/nginx_regex.hpp"
#include "formats/nginx_tree.hpp"
#include "util/text.hpp"

namespace doctor::formats::nginx {
namespace {

using Kind = Location::Kind;
using Problem = std::optional<ConfigProblem>;

// Variables of the modules that come with nginx; families by their beginning.
constexpr std::array<std::string_view, 9> families{"http_",         "arg_", "cookie_", "sent_http_", "upstream_",
                                                   "sent_trailer_", "ssl_", "geoip_",  "jwt_"};
constexpr std::array<std::string_view, 87> builtin{"ancient_browser",
                                                   "args",
                                                   "binary_remote_addr",
                                                   "body_bytes_sent",
                                                   "bytes_sent",
                                                   "connection",
                                                   "connection_requests",
                                                   "connection_time",
                                                   "connections_active",
                                                   "connections_reading",
                                                   "connections_waiting",
                                                   "connections_writing",
                                                   "content_length",
                                                   "content_type",
                                                   "date_gmt",
                                                   "date_local",
                                                   "document_root",
                                                   "document_uri",
                                                   "fastcgi_path_info",
                                                   "fastcgi_script_name",
                                                   "gzip_ratio",
                                                   "host",
                                                   "hostname",
                                                   "http2",
                                                   "http3",
                                                   "https",
                                                   "invalid_referer",
                                                   "is_args",
                                                   "is_request_port",
                                                   "limit_conn_status",
                                                   "limit_rate",
                                                   "limit_req_status",
                                                   "memcached_key",
                                                   "modern_browser",
                                                   "msec",
                                                   "msie",
                                                   "nginx_version",
                                                   "pid",
                                                   "pipe",
                                                   "proxy_add_x_forwarded_for",
                                                   "proxy_host",
                                                   "proxy_internal_body_length",
                                                   "proxy_internal_chunked",
                                                   "proxy_port",
                                                   "proxy_protocol_addr",
                                                   "proxy_protocol_port",
                                                   "proxy_protocol_server_addr",
                                                   "proxy_protocol_server_port",
                                                   "query_string",
                                                   "quic",
                                                   "realip_remote_addr",
                                                   "realip_remote_port",
                                                   "realpath_root",
                                                   "remote_addr",
                                                   "remote_port",
                                                   "remote_user",
                                                   "request",
                                                   "request_body",
                                                   "request_body_file",
                                                   "request_completion",
                                                   "request_filename",
                                                   "request_id",
                                                   "request_length",
                                                   "request_method",
                                                   "request_port",
                                                   "request_time",
                                                   "request_uri",
                                                   "scheme",
                                                   "secure_link",
                                                   "secure_link_expires",
                                                   "server_addr",
                                                   "server_name",
                                                   "server_port",
                                                   "server_protocol",
                                                   "slice_range",
                                                   "spdy",
                                                   "status",
                                                   "tcpinfo_rcv_space",
                                                   "tcpinfo_rtt",
                                                   "tcpinfo_rttvar",
                                                   "tcpinfo_snd_cwnd",
                                                   "time_iso8601",
                                                   "time_local",
                                                   "uid_got",
                                                   "uid_reset",
                                                   "uid_set",
                                                   "uri"};  // sorted

/// Names between "(?<" or "(?P<" or "(?'" and the closing character.
void add_captures(std::string_view pattern, std::set<std::string, std::less<>>& names) {
  for (std::size_t at = pattern.find("(?"); at != std::string_view::npos; at = pattern.find("(?", at + 2)) {
    auto start = at + 2;
    if (start < pattern.size() && pattern[start] == 'P') ++start;
    if (start >= pattern.size() || (pattern[start] != '<' && pattern[start] != '\'')) continue;
    const auto end = pattern.find_first_of(">'", start + 1);
    if (end != std::string_view::npos) names.emplace(pattern.substr(start + 1, end - start - 1));
  }
}

std::set<std::string, std::less<>> defined(const NginxConfig& config) {
  std::set<std::string, std::less<>> names;
  const auto add = [&](const std::string& word) {
    if (word.starts_with('$')) names.insert(word.substr(1));
  };
  for (const auto& directive : config.directives) {
    const auto& words = directive.arguments;
    if (words.empty()) continue;
    const auto& name = directive.name;
    if (name == "set" || name == "auth_request_set" || name.ends_with("_set") || name.ends_with("_var")) add(words[0]);
    if (name == "map" || name == "split_clients" || name == "geo") add(words.back());
    for (const auto& word : words) add_captures(word, names);
    const bool in_map = directive.parent > 0 && at(config, directive.parent).name == "map";
    if (in_map) add_captures(name, names);
  }
  return names;
}

/// Directives whose words nginx compiles while it reads them, so that an unknown variable stops it.
bool compiles_variables(const std::string& name) {
  static const std::set<std::string, std::less<>> names{
      "proxy_set_header", "proxy_pass", "return",     "set", "add_header",
      "proxy_redirect",   "root",       "access_log", "if",  "log_format"};
  return names.count(name) > 0;
}

class Judge {
 public:
  explicit Judge(const NginxConfig& config) : config_{config}, defined_{defined(config)} {
    opaque_ = !all(config, 0, "load_module").empty() || !config.unseen.empty();
    for (const auto& directive : config.directives)
      if (directive.name.find("_by_lua") != std::string::npos || directive.name.starts_with("js_")) opaque_ = true;
  }

  Problem run() {
    for (std::size_t i = 1; i < config_.directives.size(); ++i)
      if (auto problem = judge(static_cast<int>(i))) return problem;
    if (auto problem = judge_servers()) return problem;
    const bool complete = config_.context != "main" || !config_.unseen.empty();
    if (!complete && all(config_, 0, "events").empty())
      return ConfigProblem{{at(config_, 0).place.file, 0, 0}, "no \"events\" section in configuration"};
    return {};
  }

 private:
  static Problem wrong(const NginxDirective& directive, std::string reason) {
    return ConfigProblem{directive.place, std::move(reason)};
  }

  /// Blocks of stream, mail and unknown modules are not judged.
  bool in_http(int index) const {
    for (const int scope : scopes(config_, index)) {
      const auto& name = at(config_, scope).name;
      if (name == "stream" || name == "mail" || name == "map" || name == "types" || name == "geo") return false;
      if (name == "http") return true;
    }
    return config_.context != "main";
  }

  Problem judge(int index) {
    const auto& directive = at(config_, index);
    const auto& name = directive.name;
    if (directive.arguments.empty() || !in_http(index)) return {};
    if (name == "proxy_http_version" && directive.arguments[0] != "1.0" && directive.arguments[0] != "1.1" &&
        directive.arguments[0] != "2")
      return wrong(directive, "invalid value \"" + util::shown(directive.arguments[0], 40) + "\"");
    if (name == "location" && directive.block) return judge_location(index);
    if (name == "upstream" && directive.block) return judge_upstream(index);
    if (name == "rewrite" || (name == "return" && directive.arguments.size() == 1)) return judge_code(directive);
    if (auto problem = judge_variables(directive)) return problem;
    return name == "proxy_pass" ? judge_proxy_pass(index) : Problem{};
  }

  Problem judge_code(const NginxDirective& directive) const {
    const auto& words = directive.arguments;
    if (directive.name == "rewrite") {
      if (const auto bad = regex_problem(words[0]); !bad.empty()) return wrong(directive, bad);
      static constexpr std::array<std::string_view, 4> flags{"last", "break", "redirect", "permanent"};
      if (words.size() == 3 && std::find(flags.begin(), flags.end(), words[2]) == flags.end())
        return wrong(directive, "invalid parameter \"" + util::shown(words[2], 40) + "\"");
      return {};
    }
    const auto& word = words[0];
    const bool url = word.starts_with("http://") || word.starts_with("https://") || word.starts_with("$");
    const bool number = !word.empty() && word.size() <= 3 && word.find_first_not_of("0123456789") == std::string::npos;
    if (url || number) return judge_variables(directive);
    return wrong(directive, "invalid return code \"" + util::shown(word, 40) + "\"");
  }

  Problem judge_variables(const NginxDirective& directive) const {
    if (!compiles_variables(directive.name)) return {};
    for (const auto& word : directive.arguments)
      for (const auto& piece : pieces(word)) {
        if (!piece.variable) continue;
        if (piece.text.empty() && directive.name != "if") return wrong(directive, "invalid variable name");
        if (!known(piece.text)) return wrong(directive, "unknown \"" + util::shown(piece.text, 60) + "\" variable");
      }
    return {};
  }

  bool known(const std::string& name) const {
    const bool capture = name.size() <= 1 && (name.empty() || (name[0] >= '0' && name[0] <= '9'));
    if (opaque_ || capture || defined_.count(name) > 0 || std::binary_search(builtin.begin(), builtin.end(), name))
      return true;
    return std::any_of(families.begin(), families.end(),
                       [&](std::string_view family) { return name.starts_with(family); });
  }

  Problem judge_location(int index) {
    const auto& directive = at(config_, index);
    const auto own = location_of(directive);
    const auto& words = directive.arguments;
    static constexpr std::array<std::string_view, 4> modifiers{"=", "^~", "~", "~*"};
    if (words.size() == 2 && std::find(modifiers.begin(), modifiers.end(), words[0]) == modifiers.end())
      return wrong(directive, "invalid location modifier \"" + util::shown(words[0], 40) + "\"");
    const auto shown = util::shown(own.pattern, 60);
    if (own.kind == Kind::regex || own.kind == Kind::regex_caseless)
      if (const auto bad = regex_problem(own.pattern); !bad.empty()) return wrong(directive, bad);
    if (auto problem = judge_nesting(directive, own)) return problem;
    const bool regex = own.kind == Kind::regex || own.kind == Kind::regex_caseless;
    if (!regex && !seen_.emplace(directive.parent, group_of(own.kind) + own.pattern).second)
      return wrong(directive, "duplicate location \"" + shown + "\"");
    return {};
  }

  /// Locations of one group may not have the same pattern.
  static std::string group_of(Kind kind) { return kind == Kind::exact ? "=" : kind == Kind::named ? "@" : "^"; }

  Problem judge_nesting(const NginxDirective& directive, const Location& own) const {
    const auto& around = at(config_, directive.parent);
    if (around.name != "location") return {};
    const auto outer = location_of(around);
    const auto both = [&](const std::string& middle) {
      return wrong(directive, "location \"" + util::shown(own.pattern, 60) + "\" " + middle + " \"" +
                                  util::shown(outer.pattern, 60) + "\"");
    };
    if (outer.kind == Kind::exact) return both("cannot be inside the exact location");
    if (outer.kind == Kind::named) return both("cannot be inside the named location");
    if (own.kind == Kind::named)
      return wrong(directive,
                   "named location \"" + util::shown(own.pattern, 60) + "\" can be on the server level only");
    const bool regex = own.kind == Kind::regex || own.kind == Kind::regex_caseless;
    const bool outer_regex = outer.kind == Kind::regex || outer.kind == Kind::regex_caseless;
    if (!regex && !outer_regex && !own.pattern.starts_with(outer.pattern)) return both("is outside location");
    return {};
  }

  Problem judge_upstream(int index) {
    const auto& directive = at(config_, index);
    if (!seen_.emplace(directive.parent, "upstream " + directive.arguments[0]).second)
      return wrong(directive, "duplicate upstream \"" + util::shown(directive.arguments[0], 60) + "\"");
    return all(config_, index, "server").empty() && !opaque_ ? wrong(directive, "no servers are inside upstream")
                                                             : Problem{};
  }

  Problem judge_proxy_pass(int index) const {
    const auto& directive = at(config_, index);
    const auto& url = directive.arguments[0];
    if (url.find('$') != std::string::npos) return {};
    const auto lower = util::lower(url);
    const std::size_t scheme = lower.starts_with("http://") ? 7 : lower.starts_with("https://") ? 8 : 0;
    if (scheme == 0) return wrong(directive, "invalid URL prefix");
    const auto rest = url.substr(scheme);
    if (rest.empty() || rest.front() == '/')
      return wrong(directive, "no host in upstream \"" + util::shown(rest, 60) + "\"");
    if (rest.starts_with("unix:")) return {};
    const bool has_uri = rest.find('/') != std::string::npos;
    if (auto problem = judge_port(directive, rest.substr(0, rest.find('/')))) return problem;
    if (!has_uri) return {};
    const auto& around = at(config_, directive.parent);
    const auto kind = location_of(around).kind;
    const bool regex = kind == Kind::regex || kind == Kind::regex_caseless;
    if (around.name == "if" || around.name == "limit_except" || regex || kind == Kind::named)
      return wrong(directive,
                   "\"proxy_pass\" cannot have URI part in location given by regular expression, or inside named "
                   "location, or inside \"if\" statement, or inside \"limit_except\" block");
    return {};
  }

  static Problem judge_port(const NginxDirective& directive, const std::string& authority) {
    const auto colon = authority.rfind(':');
    if (colon == std::string::npos || authority.find(']', colon) != std::string::npos) return {};
    const auto port = authority.substr(colon + 1);
    const bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (digits && std::stoi(port) >= 1 && std::stoi(port) <= 65535) return {};
    return wrong(directive, "invalid port in upstream \"" + util::shown(authority, 60) + "\"");
  }

  Problem judge_servers() const {
    const int http = http_block(config_);
    if (http < 0 || config_.context == "server") return {};
    std::map<std::string, int> defaults;
    std::map<std::string, int> first;
    for (const int server : all(config_, http, "server")) {
      std::set<std::string> own;
      for (const int listen : all(config_, server, "listen")) {
        const auto& directive = at(config_, listen);
        const auto address = listen_address(directive.arguments[0]);
        if (!own.insert(address).second) return wrong(directive, "a duplicate listen " + util::shown(address, 60));
        first.emplace(address, server);
        const auto& words = directive.arguments;
        const bool is_default = std::any_of(words.begin(), words.end(), [](const std::string& word) {
          return word == "default_server" || word == "default";
        });
        if (is_default && !defaults.emplace(address, server).second)
          return wrong(directive, "a duplicate default server for " + util::shown(address, 60));
      }
    }
    return {};
  }

  static std::string listen_address(const std::string& text) {
    if (text.starts_with("unix:")) return text;
    if (text.find_first_not_of("0123456789") == std::string::npos) return "0.0.0.0:" + text;
    if (text.starts_with("*:")) return "0.0.0.0" + text.substr(1);
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    return has_port ? text : text + ":80";
  }

  const NginxConfig& config_;
  std::set<std::string, std::less<>> defined_;
  std::set<std::pair<int, std::string>> seen_;  ///< locations and upstreams of a block
  bool opaque_ = false;
};

}  // namespace

std::optional<ConfigProblem> semantic_problem(const NginxConfig& config) {
  return Judge{config}.run();
}

}  // namespace doctor::formats::nginx
