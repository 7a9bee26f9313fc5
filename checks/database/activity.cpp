#include <algorithm>

#include "checks/database/facts.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::database_check {
namespace {

void report(const SourceFacts& facts, Judgement& out, Code code, std::vector<Evidence> evidence) {
  out.findings.emplace_back(code, facts.source.endpoint, std::move(evidence));
}

void judge_server(const SourceFacts& facts, Judgement& out) {
  const auto& session = session_of(facts);
  if (facts.rule.minimum_version > session.version)
    report(facts, out, codes::database_version_too_old,
           {seen(facts, "version", formats::shown(session.version_text)),
            seen(facts, "minimum", std::to_string(facts.rule.minimum_version / 10000))});
  if (!session.read_only) return;
  const auto* recovery = value_of(facts, facts.in_recovery, out);
  report(facts, out, codes::database_read_only,
         {seen(facts, "reason", recovery != nullptr && *recovery ? "in recovery" : "default_transaction_read_only")});
}

void judge_slots(const SourceFacts& facts, Judgement& out) {
  const auto* slots = value_of(facts, facts.slots, out);
  if (slots == nullptr || slots->limit <= 0) return;
  constexpr std::int64_t high_percent = 80;
  const auto used = seen(facts, "used", std::to_string(slots->used), "pg_stat_database");
  const auto limit = seen(facts, "limit", std::to_string(slots->limit), "max_connections");
  if (slots->used >= slots->limit)
    report(facts, out, codes::database_connections_exhausted, {seen(facts, "address", facts.address()), used, limit});
  else if (slots->used * 100 >= slots->limit * high_percent)
    report(facts, out, codes::database_connections_high, {used, limit});
  if (facts.rule.pool > slots->limit)
    report(facts, out, codes::database_pool_exceeds_limit,
           {seen(facts, "pool", std::to_string(facts.rule.pool)), limit});
}

/// Whoever waits for the holder of the migration lock is told about there.
bool waits_for_migrations(const SourceFacts& facts, const BlockedSession& session) {
  if (!facts.migrations || !facts.migrations->holders || !*facts.migrations->holders) return false;
  const auto& holders = **facts.migrations->holders;
  return std::any_of(holders.begin(), holders.end(),
                     [&](const LockHolder& holder) { return holder.pid == session.blocker; });
}

void judge_sessions(const SourceFacts& facts, Judgement& out) {
  const auto view = "pg_stat_activity";
  if (const auto* blocked = value_of(facts, facts.blocked_sessions, out)) {
    for (const auto& session : *blocked) {
      if (waits_for_migrations(facts, session)) continue;
      report(facts, out, codes::database_session_blocked,
             {seen(facts, "pid", formats::shown(session.pid), view),
              seen(facts, "blocker", formats::shown(session.blocker), view),
              seen(facts, "waited", formats::duration(session.waited), view)});
      break;  // the longest wait; the others stand in the same queue more often than not
    }
  }
  const auto* idle = value_of(facts, facts.idle, out);
  if (idle == nullptr || idle->empty()) return;
  report(facts, out, codes::database_transaction_idle,
         {seen(facts, "pid", formats::shown(idle->front().pid), view),
          seen(facts, "since", formats::duration(idle->front().since), view)});
}

void judge_size(const SourceFacts& facts, Judgement& out) {
  const auto* size = value_of(facts, facts.size, out);
  if (size == nullptr || facts.rule.oversized_bytes <= 0 || !facts.free_bytes) return;
  if (size->bytes <= static_cast<std::uint64_t>(facts.rule.oversized_bytes) || size->bytes <= *facts.free_bytes) return;
  report(facts, out, codes::database_oversized,
         {seen(facts, "size", formats::bytes(size->bytes), "pg_database_size"),
          {"free", formats::bytes(*facts.free_bytes), "statvfs", "host"},
          seen(facts, "largest", size->largest, "pg_class")});
}

void judge_privileges(const SourceFacts& facts, Judgement& out) {
  const auto* privileges = value_of(facts, facts.privileges, out);
  if (privileges == nullptr) return;
  const auto& session = session_of(facts);
  const bool creates = migrates_itself(facts.rule.migrations);
  if (privileges->use_schema && (privileges->create_in_schema || !creates)) return;
  report(facts, out, codes::database_privilege_missing,
         {seen(facts, "user", formats::shown(session.user)), seen(facts, "object", "schema public"),
          seen(facts, "privilege", privileges->use_schema ? "CREATE" : "USAGE", "has_schema_privilege")});
}

}  // namespace

void judge_activity(const SourceFacts& facts, Judgement& out) {
  judge_server(facts, out);
  judge_slots(facts, out);
  judge_sessions(facts, out);
  judge_size(facts, out);
  judge_privileges(facts, out);
}

}  // namespace doctor::checks::database_check
