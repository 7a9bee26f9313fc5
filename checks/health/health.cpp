#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "checks/health/facts.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/health.hpp"
#include "doctor/format/text.hpp"
#include "doctor/outside.hpp"

namespace doctor::checks {
namespace health_check {
namespace {

/// What the service itself answers wrongly says nothing about the way to it.
std::vector<RequestFacts> telling(const std::vector<RequestFacts>& requests) {
  std::vector<RequestFacts> kept;
  for (const auto& one : requests) {
    Judgement direct;
    if (one.direct) judge_request(requests.at(*one.direct), direct);
    if (direct.findings.empty()) kept.push_back(one);
  }
  return kept;
}

bool is_ill(const Judgement& out, const std::string& endpoint) {
  const auto about = [&](const auto& item) { return item.subject == endpoint; };
  return std::any_of(out.findings.begin(), out.findings.end(), about) ||
         std::any_of(out.unexamined.begin(), out.unexamined.end(), about);
}

void praise(const std::vector<RequestFacts>& requests, Judgement& out) {
  std::map<std::string, std::string> figures;
  std::vector<std::string> said;
  for (const auto& one : requests) {
    if (is_ill(out, one.endpoint) || std::find(said.begin(), said.end(), one.url) != said.end()) continue;
    said.push_back(one.url);
    auto& figure = figures[one.endpoint];
    if (!figure.empty()) figure += "; ";
    figure += formats::shown(one.expected.http, 60) + " answered " + std::to_string(answered(one).status) + " in " +
              std::to_string(answered(one).took.count()) + " ms";
  }
  for (const auto& [endpoint, figure] : figures) out.healthy.push_back({endpoint, figure});
}

Judgement diagnose(const Facts& facts) {
  const auto requests = telling(facts.requests);
  Judgement out;
  for (const auto& one : requests) judge_request(one, out);
  judge_containers(facts, out);
  const auto same = [](const NotLookedAt& a, const NotLookedAt& b) {
    return a.subject == b.subject && a.reason == b.reason;
  };
  out.unexamined.erase(std::unique(out.unexamined.begin(), out.unexamined.end(), same), out.unexamined.end());
  praise(requests, out);
  return out;
}

Judgement run(const Context& context) {
  auto out = diagnose(observe(context));
  for (auto& kept : kept_public_urls(context.deployment)) out.skipped.push_back(std::move(kept));
  return out;
}

constexpr std::array codes_of_health{codes::health_name_not_resolved,
                                     codes::health_refused,
                                     codes::health_no_answer,
                                     codes::health_unreachable,
                                     codes::health_tls_rejected,
                                     codes::health_protocol_error,
                                     codes::health_status_unexpected,
                                     codes::health_login_demanded,
                                     codes::health_type_unexpected,
                                     codes::health_body_unexpected,
                                     codes::health_answer_unexpected,
                                     codes::health_slow,
                                     codes::health_container_check_wrong,
                                     codes::health_container_check_blind};

}  // namespace
}  // namespace health_check

extern const CheckInfo health{
    "health", "every service answers as a healthy one does", {}, {}, health_check::codes_of_health, health_check::run};

}  // namespace doctor::checks
