#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/format/config_files.hpp"

/// The Caddyfile, read as Caddy's caddyfile package reads it: tokens of a line, blocks, snippets, imports.
namespace doctor::formats {

struct CaddyDirective {
  std::string name;  ///< first word of the line; of a site its first address
  std::vector<std::string> arguments;
  Place place;
  int parent = -1;
  std::vector<int> children;
};

struct CaddyConfig {
  std::vector<CaddyDirective> directives;  ///< the first is the root; its children are the sites
  std::optional<ConfigProblem> refused;    ///< Caddy would not load this
  std::vector<ConfigProblem> unseen;
};

/// Reads `path` and what it imports. Ends at the first thing that Caddy would refuse. Never throws on bad input; the
/// bounds are those of config_files.hpp, 100,000 directives and blocks 64 deep.
CaddyConfig read_caddy(const std::string& path, const ConfigFiles& files);

/// A size as go-humanize reads it, which Caddy uses: "110MB" is decimal, "110MiB" binary.
struct CaddySize {
  std::uint64_t bytes = 0;
  bool decimal = false;
};
std::optional<CaddySize> caddy_size(std::string_view text);

/// What a site does with a path.
struct CaddyRoute {
  int site = -1;
  Place place;  ///< of reverse_proxy, else of the site
  bool passed = false;
  std::vector<std::string> upstreams;  ///< "127.0.0.1:8080"
  std::string path;                    ///< that arrives
  int status = 0;                      ///< of `respond` or `redir`
  std::optional<CaddySize> body_limit;
  std::string body_limit_text;
  Place body_limit_place;
  Place auth_place;      ///< of basic authentication; line 0: there is none
  bool guarded = false;  ///< not every client gets there: a login, or an answer for some of them
  bool buffered = false;
  Place buffered_place;
  std::chrono::milliseconds answer_timeout{0};  ///< 0: none
  Place timeout_place;
};
CaddyRoute caddy_route(const CaddyConfig& config, int site, const std::string& path, bool websocket);

/// The host names of a site, without scheme and port.
std::vector<std::string> caddy_hosts(const CaddyConfig& config, int site);

}  // namespace doctor::formats
