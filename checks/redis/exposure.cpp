#include <algorithm>
#include <sstream>

#include "checks/redis/facts.hpp"
#include "doctor/codes/redis.hpp"
#include "doctor/format/text.hpp"

/// Who can reach a Redis that asks for no password.
namespace doctor::checks::redis_check {
namespace {

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("[::1]") || address == "::1" || address == "localhost";
}

/// The host's addresses that lead to the server when it is a service of the deployment.
std::string published(const Service& service, std::uint16_t port) {
  const auto& ports = service.container ? service.container->ports : service.ports;
  const auto open = std::find_if(ports.begin(), ports.end(), [&](const PublishedPort& one) {
    return one.target == port && one.protocol == "tcp" && !is_loopback(one.address);
  });
  if (open == ports.end()) return {};
  const auto address = open->address.empty() ? std::string{"0.0.0.0"} : open->address;
  return "port " + std::to_string(open->published) + " is published on " + address;
}

/// One value of Redis's own configuration; "" when it does not say.
std::string configured(const Context& context, const SourceFacts& facts, const std::string& name) {
  const auto answer = ask(context, facts, {"CONFIG", "GET", name});
  return answer && answer->items.size() == 2 ? answer->items[1] : std::string{};
}

/// Of the words of `bind`; one with "-" in front may be missing from the host.
bool is_local_only(const std::string& bind) {
  std::istringstream words{bind};
  for (std::string word; words >> word;)
    if (!is_loopback(word.starts_with('-') ? std::string_view{word}.substr(1) : std::string_view{word})) return false;
  return true;
}

/// A server that is dialled on loopback may listen elsewhere, too. Without a password only its protected mode keeps
/// others out.
std::string listens_elsewhere(const Context& context, const SourceFacts& facts) {
  if (configured(context, facts, "protected-mode") != "no") return {};
  const auto answer = ask(context, facts, {"CONFIG", "GET", "bind"});
  if (!answer || answer->items.size() != 2) return {};
  const auto& bind = answer->items[1];
  if (bind.empty()) return "protected-mode is off and bind is empty";
  return is_local_only(bind) ? std::string{} : "protected-mode is off and bind is " + formats::shown(bind, 80);
}

/// Of an endpoint "endpoint:redis:6379" the service, when the deployment has it.
const Service* host_of(const Context& context, const DataSource& source) {
  const auto begin = source.endpoint.find(':') + 1;
  const auto end = source.endpoint.rfind(':');
  if (begin == 0 || end <= begin) return nullptr;
  const auto* service = context.deployment.service(source.endpoint.substr(begin, end - begin));
  return service != nullptr && service->network_mode != "host" ? service : nullptr;
}

}  // namespace

std::string exposure_of(const Context& context, const SourceFacts& facts) {
  const auto& session = **facts.session;
  if (session.authenticated || !session.user.empty()) return {};
  if (const auto* service = host_of(context, facts.source)) return published(*service, facts.source.port);
  if (facts.source.dial.vantage != host_vantage) return {};
  const auto address = facts.address();
  return is_loopback(address) ? listens_elsewhere(context, facts) : "the application reaches it at " + address;
}

void judge_exposure(const SourceFacts& facts, Judgement& out) {
  if (facts.exposure.empty()) return;
  const bool said = std::any_of(out.findings.begin(), out.findings.end(), [&](const Finding& finding) {
    return finding.code == codes::redis_unprotected.text() && finding.subject == facts.source.endpoint;
  });
  if (said) return;
  out.findings.emplace_back(
      codes::redis_unprotected, facts.source.endpoint,
      std::vector<Evidence>{seen(facts, "address", facts.address()), seen(facts, "exposed", facts.exposure)});
}

}  // namespace doctor::checks::redis_check
