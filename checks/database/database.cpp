#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "checks/database/facts.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace database_check {

std::string SourceFacts::address() const {
  if (session && *session && !(*session)->address.empty()) return (*session)->address;
  const bool v6 = source.dial.host.find(':') != std::string::npos;
  return (v6 ? "[" + source.dial.host + "]" : source.dial.host) + ":" + std::to_string(source.dial.port);
}

Evidence seen(const SourceFacts& facts, std::string name, std::string value, const std::string& source) {
  const auto at = source.empty() ? facts.address() : source + " at " + facts.address();
  return {std::move(name), std::move(value), at, facts.source.dial.vantage};
}

void note_refusal(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out) {
  const auto reason = formats::describe(failure);
  const bool said = std::any_of(out.unexamined.begin(), out.unexamined.end(), [&](const NotLookedAt& item) {
    return item.subject == facts.source.endpoint && item.reason == reason;
  });
  if (!said) out.unexamined.push_back({facts.source.endpoint, reason});
}

namespace {

constexpr std::string_view database_role = "database-url";

// ---- facts: facts.hpp

using Facts = std::vector<SourceFacts>;

// ---- observe

/// Nothing can answer in a container that does not run. When the whole deployment is stopped, nobody misses it.
std::string stopped_container(const Deployment& deployment, const DataSource& source) {
  const auto* user = deployment.service(source.service);
  const bool needed = user != nullptr && user->container &&
                      (user->container->status == "running" || user->container->status == "restarting");
  const auto begin = source.endpoint.find(':') + 1;
  const auto* target = deployment.service(source.endpoint.substr(begin, source.endpoint.rfind(':') - begin));
  if (!needed || target == nullptr || !target->container || target->container->status == "running") return {};
  return "container " + target->container->name + " is " + formats::shown(target->container->status, 20);
}

SourceFacts look_at(const Context& context, const DataSource& source) {
  SourceFacts facts;
  facts.source = source;
  if (const auto* setting = context.deployment.setting(source.setting)) facts.where = setting->where();
  const auto* service = context.deployment.service(source.service);
  if (service != nullptr && service->rule.database) {
    const auto& rule = *service->rule.database;
    facts.described = source.setting.ends_with("/" + rule.setting);
    if (facts.described) facts.rule = rule;
  }
  if (source.problem.empty() && !source.dial.reason.empty())
    facts.stopped = stopped_container(context.deployment, source);
  if (!source.problem.empty() || !source.dial.reason.empty()) return facts;
  const auto& dial = source.dial;
  facts.session = context.ask(PostgresSessionQuestion{source.setting, dial.host, dial.port, dial.vantage});
  if (*facts.session) ask_server(context, facts);
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& source : context.deployment.data_sources)
    if (source.role == database_role) facts.push_back(look_at(context, source));
  return facts;
}

// ---- diagnose

std::string figure(const SourceFacts& facts) {
  auto text = "PostgreSQL " + formats::shown((*facts.session)->version_text, 40);
  text = text.substr(0, text.find(" ("));
  if (facts.slots && *facts.slots)
    text +=
        ", " + std::to_string((*facts.slots)->used) + " of " + std::to_string((*facts.slots)->limit) + " connections";
  if (facts.migrations && facts.migrations->applied && *facts.migrations->applied) {
    const auto applied = (*facts.migrations->applied)->size();
    const bool files = facts.migrations->files && *facts.migrations->files && !(*facts.migrations->files)->empty();
    const auto known = files ? (*facts.migrations->files)->size() : applied;
    text += ", " + std::to_string(applied) + " of " + std::to_string(known) + " migrations";
  }
  if (facts.named_migrations && facts.named_migrations->applied && *facts.named_migrations->applied)
    text += ", " + std::to_string((*facts.named_migrations->applied)->size()) + " migrations";
  return text;
}

void judge_url(const SourceFacts& facts, Judgement& out) {
  const auto& setting = facts.source.setting;
  out.findings.emplace_back(codes::database_url_invalid, setting,
                            std::vector<Evidence>{{"setting", setting.substr(setting.rfind('/') + 1), {}, {}},
                                                  {"reason", formats::shown(facts.source.problem), {}, {}},
                                                  {"where", facts.where, {}, {}}});
}

void judge_stopped(const SourceFacts& facts, Judgement& out) {
  const auto& source = facts.source;
  out.findings.emplace_back(
      codes::database_unreachable, source.endpoint,
      std::vector<Evidence>{{"address", source.host + ":" + std::to_string(source.port), facts.where, "host"},
                            {"reason", facts.stopped, "Docker Engine", "host"}});
}

void judge(const SourceFacts& facts, Judgement& out) {
  const auto& source = facts.source;
  const auto subject = source.endpoint.empty() ? source.setting : source.endpoint;
  if (!source.problem.empty()) return judge_url(facts, out);
  if (!facts.stopped.empty()) return judge_stopped(facts, out);
  if (!source.dial.reason.empty()) return out.unexamined.push_back({subject, source.dial.reason});
  if (!*facts.session) return judge_login(facts, facts.session->error(), out);
  const auto before = out.findings.size() + out.unexamined.size();
  judge_activity(facts, out);
  judge_migrations(facts, out);
  judge_named_migrations(facts, out);
  judge_schema(facts, out);
  judge_expectations(facts, out);
  if (out.findings.size() + out.unexamined.size() == before) out.healthy.push_back({subject, figure(facts)});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& source : facts) judge(source, out);
  return out;
}

constexpr std::array reads{database_role};
constexpr std::array codes_of_database{codes::database_url_invalid,
                                       codes::database_name_not_resolved,
                                       codes::database_refused,
                                       codes::database_no_answer,
                                       codes::database_unreachable,
                                       codes::database_protocol_error,
                                       codes::database_tls_rejected,
                                       codes::database_auth_failed,
                                       codes::database_access_denied,
                                       codes::database_tls_required,
                                       codes::database_missing,
                                       codes::database_starting,
                                       codes::database_connections_exhausted,
                                       codes::database_connections_high,
                                       codes::database_pool_exceeds_limit,
                                       codes::database_version_too_old,
                                       codes::database_privilege_missing,
                                       codes::database_read_only,
                                       codes::database_migrations_missing,
                                       codes::database_migration_failed,
                                       codes::database_migration_pending,
                                       codes::database_migration_unknown,
                                       codes::database_migration_changed,
                                       codes::database_migration_lock_held,
                                       codes::database_migration_skipped,
                                       codes::database_migration_unrecorded,
                                       codes::database_table_missing,
                                       codes::database_column_missing,
                                       codes::database_session_blocked,
                                       codes::database_transaction_idle,
                                       codes::database_oversized,
                                       codes::database_expectation_failed};

}  // namespace

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

}  // namespace database_check

extern const CheckInfo database{"database",
                                "the database accepts the login and has room, rights and all migrations",
                                database_check::reads,
                                {},
                                database_check::codes_of_database,
                                database_check::run};

}  // namespace doctor::checks
