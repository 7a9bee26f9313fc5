#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checks/redis/facts.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/redis.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace redis_check {

std::string SourceFacts::address() const {
  if (session && *session && !(*session)->address.empty()) return (*session)->address;
  const bool v6 = source.dial.host.find(':') != std::string::npos;
  return (v6 ? "[" + source.dial.host + "]" : source.dial.host) + ":" + std::to_string(source.dial.port);
}

std::string SourceFacts::name() const {
  return source.setting.substr(source.setting.rfind('/') + 1);
}

Evidence seen(const SourceFacts& facts, std::string name, std::string value, std::string_view command) {
  const auto at = command.empty() ? facts.address() : std::string{command} + " at " + facts.address();
  return {std::move(name), std::move(value), at, facts.source.dial.vantage};
}

void note_unseen(const SourceFacts& facts, const std::string& reason, Judgement& out) {
  const bool said = std::any_of(out.unexamined.begin(), out.unexamined.end(), [&](const NotLookedAt& item) {
    return item.subject == facts.source.endpoint && item.reason == reason;
  });
  if (!said) out.unexamined.push_back({facts.source.endpoint, reason});
}

namespace {

constexpr std::string_view redis_role = "redis-url";

// ---- facts: facts.hpp

using Facts = std::vector<SourceFacts>;

// ---- observe

bool names_a_replica(const std::string& name) {
  const auto lower = formats::lower(name);
  constexpr std::array words{"replica", "slave", "_read_", "readonly", "read_only", "reader"};
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return lower.find(word) != std::string::npos; });
}

/// What happened on the way to a server happens to everybody who takes the way: settings that name one server share it.
using Ways = std::map<std::string, Outcome<RedisSessionAnswer>>;

bool is_of_the_way(const ProbeFailure& failure) {
  const bool before = failure.phase == "resolve" || failure.phase == "connect";
  return before || failure.kind == FailureKind::timed_out;
}

Outcome<RedisSessionAnswer> log_in(const Context& context, const DataSource& source, Ways& ways) {
  const auto& dial = source.dial;
  const auto way = dial.vantage + "\n" + source.scheme + "\n" + dial.host + "\n" + std::to_string(dial.port);
  if (const auto known = ways.find(way); known != ways.end()) return known->second;
  auto session = context.ask(RedisSessionQuestion{source.setting, dial.host, dial.port, dial.vantage});
  if (!session && is_of_the_way(session.error())) ways.emplace(way, session);
  return session;
}

SourceFacts look_at(const Context& context, const DataSource& source, Ways& ways) {
  SourceFacts facts;
  facts.source = source;
  facts.for_reading = names_a_replica(facts.name());
  if (const auto* setting = context.deployment.setting(source.setting)) facts.where = setting->where();
  if (!source.problem.empty() || !source.dial.reason.empty()) return facts;
  facts.session = log_in(context, source, ways);
  if (!*facts.session) return facts;
  ask_server(context, facts);
  facts.connections = connections_expected(context.deployment, source.endpoint);
  facts.exposure = exposure_of(context, facts);
  const auto* service = context.deployment.service(source.service);
  if (service == nullptr) return facts;
  const auto& expected = service->rule.expect;
  facts.has_queues = std::any_of(expected.begin(), expected.end(),
                                 [](const Expectation& one) { return !one.redis.empty() && one.forbids.empty(); });
  const bool answers = facts.ping && (*facts.ping || facts.ping->error().code == "NOPERM");
  if (!answers) return facts;
  ask_queues(context, facts, expected);
  ask_values(context, facts, expected);
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  Ways ways;
  for (const auto& source : context.deployment.redis)
    if (source.role == redis_role) facts.push_back(look_at(context, source, ways));
  return facts;
}

// ---- diagnose

std::string figure(const SourceFacts& facts) {
  auto text = formats::shown((*facts.session)->version, 40);
  if (!facts.info || !*facts.info) return text;
  const Info& info = **facts.info;
  const auto size = [&](std::string_view field) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number(info, field), 0));
  };
  text += ", " + formats::bytes(size("used_memory"));
  if (size("maxmemory") > 0) text += " of " + formats::bytes(size("maxmemory"));
  if (!facts.max_clients) return text;
  const auto clients = std::max<std::int64_t>(number(info, "connected_clients") - 1, 0);
  return text + ", " + std::to_string(clients) + " of " + std::to_string(*facts.max_clients) + " clients";
}

void judge_url(const SourceFacts& facts, Judgement& out) {
  out.findings.emplace_back(codes::redis_url_invalid, facts.source.setting,
                            std::vector<Evidence>{{"setting", facts.name(), {}, {}},
                                                  {"reason", formats::shown(facts.source.problem), {}, {}},
                                                  {"where", facts.where, {}, {}}});
}

void judge(const SourceFacts& facts, Judgement& out) {
  const auto& source = facts.source;
  const auto subject = source.endpoint.empty() ? source.setting : source.endpoint;
  if (!source.problem.empty()) return judge_url(facts, out);
  if (!source.dial.reason.empty()) return out.unexamined.push_back({subject, source.dial.reason});
  if (!*facts.session) return judge_login(facts, facts.session->error(), out);
  judge_state(facts, out);
}

template <class Item>
bool tells_of(const std::vector<Item>& items, const SourceFacts& facts) {
  return std::any_of(items.begin(), items.end(), [&](const Item& item) {
    return item.subject == facts.source.endpoint || item.subject == facts.source.setting;
  });
}

void name_healthy(const Facts& facts, Judgement& out) {
  for (const auto& one : facts) {
    if (!one.session || !*one.session || tells_of(out.findings, one) || tells_of(out.unexamined, one)) continue;
    const bool said = std::any_of(out.healthy.begin(), out.healthy.end(),
                                  [&](const Healthy& item) { return item.subject == one.source.endpoint; });
    if (!said) out.healthy.push_back({one.source.endpoint, figure(one)});
  }
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& source : facts) judge(source, out);
  judge_queues(facts, out);
  for (const auto& source : facts) judge_connections(source, out);
  for (const auto& source : facts) judge_values(source, out);
  for (const auto& source : facts) judge_exposure(source, out);
  name_healthy(facts, out);
  return out;
}

constexpr std::array reads{redis_role};
constexpr std::array codes_of_redis{codes::redis_url_invalid,
                                    codes::redis_name_not_resolved,
                                    codes::redis_refused,
                                    codes::redis_no_answer,
                                    codes::redis_unreachable,
                                    codes::redis_tls_rejected,
                                    codes::redis_tls_on_plain_port,
                                    codes::redis_plain_on_tls_port,
                                    codes::redis_not_redis,
                                    codes::redis_auth_required,
                                    codes::redis_auth_failed,
                                    codes::redis_password_unexpected,
                                    codes::redis_permission_missing,
                                    codes::redis_protected_mode,
                                    codes::redis_loading,
                                    codes::redis_master_down,
                                    codes::redis_read_only,
                                    codes::redis_write_blocked,
                                    codes::redis_database_index_invalid,
                                    codes::redis_memory_full,
                                    codes::redis_memory_high,
                                    codes::redis_eviction_active,
                                    codes::redis_eviction_policy_unsafe,
                                    codes::redis_clients_exhausted,
                                    codes::redis_clients_near_limit,
                                    codes::redis_clients_leaked,
                                    codes::redis_persistence_failed,
                                    codes::redis_slow,
                                    codes::redis_queue_deep,
                                    codes::redis_value_unexpected,
                                    codes::redis_unprotected};

}  // namespace

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

}  // namespace redis_check

extern const CheckInfo redis{"redis",
                             "Redis accepts the login, has room, writes what it must, and its queues are drained",
                             redis_check::reads,
                             {},
                             redis_check::codes_of_redis,
                             redis_check::run};

}  // namespace doctor::checks
