#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "doctor/probe/redis.hpp"
#include "doctor/value.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// Keeps one session per source, dial address and vantage, and asks one question at a time on each. A session that
/// could not be opened is not tried again. Thread-safe.
///
/// Failures before the server is reached: the setting has no value (not_found, code "no-url"), or is no URL
/// (protocol_error, code "invalid-url", phase "url").
class RedisBroker {
 public:
  /// The value of a setting, by subject.
  using Reveal = std::function<std::optional<Value>(const std::string& subject)>;

  RedisBroker(Vantages& vantages, Reveal reveal);
  ~RedisBroker();
  RedisBroker(const RedisBroker&) = delete;
  RedisBroker& operator=(const RedisBroker&) = delete;

  Outcome<RedisSessionAnswer> session(const RedisSessionQuestion& question, const Deadline& deadline);
  Outcome<RedisReplyAnswer> reply(const RedisReplyQuestion& question, const Deadline& deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class RedisSessionProbe final : public Probe<RedisSessionQuestion> {
 public:
  explicit RedisSessionProbe(RedisBroker& broker) : broker_{broker} {}
  Outcome<RedisSessionAnswer> ask(const RedisSessionQuestion& question, const Deadline& deadline) override {
    return broker_.session(question, deadline);
  }

 private:
  RedisBroker& broker_;
};

class RedisReplyProbe final : public Probe<RedisReplyQuestion> {
 public:
  explicit RedisReplyProbe(RedisBroker& broker) : broker_{broker} {}
  Outcome<RedisReplyAnswer> ask(const RedisReplyQuestion& question, const Deadline& deadline) override {
    return broker_.reply(question, deadline);
  }

 private:
  RedisBroker& broker_;
};

}  // namespace doctor::probes
