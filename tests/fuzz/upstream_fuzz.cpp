#include "deployment/find_upstreams.hpp"
#include "doctor/outside.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

/// The seeds carry this as password; nothing that is said may quote it.
constexpr std::string_view planted = "hunter2";

void add(doctor::Deployment& deployment, const std::string& name, const std::string& role, doctor::Value value) {
  doctor::Setting setting;
  setting.service = "gate";
  setting.name = name;
  setting.rule.role = role;
  setting.configured = std::move(value);
  deployment.settings.push_back(std::move(setting));
}

}  // namespace

/// The URL of an upstream, of a proxy and the list of hosts that need none, as a deployment may have them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{doctor::fuzz::text_of(data, size)};
  doctor::Deployment deployment;
  auto& service = deployment.services.emplace_back();
  service.name = "gate";
  service.vantage = "host";
  for (const auto* name : {"STORE_URL", "FIXED"}) {
    doctor::UpstreamRule rule;
    rule.id = name;
    rule.setting = name == std::string_view{"FIXED"} ? "" : name;
    rule.url = rule.setting.empty() ? "https://api.example.net" : "";
    service.rule.upstreams.push_back(rule);
  }
  add(deployment, "STORE_URL", "", doctor::Value::plain(text));
  add(deployment, "HTTPS_PROXY", "egress-proxy", doctor::Value::secret(text));
  add(deployment, "NO_PROXY", "", doctor::Value::plain(text));
  for (const auto& upstream : doctor::deployment::find_upstreams(deployment, {})) {
    require(doctor::fuzz::is_printable(upstream.note), "a note can be shown");
    require(upstream.note.find(planted) == std::string::npos, "a note quotes no part of a URL");
    const bool may_hold_login = text.find('@') != std::string::npos;
    require(!may_hold_login || upstream.proxy.empty(), "no part of a login is taken for the proxy's host");
    require(doctor::fuzz::is_printable(upstream.proxy), "the address of a proxy can be shown");
    require(upstream.url.empty() == upstream.host.empty(), "a URL has a host");
    require(upstream.url.empty() || upstream.port != 0, "a URL has a port");
    require(upstream.url.find_first_of("#\r\n") == std::string::npos, "a URL is one line without fragment");
  }
  doctor::is_private_host(text);
  return 0;
}
