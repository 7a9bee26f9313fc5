#include <algorithm>

#include "checks/database/facts.hpp"
#include "doctor/access.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::database_check {
namespace {

/// What the service has under this name; a secret is never bound.
std::string parameter(const Deployment& deployment, const std::string& service, const std::string& name) {
  const auto* setting = deployment.setting(service, name);
  if (setting == nullptr) return {};
  const auto& value = setting->value();
  if (value && value->is_secret()) return {};
  const bool usable = value && (!value->text().empty() || setting->rule.fallback.empty());
  return usable ? value->text() : setting->rule.fallback;
}

constexpr std::string_view modified_prefix = "modified:";

/// When the file that a setting names was changed last, in seconds since 1970; "" when it cannot be seen.
std::string modified(const Context& context, const std::string& name, const std::string& setting) {
  const auto* service = context.deployment.service(name);
  const auto path = parameter(context.deployment, name, setting);
  if (service == nullptr || path.empty()) return {};
  const auto place = locate(context.deployment, *service, path);
  if (!place) return {};
  const auto file = context.ask(FileQuestion{place->host});
  return file && file->kind == "file" ? std::to_string(file->modified) : std::string{};
}

std::string bound(const Context& context, const std::string& service, const std::string& name) {
  if (!name.starts_with(modified_prefix)) return parameter(context.deployment, service, name);
  return modified(context, service, name.substr(modified_prefix.size()));
}

ExpectationFacts look_at(const Context& context, const SourceFacts& facts, const Expectation& expected) {
  std::vector<std::string> parameters;
  for (const auto& name : expected.parameters) parameters.push_back(bound(context, facts.source.service, name));
  const PostgresSessionQuestion session{facts.source.setting, facts.source.dial.host, facts.source.dial.port,
                                        facts.source.dial.vantage};
  ExpectationFacts one;
  one.expected = expected;
  if (!expected.opens.empty()) {
    const auto setting = "setting:" + facts.source.service + "/" + expected.opens;
    one.sealed = context.ask(SecretQuestion{setting, "opens", expected.sql});
    return one;
  }
  one.answer = context.ask(PostgresRowsQuestion{session, expected.sql, std::move(parameters)});
  return one;
}

/// The value wanted, as a reader understands it: "0", "at least 1", "at most 0", "from 1 to 5".
std::string wanted(const Expectation& expected) {
  if (!expected.value.empty()) return formats::shown(expected.value, 60);
  if (expected.least && expected.most && *expected.least != *expected.most)
    return "from " + std::to_string(*expected.least) + " to " + std::to_string(*expected.most);
  if (expected.least && expected.most) return std::to_string(*expected.least);
  if (expected.least) return "at least " + std::to_string(*expected.least);
  return "at most " + std::to_string(expected.most.value_or(0));
}

bool holds(const Expectation& expected, const std::string& value) {
  if (!expected.value.empty() && value != expected.value) return false;
  if (!expected.least && !expected.most) return true;
  const auto number = formats::integer(value);
  if (!number) return false;
  return (!expected.least || *number >= *expected.least) && (!expected.most || *number <= *expected.most);
}

/// Undefined table, column or function: the description speaks of another release (PostgreSQL manual, appendix A).
bool is_unknown_object(const ProbeFailure& failure) {
  return failure.code == "42P01" || failure.code == "42703" || failure.code == "42883";
}

std::string subject_of(const SourceFacts& facts, const ExpectationFacts& one) {
  return one.expected.subject.empty() ? facts.source.endpoint : one.expected.subject;
}

void judge_failure(const SourceFacts& facts, const ExpectationFacts& one, const ProbeFailure& failure, Judgement& out) {
  if (failure.code == "unset") return;  // the check of settings says so
  if (!is_unknown_object(failure)) return note_refusal(facts, failure, out);
  out.skipped.push_back(
      {subject_of(facts, one), "the database has no such table or column: " + formats::shown(failure.detail, 120)});
}

void judge_sealed(const SourceFacts& facts, const ExpectationFacts& one, const Outcome<SecretAnswer>& sealed,
                  Judgement& out) {
  if (!sealed) return judge_failure(facts, one, sealed.error(), out);
  if (sealed->holds) return;
  out.findings.emplace_back(
      codes::database_expectation_failed, subject_of(facts, one),
      std::vector<Evidence>{seen(facts, "value", formats::shown(sealed->reason)),
                            seen(facts, "expected", "the key " + one.expected.opens + " fits all")},
      one.expected.violated);
}

void judge(const SourceFacts& facts, const ExpectationFacts& one, Judgement& out) {
  const auto subject = subject_of(facts, one);
  if (one.sealed) return judge_sealed(facts, one, *one.sealed, out);
  if (!one.answer) return judge_failure(facts, one, one.answer.error(), out);
  const auto& rows = one.answer->rows;
  const auto value = rows.empty() || rows.front().empty() ? std::string{} : text(rows.front().front());
  if (holds(one.expected, value)) return;
  std::vector<Evidence> evidence{seen(facts, "value", formats::shown(value.empty() ? "nothing" : value, 60)),
                                 seen(facts, "expected", wanted(one.expected))};
  if (!rows.empty() && rows.front().size() > 1)
    evidence.push_back(seen(facts, "example", formats::shown(text(rows.front()[1]), 120)));
  out.findings.emplace_back(codes::database_expectation_failed, subject, std::move(evidence), one.expected.violated);
}

}  // namespace

void ask_expectations(const Context& context, SourceFacts& facts) {
  const auto* service = context.deployment.service(facts.source.service);
  if (service == nullptr || !facts.described) return;
  for (const auto& expected : service->rule.expect)
    if (!expected.sql.empty()) facts.expectations.push_back(look_at(context, facts, expected));
}

void judge_expectations(const SourceFacts& facts, Judgement& out) {
  for (const auto& one : facts.expectations) judge(facts, one, out);
}

}  // namespace doctor::checks::database_check
