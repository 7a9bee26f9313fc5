#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/format/config_files.hpp"

/// The configuration of HAProxy, as far as it decides where an HTTP request goes and how long it may be quiet.
namespace doctor::formats {

struct HaproxyLine {
  std::vector<std::string> words;
  Place place;
};

struct HaproxySection {
  std::string kind;  ///< "global", "defaults", "frontend", "backend", "listen", ...
  std::string name;
  Place place;
  std::vector<HaproxyLine> lines;
  int defaults = -1;  ///< index of the `defaults` section in force; -1: none
};

struct HaproxyConfig {
  std::vector<HaproxySection> sections;
  std::optional<ConfigProblem> refused;  ///< HAProxy would not start with this
};

/// At most 4 MB and 100,000 lines. Words are divided as HAProxy does it: quotes, backslashes, comments. Never throws.
HaproxyConfig read_haproxy(std::string_view text, const std::string& file);

struct HaproxyRoute {
  Place place;                       ///< of the backend, else of the frontend
  std::vector<std::string> servers;  ///< "127.0.0.1:8080"
  std::vector<Place> server_places;
  bool unknown = false;                       ///< a rule before the one that fits cannot be judged
  std::chrono::milliseconds idle_timeout{0};  ///< of an upgraded connection; 0: none
  Place idle_place;
  std::chrono::milliseconds answer_timeout{0};  ///< that the server may be silent; 0: for ever
  Place timeout_place;
  bool guarded = false;  ///< not every client gets there: a rule that may refuse, or a local address only
  /// A request may be sent on a connection that the server is about to close, and is not repeated then: `http-reuse
  /// always` or `aggressive`. How long such a connection is kept; 0: this does not happen.
  std::chrono::milliseconds reuse{0};
  Place reuse_place;
};

/// Where a request for `path` goes that comes to a `frontend` or `listen` section.
HaproxyRoute haproxy_route(const HaproxyConfig& config, std::size_t section, const std::string& path, bool websocket);

/// "30s", "1m"; a number alone is milliseconds.
std::optional<std::chrono::milliseconds> haproxy_time(std::string_view text);

}  // namespace doctor::formats
