#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/upstream/facts.hpp"
#include "doctor/codes/upstream.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace upstream_check {
namespace {

/// What one upstream says.
struct Verdict {
  const UpstreamFacts* facts = nullptr;
  Judgement judgement;

  const Finding* finding() const { return judgement.findings.empty() ? nullptr : &judgement.findings.front(); }
  std::string address() const { return facts->upstream.host + ":" + std::to_string(facts->upstream.port); }
};

using Verdicts = std::vector<Verdict>;

/// Failures that lie on the way, and that several upstreams may therefore share.
bool is_of_the_way(const Finding& finding) {
  constexpr std::array codes{codes::upstream_name_not_resolved, codes::upstream_refused,
                             codes::upstream_no_answer,         codes::upstream_unreachable,
                             codes::upstream_tls_rejected,      codes::upstream_protocol_error,
                             codes::upstream_proxy_failed};
  return std::any_of(codes.begin(), codes.end(), [&](Code code) { return code.text() == finding.code; });
}

bool fail_alike(const Verdict& one, const Verdict& other) {
  return one.finding() != nullptr && other.finding() != nullptr && is_of_the_way(*one.finding()) &&
         one.finding()->code == other.finding()->code;
}

/// A further upstream with the same trouble.
void add_name(Finding& finding, const Verdict& other) {
  for (const auto& evidence : other.finding()->evidence)
    if (evidence.name == "upstream") finding.evidence.push_back(evidence);
}

/// Two that are at one address fail together: the first speaks for both.
void merge_same_address(Verdicts& verdicts) {
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    for (std::size_t j = i + 1; j < verdicts.size(); ++j) {
      auto& first = verdicts[i];
      auto& other = verdicts[j];
      const bool same = first.facts->upstream.service == other.facts->upstream.service &&
                        first.address() == other.address() && fail_alike(first, other);
      if (!same) continue;
      add_name(first.judgement.findings.front(), other);
      other.judgement.findings.clear();
    }
}

/// Those of a service that lie outside and were asked.
std::vector<Verdict*> outside(Verdicts& verdicts, const std::string& service) {
  std::vector<Verdict*> found;
  for (auto& verdict : verdicts)
    if (verdict.facts->upstream.service == service && !verdict.facts->upstream.own && verdict.facts->answer)
      found.push_back(&verdict);
  return found;
}

std::string hosts_of(const std::vector<Verdict*>& verdicts) {
  std::vector<std::string> hosts;
  for (const auto* verdict : verdicts) {
    const auto& host = verdict->facts->upstream.host;
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
  }
  return formats::shown(formats::join(hosts, ", "), 300);
}

/// When everything outside fails in one way, it is the way out that is broken, and each of them follows from it.
void judge_egress(Verdicts& verdicts, const std::string& service, Judgement& out) {
  const auto all = outside(verdicts, service);
  std::set<std::string> addresses;
  for (const auto* verdict : all) addresses.insert(verdict->address());
  if (addresses.size() < 2) return;
  for (const auto* verdict : all)
    if (!fail_alike(*all.front(), *verdict)) return;
  auto finding = *all.front()->finding();
  finding.subject = "endpoint:" + service + ":egress";
  for (auto& evidence : finding.evidence) {
    if (evidence.name == "upstream") evidence.value = "all";
    if (evidence.name == "host") evidence.value = hosts_of(all);
  }
  out.findings.push_back(std::move(finding));
}

/// A file of authorities that is of no use is one fault of the service, whatever it calls.
void judge_authorities(const Facts& facts, Judgement& out) {
  std::set<std::string> said;
  for (const auto& one : facts) {
    if (!one.authorities || !said.insert(one.trusting).second) continue;
    const auto& failure = *one.authorities;
    const auto reason = failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail;
    const auto item = [&](std::string name, const std::string& value) {
      return Evidence{std::move(name), formats::shown(value, 300), one.upstream.authorities, one.upstream.vantage};
    };
    out.findings.emplace_back(codes::upstream_authorities_unreadable, one.trusting,
                              std::vector<Evidence>{item("setting", one.trusting.substr(one.trusting.find('/') + 1)),
                                                    item("path", one.upstream.authorities), item("reason", reason)});
  }
}

template <class T>
void move_to(std::vector<T>& to, std::vector<T>& from) {
  for (auto& one : from) to.push_back(std::move(one));
}

Judgement diagnose(const Facts& facts) {
  Verdicts verdicts;
  std::set<std::string> services;
  for (const auto& one : facts) {
    verdicts.push_back({&one, judge(one)});
    services.insert(one.upstream.service);
  }
  Judgement out;
  judge_authorities(facts, out);
  for (const auto& service : services) judge_egress(verdicts, service, out);
  merge_same_address(verdicts);
  for (auto& verdict : verdicts) {
    move_to(out.findings, verdict.judgement.findings);
    move_to(out.healthy, verdict.judgement.healthy);
    move_to(out.unexamined, verdict.judgement.unexamined);
    move_to(out.skipped, verdict.judgement.skipped);
  }
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array<std::string_view, 1> roles{"extra-authorities"};

constexpr std::array codes_of_upstream{codes::upstream_url_invalid,
                                       codes::upstream_authorities_unreadable,
                                       codes::upstream_credential_unusable,
                                       codes::upstream_name_not_resolved,
                                       codes::upstream_refused,
                                       codes::upstream_no_answer,
                                       codes::upstream_unreachable,
                                       codes::upstream_tls_rejected,
                                       codes::upstream_protocol_error,
                                       codes::upstream_proxy_failed,
                                       codes::upstream_status_unexpected,
                                       codes::upstream_rate_limited,
                                       codes::upstream_answer_unexpected,
                                       codes::upstream_schema_outdated,
                                       codes::upstream_slow};

}  // namespace
}  // namespace upstream_check

extern const CheckInfo upstream{"upstream",
                                "what the services call outside answers them",
                                upstream_check::roles,
                                {},
                                upstream_check::codes_of_upstream,
                                upstream_check::run};

}  // namespace doctor::checks
