#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"

namespace doctor::probes {

/// Whether an outcome says something about the world, and may therefore serve everybody who asks. A stop, or the
/// asker's own deadline running out before the probe's limit did, says something about the asker only.
template <class Answer>
bool is_final(const Outcome<Answer>& outcome, const Deadline& asker) {
  if (outcome) return true;
  if (outcome.error().kind == FailureKind::cancelled) return false;
  return outcome.error().kind != FailureKind::timed_out || !asker.expired();
}

/// Answers by key, each asked for once: the first who comes asks, the others wait for it, each no longer than its own
/// deadline. An outcome that is not final is forgotten, and the next waiter asks anew. Thread-safe.
template <class Answer>
class Memo {
 public:
  using Ask = std::function<Outcome<Answer>()>;

  Outcome<Answer> get(const std::string& key, const Deadline& deadline, const Ask& ask) {
    const auto started = Deadline::Clock::now();
    std::unique_lock lock{mutex_};
    for (;;) {
      auto [found, is_new] = slots_.try_emplace(key);
      if (is_new) return ask_first(lock, key, deadline, ask);
      if (const auto& outcome = found->second) return *outcome;
      const bool changed = changed_.wait_until(lock, deadline.stop(), deadline.at(), [&] { return !is_open(key); });
      if (!changed) return Failed{gave_up(deadline, started)};
    }
  }

 private:
  using Slots = std::map<std::string, std::optional<Outcome<Answer>>>;  ///< no outcome: somebody is asking

  bool is_open(const std::string& key) const {
    const auto found = slots_.find(key);
    return found != slots_.end() && !found->second;
  }

  /// Forgets the slot unless it was filled, also when asking threw.
  struct Cleanup {
    Memo& memo;
    const std::string& key;
    ~Cleanup() {
      const std::lock_guard guard{memo.mutex_};
      if (memo.is_open(key)) memo.slots_.erase(key);
      memo.changed_.notify_all();
    }
  };

  Outcome<Answer> ask_first(std::unique_lock<std::mutex>& lock, const std::string& key, const Deadline& deadline,
                            const Ask& ask) {
    lock.unlock();
    const Cleanup cleanup{*this, key};
    Outcome<Answer> outcome = ask();
    if (is_final(outcome, deadline)) {
      const std::lock_guard guard{mutex_};
      slots_[key] = outcome;
    }
    return outcome;
  }

  static ProbeFailure gave_up(const Deadline& deadline, Deadline::Clock::time_point started) {
    ProbeFailure failure;
    failure.kind = deadline.stopped() ? FailureKind::cancelled : FailureKind::timed_out;
    failure.detail = deadline.stopped() ? "stopped" : "the same question, asked before, has no answer yet";
    failure.waited = std::chrono::duration_cast<std::chrono::milliseconds>(Deadline::Clock::now() - started);
    return failure;
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  Slots slots_;
};

}  // namespace doctor::probes
