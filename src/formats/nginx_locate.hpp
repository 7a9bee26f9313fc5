#pragma once

#include <string>
#include <vector>

#include "doctor/format/nginx.hpp"

/// Which location answers, as ngx_http_core_find_location finds it: an exact one, else the longest prefix, unless a
/// regular expression matches and the prefix does not forbid that; the same again within the location.
namespace doctor::formats::nginx {

struct Match {
  int location = -1;      ///< -1: none, the server itself answers
  bool redirect = false;  ///< nginx sends the client to the same path with a slash
  std::vector<std::string> captures;
  std::string unknown;  ///< why another one may answer; empty: this one does
};

Match find_location(const NginxConfig& config, int server, const std::string& path);

/// The location "@name" of a server; -1: there is none.
int find_named(const NginxConfig& config, int server, const std::string& name);

}  // namespace doctor::formats::nginx
