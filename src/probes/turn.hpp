#pragma once

#include <condition_variable>
#include <mutex>

#include "doctor/deadline.hpp"

namespace doctor::probes {

/// Something that one asker uses at a time. Thread-safe.
class Turnstile {
 private:
  friend class Turn;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool taken_ = false;
};

/// The right to use it; waits for it no longer than the deadline, and is false when that has passed.
class Turn {
 public:
  Turn(Turnstile& turnstile, const Deadline& deadline) : turnstile_{turnstile} {
    std::unique_lock lock{turnstile_.mutex_};
    mine_ = turnstile_.changed_.wait_until(lock, deadline.stop(), deadline.at(), [&] { return !turnstile_.taken_; });
    if (mine_) turnstile_.taken_ = true;
  }
  ~Turn() {
    if (!mine_) return;
    const std::lock_guard guard{turnstile_.mutex_};
    turnstile_.taken_ = false;
    turnstile_.changed_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return mine_; }

 private:
  Turnstile& turnstile_;
  bool mine_ = false;
};

}  // namespace doctor::probes
