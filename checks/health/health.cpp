#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/health.hpp"
#include "doctor/format/json_pointer.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

// ---- facts

/// One request, and what was expected of its answer.
struct RequestFacts {
  std::optional<std::size_t> direct;  ///< at the public address: the same request to the service itself
  std::string endpoint;               ///< subject
  std::string url;
  std::string vantage;
  std::string host;     ///< what was dialled
  std::string address;  ///< host and port
  Expectation expected;
  bool described = true;  ///< false: any answer but a server error is well
  std::string unseen;     ///< why nothing was asked; empty: it was
  std::string doubt;      ///< why a refusal says nothing; see Dial
  std::optional<Outcome<HttpAnswer>> answer;
};

using Facts = std::vector<RequestFacts>;

// ---- observe

RequestFacts request(const HttpBase& base, const Expectation& expected) {
  RequestFacts facts;
  facts.endpoint = base.endpoint;
  facts.url = base.url + expected.http;
  facts.vantage = base.dial.vantage;
  facts.host = base.dial.host;
  facts.address = base.dial.host + ":" + std::to_string(base.dial.port);
  facts.expected = expected;
  facts.doubt = base.dial.doubt;
  if (base.url.empty()) facts.unseen = base.dial.reason.empty() ? "its address is not known" : base.dial.reason;
  return facts;
}

/// What can be asked of a service of which nothing is known.
Expectation any_answer() {
  Expectation expected;
  expected.http = "/";
  return expected;
}

std::vector<RequestFacts> requests_to(const HttpBase& base, const Deployment& deployment) {
  std::vector<RequestFacts> requests;
  const auto* service = deployment.service(base.service);
  if (service != nullptr && !service->enabled) return requests;
  if (service != nullptr)
    for (const auto& expected : service->rule.expect)
      if (!expected.http.empty()) requests.push_back(request(base, expected));
  if (!requests.empty()) return requests;
  requests.push_back(request(base, any_answer()));
  requests.back().described = false;
  return requests;
}

/// A silent service must be told about before the check's own time is up, and so must the next one. The limit belongs
/// to the question, so that it may not depend on the time that is left.
std::chrono::milliseconds limit_of(const Expectation& expected, std::size_t services) {
  constexpr std::chrono::milliseconds usual{8000};
  constexpr std::chrono::milliseconds shared{9000};
  if (expected.timeout > usual) return expected.timeout;
  const auto count = static_cast<std::chrono::milliseconds::rep>(std::max<std::size_t>(services, 1));
  return std::min(expected.timeout, shared / count);
}

Outcome<HttpAnswer> ask(const Context& context, const RequestFacts& facts) {
  HttpQuestion question;
  question.url = facts.url;
  question.method = facts.expected.method;
  question.limit = limit_of(facts.expected, context.deployment.http.size() + context.deployment.public_urls.size());
  if (!facts.vantage.empty()) question.vantage = facts.vantage;
  return context.ask(question);
}

/// What does not answer one page answers no other.
void ask_all(const Context& context, std::vector<RequestFacts> requests, Facts& facts) {
  for (auto& one : requests) {
    if (one.unseen.empty()) one.answer = ask(context, one);
    const bool got_through = one.answer && *one.answer;
    facts.push_back(std::move(one));
    if (!got_through) return;
  }
}

bool is_running(const Deployment& deployment, const std::string& name) {
  const auto* service = deployment.service(name);
  if (service == nullptr || !service->enabled) return false;
  return service->process || (service->container && service->container->status == "running");
}

std::optional<std::size_t> same_request(const Facts& facts, const std::string& endpoint, const RequestFacts& request) {
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto& other = facts[i];
    const bool same = other.expected.http == request.expected.http && other.expected.json == request.expected.json &&
                      other.expected.method == request.expected.method;
    if (same && other.endpoint == endpoint) return i;
  }
  return std::nullopt;
}

/// The same questions at the address that users have. Where the service itself does not answer, or is not known to
/// run, they would tell nothing about the way there.
std::vector<RequestFacts> requests_to(const PublicUrl& url, const Context& context, const Facts& facts) {
  const auto& deployment = context.deployment;
  const auto base = std::find_if(deployment.http.begin(), deployment.http.end(),
                                 [&](const HttpBase& one) { return one.service == url.service; });
  const bool is_direct = base != deployment.http.end() && base->url == url.url;
  const auto asked_directly = [&](const RequestFacts& one) {
    return base != deployment.http.end() && one.endpoint == base->endpoint && one.answer;
  };
  const bool answers = std::any_of(facts.begin(), facts.end(),
                                   [&](const RequestFacts& one) { return asked_directly(one) && *one.answer; });
  const bool silent = !answers && std::any_of(facts.begin(), facts.end(), asked_directly);
  if (is_direct || silent || (!answers && !is_running(deployment, url.service))) return {};
  HttpBase public_base;
  public_base.service = url.service;
  public_base.endpoint = url.endpoint;
  public_base.url = url.url;
  public_base.dial.host = url.host;
  public_base.dial.port = url.port;
  public_base.dial.vantage = host_vantage;
  auto requests = requests_to(public_base, deployment);
  if (base != deployment.http.end())
    for (auto& one : requests) one.direct = same_request(facts, base->endpoint, one);
  return requests;
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& base : context.deployment.http) ask_all(context, requests_to(base, context.deployment), facts);
  for (const auto& url : context.deployment.public_urls) ask_all(context, requests_to(url, context, facts), facts);
  return facts;
}

// ---- diagnose

const Outcome<HttpAnswer>& outcome_of(const RequestFacts& facts) {
  if (!facts.answer) throw std::logic_error("a request that was never sent is judged");
  return *facts.answer;
}

const HttpAnswer& answered(const RequestFacts& facts) {
  return outcome_of(facts).value();
}

/// Findings with the same code or entry about one endpoint are one: the further evidence is added to it.
void report(Judgement& out, Code code, const RequestFacts& facts, std::vector<Evidence> evidence,
            const std::string& entry = {}) {
  evidence.insert(evidence.begin(), Evidence{"url", formats::shown(facts.url), {}, {}});
  for (auto& item : evidence) {
    item.source = facts.url;
    item.vantage = facts.vantage;
  }
  for (auto& finding : out.findings) {
    const bool same =
        finding.subject == facts.endpoint && finding.entry == entry && (finding.code == code.text() || !entry.empty());
    if (!same) continue;
    finding.evidence.insert(finding.evidence.end(), evidence.begin(), evidence.end());
    return;
  }
  out.findings.emplace_back(code, facts.endpoint, std::move(evidence), entry);
}

Evidence item(std::string name, std::string value) {
  return {std::move(name), std::move(value), {}, {}};
}

void judge_failure(const RequestFacts& facts, const ProbeFailure& failure, Judgement& out) {
  if (formats::doctors_own(failure.kind)) return out.unexamined.push_back({facts.endpoint, formats::describe(failure)});
  if (failure.kind == FailureKind::refused && !facts.doubt.empty())
    return out.unexamined.push_back({facts.endpoint, facts.doubt});
  const auto reason =
      item("reason", formats::shown(failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail));
  const auto address = failure.address.empty() ? facts.address : failure.address;
  switch (failure.kind) {
    case FailureKind::name_not_resolved:
      return report(out, codes::health_name_not_resolved, facts, {item("host", formats::shown(facts.host))});
    case FailureKind::refused:
      return report(out, codes::health_refused, facts, {item("address", address)});
    case FailureKind::timed_out:
      return report(out, codes::health_no_answer, facts, {item("waited", formats::seconds(failure.waited))});
    case FailureKind::unreachable:
      return report(out, codes::health_unreachable, facts, {reason});
    case FailureKind::tls_rejected:
      return report(out, codes::health_tls_rejected, facts, {reason});
    default:
      return report(out, codes::health_protocol_error, facts, {reason});
  }
}

std::string media_type(const HttpAnswer& answer) {
  auto type = formats::lower(answer.header("content-type"));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

bool status_as_expected(const RequestFacts& facts, const HttpAnswer& answer) {
  if (!facts.described) return answer.status < 500;
  const auto& expected = facts.expected.status;
  return expected.empty() || std::find(expected.begin(), expected.end(), answer.status) != expected.end();
}

/// The first word of WWW-Authenticate, "Basic" (RFC 9110, section 11.6.1).
std::string challenge_of(const HttpAnswer& answer) {
  const auto header = answer.header("www-authenticate");
  return formats::shown(header.substr(0, header.find_first_of(" ,")), 40);
}

void judge_status(const RequestFacts& facts, const HttpAnswer& answer, Judgement& out) {
  if (const auto challenge = challenge_of(answer); answer.status == 401 && !challenge.empty())
    return report(out, codes::health_login_demanded, facts,
                  {item("status", std::to_string(answer.status)), item("challenge", challenge)});
  std::vector<std::string> expected;
  for (const auto status : facts.expected.status) expected.push_back(std::to_string(status));
  report(out, codes::health_status_unexpected, facts,
         {item("status", std::to_string(answer.status)),
          item("expected", facts.described ? formats::join(expected, ", ") : "below 500")},
         facts.expected.violated);
}

/// Reports the value at a JSON pointer, or what is in its place.
class BodyJudge {
 public:
  BodyJudge(const RequestFacts& facts, const HttpAnswer& answer, Judgement& out)
      : facts_{facts}, answer_{answer}, out_{out} {}

  void all() {
    const auto& expected = facts_.expected;
    for (const auto& [pointer, value] : expected.json) judge_value(pointer, value);
    for (const auto& pointer : expected.present) {
      const auto found = formats::json_at(answer_.body, pointer);
      if (!found) violated(pointer, found.error().reason, "any value");
    }
    if (!expected.contains.empty() && answer_.body.find(expected.contains) == std::string::npos)
      violated("", "other text", formats::shown(expected.contains, 60));
  }

 private:
  void judge_value(const std::string& pointer, const std::string& value) {
    const auto wanted = formats::compact_json(value);
    const auto found = formats::json_at(answer_.body, pointer);
    if (!found)
      violated(pointer, found.error().reason, value);
    else if (*found != wanted.value_or(value))
      violated(pointer, formats::shown(*found, 60), value);
  }

  void violated(const std::string& pointer, const std::string& value, const std::string& expected) {
    report(out_, codes::health_body_unexpected, facts_,
           {item("pointer", pointer), item("value", value), item("expected", expected)}, facts_.expected.violated);
  }

  const RequestFacts& facts_;
  const HttpAnswer& answer_;
  Judgement& out_;
};

void judge_answer(const RequestFacts& facts, const HttpAnswer& answer, Judgement& out) {
  if (!status_as_expected(facts, answer)) return judge_status(facts, answer, out);
  const auto type = media_type(answer);
  if (!facts.expected.type.empty() && type != facts.expected.type)
    return report(out, codes::health_type_unexpected, facts,
                  {item("type", type.empty() ? "none" : formats::shown(type)), item("expected", facts.expected.type)},
                  facts.expected.violated);
  BodyJudge{facts, answer, out}.all();
  if (facts.expected.slow.count() > 0 && answer.took > facts.expected.slow)
    report(out, codes::health_slow, facts,
           {item("took", formats::seconds(answer.took)), item("limit", formats::seconds(facts.expected.slow))});
}

void praise(const Facts& facts, Judgement& out) {
  std::map<std::string, std::string> figures;
  for (const auto& one : facts) {
    const auto about = [&](const auto& other) { return other.subject == one.endpoint; };
    const bool ill = std::any_of(out.findings.begin(), out.findings.end(), about) ||
                     std::any_of(out.unexamined.begin(), out.unexamined.end(), about);
    if (ill) continue;
    auto& figure = figures[one.endpoint];
    if (!figure.empty()) figure += "; ";
    figure += formats::shown(one.expected.http, 60) + " answered " + std::to_string(answered(one).status) + " in " +
              std::to_string(answered(one).took.count()) + " ms";
  }
  for (const auto& [endpoint, figure] : figures) out.healthy.push_back({endpoint, figure});
}

void judge(const RequestFacts& facts, Judgement& out) {
  if (!facts.unseen.empty())
    out.unexamined.push_back({facts.endpoint, facts.unseen});
  else if (!outcome_of(facts))
    judge_failure(facts, outcome_of(facts).error(), out);
  else
    judge_answer(facts, answered(facts), out);
}

/// What the service itself answers wrongly says nothing about the way to it.
Facts telling(const Facts& facts) {
  Facts kept;
  for (const auto& one : facts) {
    Judgement direct;
    if (one.direct) judge(facts.at(*one.direct), direct);
    if (direct.findings.empty()) kept.push_back(one);
  }
  return kept;
}

Judgement diagnose(const Facts& all) {
  const auto facts = telling(all);
  Judgement out;
  for (const auto& one : facts) judge(one, out);
  const auto same = [](const NotLookedAt& a, const NotLookedAt& b) {
    return a.subject == b.subject && a.reason == b.reason;
  };
  out.unexamined.erase(std::unique(out.unexamined.begin(), out.unexamined.end(), same), out.unexamined.end());
  praise(facts, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
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
                                     codes::health_slow};

}  // namespace

extern const CheckInfo health{"health", "every service answers as a healthy one does", {}, {}, codes_of_health, run};

}  // namespace doctor::checks
