#include <algorithm>

#include "checks/redis/facts.hpp"
#include "doctor/codes/redis.hpp"
#include "doctor/format/line_match.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::redis_check {
namespace {

/// The claim of the token in a setting of the service; nothing when there is no such setting, token or claim: the check
/// of tokens says so.
std::optional<std::string> claim_of(const Context& context, const std::string& service, const std::string& name,
                                    const std::string& claim) {
  if (context.deployment.setting(service, name) == nullptr) return std::nullopt;
  const auto token = context.ask(TokenQuestion{"setting:" + service + "/" + name, {claim}});
  if (!token) return std::nullopt;
  for (const auto& one : token->claims)
    if (one.name == claim && !one.value.empty()) return one.value;
  return std::nullopt;
}

/// The key with every {SETTING.claim} filled in; nothing when one of them has no value.
std::optional<std::string> filled(const Context& context, const std::string& service, const std::string& pattern) {
  std::string key;
  std::string_view rest{pattern};
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const auto close = rest.find('}', open);
    const auto dot = rest.find('.', open);
    if (close == std::string_view::npos || dot == std::string_view::npos || dot > close) break;
    const auto value = claim_of(context, service, std::string{rest.substr(open + 1, dot - open - 1)},
                                std::string{rest.substr(dot + 1, close - dot - 1)});
    if (!value) return std::nullopt;
    key.append(rest.substr(0, open)).append(*value);
    rest.remove_prefix(close + 1);
  }
  return key.append(rest);
}

/// When the process of the service began; 0: it does not run, or nobody knows.
std::int64_t started(const Deployment& deployment, const std::string& name) {
  const auto* service = deployment.service(name);
  if (service == nullptr) return 0;
  if (service->process) return service->process->started;
  return service->container && service->container->status == "running" ? service->container->started : 0;
}

bool is_forbidden(const ValueFacts& facts) {
  if (!facts.value || facts.value->text.empty()) return false;
  const auto line = formats::first_matching_line(facts.value->text, facts.expected.forbids);
  return line && *line > 0;
}

/// A key that lives for a known time tells by what is left of it when it was written.
void date(const Context& context, const SourceFacts& facts, ValueFacts& value) {
  if (value.expected.lifetime.count() == 0) return;
  const auto left = ask(context, facts, {"PTTL", value.key});
  const auto milliseconds = left ? formats::integer(left->text).value_or(-1) : -1;
  if (milliseconds < 0) return;
  constexpr std::int64_t a_second = 1000;
  value.age = std::max<std::int64_t>(value.expected.lifetime.count() - milliseconds, 0) / a_second;
  const auto clock = context.ask(ClockQuestion{});
  const auto begin = started(context.deployment, facts.source.service);
  value.outlived = clock && begin > 0 && clock->now - *value.age < begin;
}

}  // namespace

void ask_values(const Context& context, SourceFacts& facts, const std::vector<Expectation>& expected) {
  for (const auto& one : expected) {
    if (one.redis.empty() || one.forbids.empty()) continue;
    auto key = filled(context, facts.source.service, one.redis);
    if (!key) continue;
    ValueFacts value;
    value.expected = one;
    value.key = std::move(*key);
    value.value = ask(context, facts, {"GETRANGE", value.key, "0", "63"});
    if (is_forbidden(value)) date(context, facts, value);
    facts.values.push_back(std::move(value));
  }
}

void judge_values(const SourceFacts& facts, Judgement& out) {
  for (const auto& one : facts.values) {
    if (!one.value) {
      const auto& failure = one.value.error();
      if (failure.code == "NOPERM")
        judge_login(facts, failure, out);
      else
        note_unseen(facts, "the key " + formats::shown(one.key, 80) + ": " + formats::describe(failure), out);
      continue;
    }
    if (!is_forbidden(one)) continue;
    const auto& expected = one.expected;
    const bool outlived = one.outlived && !expected.outlived.empty();
    out.findings.emplace_back(
        codes::redis_value_unexpected, expected.subject.empty() ? facts.source.endpoint : expected.subject,
        std::vector<Evidence>{
            seen(facts, "address", facts.address()), seen(facts, "key", formats::shown(one.key, 80)),
            seen(facts, "value", formats::shown(one.value->text, 64), "GETRANGE"),
            seen(facts, "age", one.age ? formats::duration(*one.age) : std::string{"not known"}, "PTTL")},
        outlived ? expected.outlived : expected.violated);
  }
}

}  // namespace doctor::checks::redis_check
