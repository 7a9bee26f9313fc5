#include <algorithm>
#include <array>

#include "checks/redis/facts.hpp"
#include "doctor/codes/redis.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::redis_check {
namespace {

constexpr std::chrono::milliseconds slow_answer{100};
constexpr std::int64_t high_percent = 90;

void add(const SourceFacts& facts, Code code, std::vector<Evidence> more, Judgement& out) {
  std::vector<Evidence> evidence{seen(facts, "address", facts.address())};
  for (auto& one : more) evidence.push_back(std::move(one));
  out.findings.emplace_back(code, facts.source.endpoint, std::move(evidence));
}

std::string bytes(std::int64_t count) {
  return formats::bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)));
}

/// Whether any database holds a key that may be evicted or that expires: the policies volatile-* touch no other.
bool has_expiring_keys(const Info& info) {
  for (const auto& [name, value] : info) {
    const auto at = value.find(",expires=");
    if (name.starts_with("db") && at != std::string::npos && value.compare(at, 11, ",expires=0,") != 0) return true;
  }
  return false;
}

bool never_evicts(const Info& info) {
  const auto policy = text(info, "maxmemory_policy");
  return policy == "noeviction" || (policy.starts_with("volatile-") && !has_expiring_keys(info));
}

/// A full server swings just below its limit: what it refused since its start is counted in INFO (Redis 6.2).
bool is_full(const Info& info, std::int64_t used, std::int64_t limit) {
  return used >= limit || !text(info, "errorstat_OOM").empty();
}

/// False: there is room, or no limit.
bool judge_room(const SourceFacts& facts, const Info& info, Judgement& out) {
  const auto limit = number(info, "maxmemory");
  // What Redis compares: buffers for replicas and for the append-only file do not count.
  const auto used = number(info, "used_memory") - number(info, "mem_not_counted_for_evict");
  if (limit <= 0 || !never_evicts(info) || used < limit / 100 * high_percent) return false;
  add(facts, is_full(info, used, limit) ? codes::redis_memory_full : codes::redis_memory_high,
      {seen(facts, "used", bytes(used), "INFO memory"), seen(facts, "limit", bytes(limit), "INFO memory"),
       seen(facts, "policy", formats::shown(text(info, "maxmemory_policy")), "INFO memory")},
      out);
  return true;
}

/// Work that waits in a queue must not be thrown away to make room.
void judge_eviction(const SourceFacts& facts, const Info& info, Judgement& out) {
  const auto policy = text(info, "maxmemory_policy");
  const auto limit = number(info, "maxmemory");
  if (!facts.has_queues || limit <= 0 || policy.empty() || policy == "noeviction") return;
  const auto evicted = number(info, "evicted_keys");
  const auto shown = seen(facts, "policy", formats::shown(policy), "INFO memory");
  if (evicted > 0 && policy.starts_with("allkeys-"))
    add(facts, codes::redis_eviction_active, {shown, seen(facts, "evicted", std::to_string(evicted), "INFO stats")},
        out);
  else
    add(facts, codes::redis_eviction_policy_unsafe, {shown, seen(facts, "limit", bytes(limit), "INFO memory")}, out);
}

/// Doctor's own connection does not count.
std::int64_t clients(const Info& info) {
  return std::max<std::int64_t>(number(info, "connected_clients") - 1, 0);
}

void judge_clients(const SourceFacts& facts, const Info& info, Judgement& out) {
  if (!facts.max_clients || clients(info) * 100 < *facts.max_clients * high_percent) return;
  add(facts, codes::redis_clients_near_limit,
      {seen(facts, "used", std::to_string(clients(info)), "INFO clients"),
       seen(facts, "limit", std::to_string(*facts.max_clients), "INFO clients")},
      out);
}

/// The parts of persistence whose last attempt failed.
std::string failed_persistence(const Info& info) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> parts{
      {{"rdb_last_bgsave_status", "snapshot (RDB)"},
       {"aof_last_write_status", "write to the append-only file"},
       {"aof_last_bgrewrite_status", "rewrite of the append-only file"}}};
  std::vector<std::string> failed;
  for (const auto& [field, name] : parts)
    if (text(info, field) == "err") failed.emplace_back(name);
  return formats::join(failed, ", ");
}

/// PING is refused as a write is; true: it was.
bool judge_ping(const SourceFacts& facts, Judgement& out) {
  if (!facts.ping || *facts.ping) return false;
  const auto& failure = facts.ping->error();
  if (failure.code == "NOPERM") {
    const bool may_not_read = facts.type && !*facts.type && facts.type->error().code == "NOPERM" &&
                              facts.type->error().detail.find("run the") != std::string::npos;
    if (may_not_read) judge_login(facts, failure, out);
    return may_not_read;
  }
  judge_login(facts, failure, out);
  return true;
}

void judge_persistence(const SourceFacts& facts, const Info& info, Judgement& out) {
  const auto failed = failed_persistence(info);
  if (failed.empty()) return;
  add(facts, codes::redis_persistence_failed, {seen(facts, "failed", failed, "INFO persistence")}, out);
}

void judge_role(const SourceFacts& facts, const Info& info, Judgement& out) {
  if (text(info, "role") != "slave" || text(info, "slave_read_only") == "0" || facts.for_reading) return;
  const auto master =
      formats::shown(text(info, "master_host"), 80) + ":" + formats::shown(text(info, "master_port"), 8);
  add(facts, codes::redis_read_only,
      {seen(facts, "master", master, "INFO replication"), seen(facts, "setting", facts.name())}, out);
}

void judge_speed(const SourceFacts& facts, Judgement& out) {
  if (!facts.quickest || *facts.quickest <= slow_answer) return;
  add(facts, codes::redis_slow,
      {seen(facts, "took", std::to_string(facts.quickest->count()) + " ms", "PING, TIME, INFO")}, out);
}

void note_missing_info(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out) {
  if (failure.code == "NOPERM" || failure.code == "UNKNOWN")
    return note_unseen(facts, "the login may not ask for INFO: memory, clients and persistence are not known", out);
  note_unseen(facts, formats::describe(failure), out);
}

std::string expectation(const Expectation& expected) {
  std::string text;
  if (expected.least) text = "at least " + std::to_string(*expected.least);
  if (expected.most) text += (text.empty() ? "at most " : ", at most ") + std::to_string(*expected.most);
  return text;
}

bool fits(const Expectation& expected, std::int64_t length) {
  return (!expected.least || length >= *expected.least) && (!expected.most || length <= *expected.most);
}

void judge_queue(const SourceFacts& facts, const QueueFacts& queue, Judgement& out) {
  const auto& expected = queue.expected;
  if (!queue.length) {
    const auto& failure = queue.length.error();
    if (failure.code == "NOPERM") return judge_login(facts, failure, out);
    const auto reason = failure.code == "no-queue" ? failure.detail : formats::describe(failure);
    return note_unseen(facts, "the key " + formats::shown(expected.redis, 80) + ": " + reason, out);
  }
  if (fits(expected, *queue.length)) return;
  out.findings.emplace_back(
      codes::redis_queue_deep, expected.subject.empty() ? facts.source.endpoint : expected.subject,
      std::vector<Evidence>{
          seen(facts, "address", facts.address()), seen(facts, "key", formats::shown(expected.redis, 80)),
          seen(facts, "length", std::to_string(*queue.length)), seen(facts, "expected", expectation(expected))},
      expected.violated);
}

/// The same queue in another source of the same service.
const QueueFacts* same_queue(const SourceFacts& facts, const QueueFacts& queue) {
  for (const auto& other : facts.queues)
    if (other.expected.redis == queue.expected.redis) return &other;
  return nullptr;
}

/// Of several sources of one service, the one that holds the key has the queue; of none, the first.
bool is_home(const std::vector<SourceFacts>& all, const SourceFacts& facts, const QueueFacts& queue) {
  const auto rank = [](const QueueFacts& one) { return one.length ? *one.length : -1; };
  bool before = true;
  for (const auto& other : all) {
    if (&other == &facts) {
      before = false;
      continue;
    }
    const auto* rival = other.source.service == facts.source.service ? same_queue(other, queue) : nullptr;
    if (rival == nullptr) continue;
    if (before ? rank(*rival) >= rank(queue) : rank(*rival) > rank(queue)) return false;
  }
  return true;
}

}  // namespace

void judge_state(const SourceFacts& facts, Judgement& out) {
  const bool blocked = judge_ping(facts, out);
  if (!blocked) judge_speed(facts, out);
  if (!facts.info) return;
  if (!*facts.info) {
    if (!blocked) note_missing_info(facts, facts.info->error(), out);
    return;
  }
  const Info& info = **facts.info;
  const bool full = judge_room(facts, info, out);
  if (!full) judge_eviction(facts, info, out);
  judge_clients(facts, info, out);
  if (!blocked) judge_persistence(facts, info, out);
  if (!blocked) judge_role(facts, info, out);
}

void judge_queues(const std::vector<SourceFacts>& all, Judgement& out) {
  for (const auto& facts : all)
    for (const auto& queue : facts.queues)
      if (is_home(all, facts, queue)) judge_queue(facts, queue, out);
}

}  // namespace doctor::checks::redis_check
