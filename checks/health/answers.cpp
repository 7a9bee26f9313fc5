#include <algorithm>
#include <map>
#include <stdexcept>
#include <string_view>

#include "checks/health/facts.hpp"
#include "doctor/codes/health.hpp"
#include "doctor/format/answer.hpp"
#include "doctor/format/json_pointer.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::health_check {
namespace {

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

// ---- no answer

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

// ---- the status

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

// ---- the body

/// A JSON number that is larger than `most`; anything but a number is.
bool exceeds(const std::string& json, const std::string& most) {
  try {
    return std::stod(json) > std::stod(most);
  } catch (const std::logic_error&) {  // no number, or one beyond a double
    return true;
  }
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
    for (const auto& [pointer, most] : expected.at_most) judge_number(pointer, most);
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

  /// A number that is not there is not too large; `present` asks for it.
  void judge_number(const std::string& pointer, const std::string& most) {
    const auto found = formats::json_at(answer_.body, pointer);
    if (found && exceeds(*found, most)) violated(pointer, formats::shown(*found, 60), "at most " + most);
  }

  void violated(const std::string& pointer, const std::string& value, const std::string& expected) {
    report(out_, codes::health_body_unexpected, facts_,
           {item("pointer", pointer), item("value", value), item("expected", expected)}, facts_.expected.violated);
  }

  const RequestFacts& facts_;
  const HttpAnswer& answer_;
  Judgement& out_;
};

// ---- an answer

/// Only an answer that has all of `given` is judged.
bool is_given(const RequestFacts& facts, const HttpAnswer& answer) {
  AnswerRule rule;
  rule.json = facts.expected.given;
  return formats::fits(rule, answer);
}

/// An expectation about a certain state (`given`) names the entry for a slow answer in this state, too.
void judge_time(const RequestFacts& facts, const HttpAnswer& answer, Judgement& out) {
  const auto& expected = facts.expected;
  if (expected.slow.count() <= 0 || answer.took <= expected.slow) return;
  report(out, codes::health_slow, facts,
         {item("took", formats::seconds(answer.took)), item("limit", formats::seconds(expected.slow))},
         expected.given.empty() ? std::string{} : expected.violated);
}

void judge_known_answer(const RequestFacts& facts, const AnswerRule& rule, const HttpAnswer& answer, Judgement& out) {
  constexpr std::size_t most_said = 240;
  if (rule.violated.empty()) return judge_time(facts, answer, out);
  report(out, codes::health_answer_unexpected, facts,
         {item("status", std::to_string(answer.status)), item("fits", formats::describe(rule)),
          item("said", answer.body.empty() ? "nothing" : formats::shown(answer.body, most_said))},
         rule.violated);
}

void judge_answer(const RequestFacts& facts, const HttpAnswer& answer, Judgement& out) {
  const auto& expected = facts.expected;
  if (!is_given(facts, answer)) return;
  const auto known = std::find_if(expected.answers.begin(), expected.answers.end(),
                                  [&](const AnswerRule& rule) { return formats::fits(rule, answer); });
  if (known != expected.answers.end()) return judge_known_answer(facts, *known, answer, out);
  if (!status_as_expected(facts, answer)) return judge_status(facts, answer, out);
  const auto type = formats::media_type(answer);
  if (!expected.type.empty() && type != expected.type)
    return report(out, codes::health_type_unexpected, facts,
                  {item("type", type.empty() ? "none" : formats::shown(type)), item("expected", expected.type)},
                  expected.violated);
  BodyJudge{facts, answer, out}.all();
  judge_time(facts, answer, out);
}

const Outcome<HttpAnswer>& outcome_of(const RequestFacts& facts) {
  if (!facts.answer) throw std::logic_error("a request that was never sent is judged");
  return *facts.answer;
}

}  // namespace

const HttpAnswer& answered(const RequestFacts& facts) {
  return outcome_of(facts).value();
}

void judge_request(const RequestFacts& facts, Judgement& out) {
  if (!facts.unseen.empty())
    out.unexamined.push_back({facts.endpoint, facts.unseen});
  else if (!outcome_of(facts))
    judge_failure(facts, outcome_of(facts).error(), out);
  else
    judge_answer(facts, answered(facts), out);
}

}  // namespace doctor::checks::health_check
