#include <algorithm>

#include "checks/redis/facts.hpp"
#include "doctor/codes/redis.hpp"

/// Whether programs keep more connections than they say of themselves.
namespace doctor::checks::redis_check {

std::int64_t connections_expected(const Deployment& deployment, const std::string& endpoint) {
  std::int64_t expected = 0;
  std::vector<std::string> counted;
  for (const auto& source : deployment.redis) {
    if (source.endpoint != endpoint || std::find(counted.begin(), counted.end(), source.service) != counted.end())
      continue;
    const auto* service = deployment.service(source.service);
    if (service == nullptr || service->rule.redis_connections == 0) return 0;  // nobody knows how many it needs
    counted.push_back(source.service);
    if (service->enabled) expected += std::int64_t{service->rule.redis_connections} * std::max(service->replicas, 1);
  }
  return expected;
}

/// Generous, since an operator's own programs, and doctor itself, are clients, too.
void judge_connections(const SourceFacts& facts, Judgement& out) {
  constexpr std::int64_t often = 10;
  constexpr std::int64_t few = 20;
  if (facts.connections == 0 || !facts.info || !*facts.info) return;
  const auto clients = number(**facts.info, "connected_clients") - 1;  // doctor's own
  if (clients < few || clients <= facts.connections * often) return;
  const auto& subject = facts.source.endpoint;
  const bool is_told = std::any_of(out.findings.begin(), out.findings.end(), [&](const Finding& finding) {
    return finding.subject == subject && finding.code == codes::redis_clients_leaked.text();
  });
  if (is_told) return;
  out.findings.emplace_back(
      codes::redis_clients_leaked, subject,
      std::vector<Evidence>{seen(facts, "address", facts.address()),
                            seen(facts, "clients", std::to_string(clients), "INFO clients"),
                            {"expected", std::to_string(facts.connections), "the application's description", {}}});
}

}  // namespace doctor::checks::redis_check
