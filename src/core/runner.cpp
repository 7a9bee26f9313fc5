#include "core/runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "util/crash.hpp"

namespace doctor::core {
namespace {

using Clock = Deadline::Clock;
using std::chrono::milliseconds;

/// A check learns of its deadline through its probes; this long after it the runner no longer waits.
constexpr milliseconds grace{250};
/// How long an interrupted run waits for what is under way.
constexpr milliseconds interrupt_grace{500};

enum class Phase { waiting, running, ended };

struct Slot {
  CheckResult result;
  Phase phase = Phase::waiting;
  Clock::time_point started;
  Clock::time_point give_up;
  std::stop_source stop;
};

/// Shared by the caller and the workers; a worker that is left behind keeps it alive.
struct Run {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Slot> slots;
  bool closed = false;  ///< the caller has gone; nothing may be written any more
  std::shared_ptr<const Deployment> deployment;
  std::shared_ptr<Probes> probes;
  RunOptions options;
  Clock::time_point end;
};

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool must_wait_for(const CheckInfo& check, const Slot& other) {
  return other.phase != Phase::ended &&
         std::find(check.after.begin(), check.after.end(), other.result.check->id) != check.after.end();
}

Slot* next_ready(Run& run) {
  for (auto& slot : run.slots) {
    if (slot.phase != Phase::waiting) continue;
    const bool held = std::any_of(run.slots.begin(), run.slots.end(),
                                  [&](const Slot& other) { return must_wait_for(*slot.result.check, other); });
    if (!held) return &slot;
  }
  return nullptr;
}

bool all_ended(const Run& run) {
  return std::all_of(run.slots.begin(), run.slots.end(), [](const Slot& slot) { return slot.phase == Phase::ended; });
}

/// Subjects on which the checks that `check` comes after have found an error.
std::set<std::string> errors_before(Run& run, const CheckInfo& check) {
  const std::lock_guard lock{run.mutex};
  std::set<std::string> subjects;
  for (const auto& slot : run.slots) {
    if (std::find(check.after.begin(), check.after.end(), slot.result.check->id) == check.after.end()) continue;
    for (const auto& finding : slot.result.judgement.findings)
      if (run.options.is_error && run.options.is_error(finding)) subjects.insert(finding.subject);
  }
  return subjects;
}

std::optional<std::string> blocker(const Deployment& deployment, const std::set<std::string>& errors,
                                   const std::string& subject) {
  if (errors.empty()) return std::nullopt;
  if (errors.count(subject) > 0) return subject + " has an error";
  for (const auto& upstream : deployment.depends_on(subject))
    if (errors.count(upstream) > 0) return "it depends on " + upstream + ", which has an error";
  return std::nullopt;
}

Judgement unexamined(const CheckInfo& check, std::string reason) {
  Judgement judgement;
  judgement.unexamined.push_back({"check:" + std::string{check.id}, std::move(reason)});
  return judgement;
}

/// Runs one check. Whatever it throws is the check's own fault and becomes its result.
Judgement examine(Run& run, const CheckInfo& check, const Deadline& deadline) {
  const auto errors = errors_before(run, check);
  const util::Doing doing{check.id};
  const Context context{*run.deployment, *run.probes, deadline,
                        [&](const std::string& subject) { return blocker(*run.deployment, errors, subject); }};
  try {
    return check.run(context);
  } catch (const std::exception& fault) {
    return unexamined(check, std::string{"the check failed inside doctor: "} + fault.what());
  } catch (...) {
    return unexamined(check, "the check failed inside doctor with an unknown exception");
  }
}

void settle(CheckResult& result) {
  const auto& judgement = result.judgement;
  if (!judgement.findings.empty()) {
    result.status = "failed";
  } else if (!judgement.unexamined.empty()) {
    result.status = "unexamined";
    result.reason = judgement.unexamined.front().reason;
  } else if (!judgement.healthy.empty()) {
    result.status = "passed";
  } else {
    result.status = "skipped";
    result.reason = judgement.skipped.empty() ? std::string{nothing_there} : judgement.skipped.front().reason;
  }
}

/// Under the lock.
void end(Run& run, Slot& slot, Judgement judgement) {
  slot.result.judgement = std::move(judgement);
  slot.result.took = std::chrono::duration_cast<milliseconds>(Clock::now() - slot.started);
  settle(slot.result);
  slot.phase = Phase::ended;
  if (run.options.ended) run.options.ended(slot.result);
  run.changed.notify_all();
}

milliseconds limit_of(const CheckInfo& check, const RunOptions& options) {
  const auto more = options.patience.find(std::string{check.id});
  return options.check_limit + (more == options.patience.end() ? milliseconds{0} : more->second);
}

void work(const std::shared_ptr<Run>& run) {
  std::unique_lock lock{run->mutex};
  for (;;) {
    Slot* slot = nullptr;
    run->changed.wait(lock, [&] { return run->closed || all_ended(*run) || (slot = next_ready(*run)) != nullptr; });
    if (run->closed || slot == nullptr) return;
    slot->phase = Phase::running;
    slot->started = Clock::now();
    const CheckInfo& check = *slot->result.check;
    const auto limit = std::min(slot->started + limit_of(check, run->options), run->end);
    slot->give_up = limit + grace;
    const Deadline deadline{limit, slot->stop.get_token()};
    run->changed.notify_all();
    lock.unlock();
    auto judgement = examine(*run, check, deadline);
    lock.lock();
    if (run->closed || slot->phase == Phase::ended) return;  // given up meanwhile; the pool has a replacement
    end(*run, *slot, std::move(judgement));
  }
}

std::string waited_text(const Slot& slot) {
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - slot.started);
  return "no answer after " + std::to_string(waited.count()) + " s";
}

/// Ends every running check whose time is over and starts a worker in place of the one that is stuck. Under the lock.
/// Returns whether one was left behind.
bool give_up_overdue(const std::shared_ptr<Run>& run, Clock::time_point now) {
  bool left_behind = false;
  for (auto& slot : run->slots) {
    if (slot.phase != Phase::running || now < slot.give_up) continue;
    slot.stop.request_stop();
    end(*run, slot, unexamined(*slot.result.check, waited_text(slot)));
    std::thread{work, run}.detach();
    left_behind = true;
  }
  return left_behind;
}

void end_all(Run& run, const std::string& waiting_reason, const std::string& running_reason) {
  for (auto& slot : run.slots) {
    if (slot.phase == Phase::ended) continue;
    slot.stop.request_stop();
    const bool waiting = slot.phase == Phase::waiting;
    if (waiting) slot.started = Clock::now();
    end(run, slot, unexamined(*slot.result.check, waiting ? waiting_reason : running_reason));
  }
}

Clock::time_point next_event(const Run& run) {
  auto at = run.end + grace;
  for (const auto& slot : run.slots)
    if (slot.phase == Phase::running) at = std::min(at, slot.give_up);
  return at;
}

/// Waits until every check has ended or its time is over. Returns whether all came back by themselves.
bool supervise(const std::shared_ptr<Run>& run) {
  bool complete = true;
  std::unique_lock lock{run->mutex};
  std::optional<Clock::time_point> interrupted;
  const std::stop_callback on_stop{run->options.stop, [&run] { run->changed.notify_all(); }};
  while (!all_ended(*run)) {
    const auto now = Clock::now();
    if (run->options.stop.stop_requested() && !interrupted) {
      interrupted = now + interrupt_grace;
      for (auto& slot : run->slots) slot.stop.request_stop();
    }
    if (interrupted && (now >= *interrupted)) {
      end_all(*run, "interrupted before it began", "interrupted");
      complete = false;
    } else if (now >= run->end + grace) {
      end_all(*run, "the time for the run was over before it began", "the time for the run was over");
      complete = false;
    } else if (give_up_overdue(run, now)) {
      complete = false;
    } else {
      // A stop request may slip in before the wait: look again at least every 100 ms.
      const auto wake =
          std::min({next_event(*run), interrupted.value_or(Clock::time_point::max()), now + milliseconds{100}});
      run->changed.wait_until(lock, wake);
    }
  }
  run->closed = true;
  run->changed.notify_all();
  return complete && !interrupted;
}

std::shared_ptr<Run> prepared(const std::vector<const CheckInfo*>& checks, std::shared_ptr<const Deployment> deployment,
                              std::shared_ptr<Probes> probes, const RunOptions& options) {
  auto run = std::make_shared<Run>();
  run->deployment = std::move(deployment);
  run->probes = std::move(probes);
  run->options = options;
  run->end = Clock::now() + options.run_limit;
  run->slots.resize(checks.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    auto& slot = run->slots[i];
    slot.result.check = checks[i];
    const auto crash = options.crashed.find(std::string{checks[i]->id});
    if (contains(options.skipped, checks[i]->id)) {
      slot.result.status = "skipped";
      slot.result.reason = "excluded on the command line";
    } else if (crash != options.crashed.end()) {
      slot.result.judgement = unexamined(*checks[i], "the check crashed inside doctor (" + crash->second + ")");
      settle(slot.result);
    } else {
      continue;
    }
    slot.phase = Phase::ended;
  }
  return run;
}

}  // namespace

RunResult run(const std::vector<const CheckInfo*>& checks, std::shared_ptr<const Deployment> deployment,
              std::shared_ptr<Probes> probes, const RunOptions& options) {
  const util::Repeatable repeatable;
  const auto state = prepared(checks, std::move(deployment), std::move(probes), options);
  const auto workers = std::min<std::size_t>(std::max(1U, options.workers), std::max<std::size_t>(1, checks.size()));
  std::vector<std::thread> pool;
  for (std::size_t i = 0; i < workers; ++i) pool.emplace_back(work, state);
  RunResult result;
  result.complete = supervise(state);
  // A worker that came back is waited for, so that its libraries' per-thread memory is gone before the process ends.
  // A run that left somebody behind waits for nobody.
  for (auto& worker : pool) result.complete ? worker.join() : worker.detach();
  const std::lock_guard lock{state->mutex};
  for (auto& slot : state->slots) result.checks.push_back(std::move(slot.result));
  return result;
}

}  // namespace doctor::core
