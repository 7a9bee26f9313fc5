#include <algorithm>
#include <string>

#include "bundle/collect_parts.hpp"
#include "probes/files_failure.hpp"
#include "probes/recorder_template.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::size_t most_body = 1024UL * 1024;
constexpr std::size_t most_requests = 3;  // to one URL in a run
constexpr std::chrono::milliseconds answer_limit{8000};

/// Whether the service's description says anything of the path.
bool knows(const ServiceRule& rule, const std::string& path) {
  const auto& expect = rule.expect;
  const bool expected = std::any_of(expect.begin(), expect.end(),
                                    [&](const Expectation& one) { return !one.http.empty() && one.http == path; });
  return expected || (rule.metrics && rule.metrics->path == path);
}

std::string answer_text(const HttpAnswer& answer) {
  std::string text = "HTTP " + std::to_string(answer.status) + "\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + util::shown(value, 2000) + "\n";
  return text + "\n" + util::shown_lines(std::string_view{answer.body}.substr(0, most_body));
}

SmallText shown(const HttpAnswer& answer) {
  SmallText small{answer_text(answer), {}};
  if (answer.body.size() > most_body)
    small.note = "the first " + util::bytes(most_body) + " of " + util::bytes(answer.body.size());
  return small;
}

Outcome<SmallText> read(const Patient& patient, const HttpBase& base, const std::string& path,
                        const Deadline& deadline) {
  const auto answer = support_answer(patient, base, path, deadline);
  if (!answer) return Failed{answer.error()};
  return shown(*answer);
}

/// What the run has heard of an address.
struct Heard {
  std::vector<HttpAnswer> answers;  ///< to GETs of the URL without secret headers
  std::size_t requests = 0;         ///< GETs of the URL
  bool waited = false;              ///< one of them in vain, for as long as a bundle would
  bool base_answered = false;       ///< to any request
  bool base_silent = false;         ///< some request waited in vain
};
Heard heard_before(const probes::Tape& tape, const std::string& base, const std::string& url) {
  constexpr std::string_view probe = "http ";
  Heard heard;
  tape.each([&](const std::string& key, const std::string& outcome) {
    if (!key.starts_with(probe) || key.find(base) == std::string::npos) return;
    const auto question = util::Json::parse(key.substr(probe.size()), nullptr, false);
    if (!question.is_object() || !question.value("url", "").starts_with(base)) return;
    auto answer = probes::decoded<HttpAnswer>(outcome);
    heard.base_answered = heard.base_answered || answer.has_value();
    heard.base_silent = heard.base_silent || (!answer && answer.error().kind == FailureKind::timed_out);
    if (question.value("url", "") != url || question.value("method", "") != "GET") return;
    ++heard.requests;
    const bool long_enough = question.value("limit", std::int64_t{0}) >= answer_limit.count();
    heard.waited = heard.waited || (long_enough && !answer && answer.error().kind == FailureKind::timed_out);
    const auto secrets = question.find("secrets");
    if (secrets != question.end() && !secrets->empty()) return;
    if (answer) heard.answers.push_back(std::move(*answer));
  });
  return heard;
}

}  // namespace

Outcome<HttpAnswer> support_answer(const Patient& patient, const HttpBase& base, const std::string& path,
                                   const Deadline& deadline) {
  if (base.url.empty()) return probes::failed(FailureKind::not_found, "", base.dial.reason);
  auto heard = heard_before(*patient.tape, base.url, base.url + path);
  if (!heard.answers.empty()) return std::move(heard.answers.back());
  if (heard.waited || heard.requests >= most_requests)
    return probes::failed(FailureKind::timed_out, "", "it was asked often enough, and did not answer");
  if (heard.base_silent && !heard.base_answered)
    return probes::failed(FailureKind::timed_out, "", "not asked: " + base.url + " answered nothing in this run");
  HttpQuestion question;
  question.url = base.url + path;
  question.limit = answer_limit;
  question.vantage = base.dial.vantage;
  return patient.live.probes->ask(question, deadline);
}

std::vector<const HttpBase*> bases_for(const Deployment& deployment, const std::string& path) {
  std::vector<const HttpBase*> bases;
  for (const auto& base : deployment.http) {
    const auto* service = deployment.service(base.service);
    if (service != nullptr && knows(service->rule, path)) bases.push_back(&base);
  }
  if (bases.empty() && !deployment.http.empty()) bases.push_back(&deployment.http.front());
  return bases;
}

void add_support(Collection& collection) {
  const auto& deployment = *collection.patient().deployment;
  for (const auto& path : deployment.description.support) {
    const auto bases = bases_for(deployment, path);
    if (bases.empty())
      collection.add_missing("support", path + ".txt", path, "doctor knows no address of a service for it");
    for (const auto* base : bases)
      collection.add_text("support", base->service + path + ".txt",
                          base->url.empty() ? base->endpoint + path : base->url + path, 0,
                          [patient = collection.shared(), base, path](const Deadline& deadline) {
                            return read(*patient, *base, path, deadline);
                          });
  }
}

}  // namespace doctor::bundle
