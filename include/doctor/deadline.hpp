#pragma once

#include <algorithm>
#include <chrono>
#include <stop_token>

namespace doctor {

/// The point in time by which an operation must have ended, and the token that ends it earlier.
/// Absolute and monotonic: progress never resets it.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  static Deadline after(Milliseconds span, std::stop_token stop = {}) { return {Clock::now() + span, std::move(stop)}; }

  Deadline(Clock::time_point at, std::stop_token stop) : at_{at}, stop_{std::move(stop)} {}

  Clock::time_point at() const { return at_; }
  bool stopped() const { return stop_.stop_requested(); }
  bool expired() const { return stopped() || Clock::now() >= at_; }
  const std::stop_token& stop() const { return stop_; }

  /// Never negative.
  Milliseconds remaining() const {
    return std::max(Milliseconds{0}, std::chrono::ceil<Milliseconds>(at_ - Clock::now()));
  }

  /// This deadline, or `span` from now if that is sooner.
  Deadline within(Milliseconds span) const { return {std::min(at_, Clock::now() + span), stop_}; }

 private:
  Clock::time_point at_;
  std::stop_token stop_;
};

}  // namespace doctor
