#include <algorithm>

#include "checks/health/facts.hpp"
#include "doctor/codes/health.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::health_check {
namespace {

constexpr std::size_t longest_output = 240;

/// The first answer of the service itself for which `chosen` holds.
template <class Chosen>
const RequestFacts* find_answer(const Facts& facts, const std::string& endpoint, Chosen&& chosen) {
  for (const auto& one : facts.requests)
    if (one.endpoint == endpoint && one.answer && *one.answer && chosen(answered(one))) return &one;
  return nullptr;
}

bool has_finding(const Judgement& out, const std::string& subject) {
  return std::any_of(out.findings.begin(), out.findings.end(),
                     [&](const Finding& finding) { return finding.subject == subject; });
}

/// What curl, wget (BusyBox and GNU) and programs themselves print when nothing listens where they ask, or when there
/// is no such address.
bool says_refused(const std::string& output) {
  const auto text = formats::lower(output);
  return text.find("connection refused") != std::string::npos || text.find("econnrefused") != std::string::npos ||
         text.find("couldn't connect") != std::string::npos ||
         text.find("can't connect to remote host") != std::string::npos ||
         text.find("failed to connect") != std::string::npos;
}

std::vector<Evidence> about(const ContainerFacts& container, const RequestFacts& request) {
  return {{"service", container.service, {}, {}},
          {"container", container.container, {}, "host"},
          {"url", formats::shown(request.url), request.url, request.vantage}};
}

/// A health check that finds nobody listening is wrong when somebody answers; one that says something else is wrong
/// when every page is as it should be.
void judge_failing(const Facts& facts, const ContainerFacts& container, Judgement& out) {
  const auto* answer = find_answer(facts, container.endpoint, [](const HttpAnswer&) { return true; });
  const bool refused = says_refused(container.output);
  if (answer == nullptr || (!refused && has_finding(out, container.endpoint))) return;
  auto evidence = about(container, *answer);
  const auto source = "health check of " + container.container;
  evidence.push_back(
      {"output", container.output.empty() ? "nothing" : formats::shown(container.output, longest_output), source, {}});
  evidence.push_back({"refused", refused ? "yes" : "no", source, {}});
  out.findings.emplace_back(codes::health_container_check_wrong, "service:" + container.service, std::move(evidence));
}

/// The container counts as healthy, and a page says that it is not.
void judge_passing(const Facts& facts, const ContainerFacts& container, Judgement& out) {
  constexpr int server_error = 500;
  const auto* answer =
      find_answer(facts, container.endpoint, [](const HttpAnswer& one) { return one.status >= server_error; });
  if (answer == nullptr || !has_finding(out, container.endpoint)) return;
  auto evidence = about(container, *answer);
  evidence.push_back({"status", std::to_string(answered(*answer).status), answer->url, answer->vantage});
  out.findings.emplace_back(codes::health_container_check_blind, container.endpoint, std::move(evidence));
}

}  // namespace

void judge_containers(const Facts& facts, Judgement& out) {
  for (const auto& container : facts.containers) {
    if (container.health == "unhealthy") judge_failing(facts, container, out);
    if (container.health == "healthy") judge_passing(facts, container, out);
  }
}

}  // namespace doctor::checks::health_check
