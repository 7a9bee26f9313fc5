#include "formats/nginx_access.hpp"

#include <algorithm>
#include <array>

#include "formats/nginx_tree.hpp"
#include "util/text.hpp"

namespace doctor::formats::nginx {
namespace {

/// Directives of ngx_http_access_module: the innermost block that has any has all of them.
bool denies(const NginxConfig& config, int scope) {
  for (const int block : scopes(config, scope)) {
    if (find(config, block, "deny") != nullptr) return true;
    if (find(config, block, "allow") != nullptr) return false;
  }
  return false;
}

bool demands_proof(const NginxConfig& config, int scope) {
  static constexpr std::array<std::string_view, 4> names{"auth_basic", "auth_request", "auth_jwt", "ssl_verify_client"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    const auto* directive = inherited(config, scope, name);
    return directive != nullptr && !directive->arguments.empty() && util::lower(directive->arguments[0]) != "off";
  });
}

/// `if (...) { return 403; }`: whom it meets is known only to the running nginx.
bool refuses(const NginxConfig& config, int block) {
  const auto* answer = find(config, block, "return");
  return answer != nullptr && !answer->arguments.empty() && answer->arguments[0].starts_with('4');
}

bool has_rule(const NginxConfig& config, int block) {
  return std::any_of(at(config, block).children.begin(), at(config, block).children.end(), [&](int child) {
    const auto& name = at(config, child).name;
    return name == "internal" || name == "limit_except" || name.starts_with("access_by_lua") || name == "js_access" ||
           (name == "if" && refuses(config, child));
  });
}

}  // namespace

bool guarded(const NginxConfig& config, int scope) {
  if (denies(config, scope) || demands_proof(config, scope)) return true;
  const auto blocks = scopes(config, scope);
  return std::any_of(blocks.begin(), blocks.end(), [&](int block) { return has_rule(config, block); });
}

}  // namespace doctor::formats::nginx
