#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/format/config_files.hpp"

/// The configuration of nginx, read as nginx reads it: ngx_conf_file.c for the text, the documentation of each
/// directive for contexts, and ngx_http_core_module for what is inherited and which location answers.
namespace doctor::formats {

struct NginxDirective {
  std::string name;  ///< as written; empty for the root
  std::vector<std::string> arguments;
  Place place;
  int parent = -1;            ///< index of the block that it stands in
  std::vector<int> children;  ///< of a block, in order, includes resolved
  bool block = false;
};

struct NginxConfig {
  std::vector<NginxDirective> directives;  ///< the first is the root
  std::optional<ConfigProblem> refused;    ///< nginx would not start with this, and why, in its words
  std::vector<ConfigProblem> unseen;       ///< parts that were not read: no permission, Lua
  std::vector<std::string> files;          ///< in the order of reading
  /// The part of nginx.conf that the file stands for: "main", or "http" or "server" for one that is meant to be
  /// included.
  std::string context = "main";
};

/// Reads `path` and what it includes. Relative includes are relative to `prefix`, which is the directory of nginx.conf.
/// Reading ends at the first thing that nginx would refuse. Never throws on bad input; linear in what it reads; at most
/// 4 MB a file, 500 files, includes 50 deep, 100,000 directives, blocks 64 deep. Directives of modules that are not
/// nginx's own are not judged.
NginxConfig read_nginx(const std::string& path, const std::string& prefix, const ConfigFiles& files);

/// The same for a text without files.
NginxConfig read_nginx(std::string_view text, const std::string& name);

/// A value in force, and where it was set. Line 0: it is nginx's default.
template <class T>
struct NginxValue {
  T value{};
  Place place{};
};

/// What nginx does with a request. Values that depend on what only a running nginx knows are missing.
struct NginxRoute {
  int server = -1;    ///< index of the server block
  int location = -1;  ///< of the location; -1: the server itself answers
  Place place;        ///< of the location, else of the server
  int status = 0;     ///< answered by `return`, or by a redirect; 0: not so
  std::string redirect;
  std::string target;                  ///< proxy_pass as written; empty: not passed on to anybody
  Place target_place;                  ///< of proxy_pass
  std::string scheme;                  ///< "http", "https"
  std::vector<std::string> upstreams;  ///< "127.0.0.1:8080", servers of the upstream block or the address itself
  std::vector<Place> upstream_places;  ///< of each
  std::string path;                    ///< that arrives there; empty: cannot be told
  std::string unknown;                 ///< why target or path cannot be told; empty: they can

  bool upgrade = false;  ///< a WebSocket request arrives as one, as far as its headers go
  NginxValue<std::string> http_version{"1.0", {}};
  NginxValue<std::chrono::milliseconds> read_timeout{std::chrono::seconds{60}, {}};
  NginxValue<std::chrono::milliseconds> send_timeout{std::chrono::seconds{60}, {}};
  NginxValue<std::uint64_t> body_limit{1024 * 1024, {}};  ///< bytes; 0: none
  NginxValue<bool> buffering{true, {}};
  NginxValue<bool> request_buffering{true, {}};
  NginxValue<std::string> auth_basic;             ///< realm; empty: none
  std::vector<std::string> request_headers;       ///< names that are set for the upstream, lower case
  NginxValue<std::chrono::milliseconds> reuse{};  ///< how long an idle connection to the upstream is kept for another
                                                  ///< request; 0: none is
  bool guarded = false;                           ///< not every client may ask: deny, a login, `internal` and the like
};

/// What a server block is reached by.
struct NginxServer {
  int directive = -1;
  std::vector<std::string> names;  ///< as written
  std::vector<std::uint16_t> ports;
  bool tls = false;
  Place place;
  bool local = false;  ///< it listens on the loopback address or on a socket file only
};

std::vector<NginxServer> nginx_servers(const NginxConfig& config);

/// The server block that answers requests for `host` at `port`, as nginx chooses it; -1: none listens there.
int nginx_server(const NginxConfig& config, std::string_view host, std::uint16_t port);

/// What happens to a GET of `path` (no query) that comes to a server block of this configuration.
NginxRoute nginx_route(const NginxConfig& config, int server, const std::string& host, const std::string& path);

/// "110m" as nginx reads sizes; nothing: it does not.
std::optional<std::uint64_t> nginx_size(std::string_view text);
/// "1h 30m", "60" (seconds), "500ms".
std::optional<std::chrono::milliseconds> nginx_time(std::string_view text);

}  // namespace doctor::formats
