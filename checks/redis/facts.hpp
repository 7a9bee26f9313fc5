#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"

/// What the check `redis` observes. Its parts: questions (asks Redis), login and state (judge).
namespace doctor::checks::redis_check {

/// The lines "name:value" of INFO.
using Info = std::map<std::string, std::string, std::less<>>;

/// How long a queue of the application is.
struct QueueFacts {
  Expectation expected;
  std::string kind;  ///< what TYPE says: "list", "stream", "zset", "set", "none"
  Outcome<std::int64_t> length = 0;
};

struct SourceFacts {
  DataSource source;
  std::string where;         ///< the place of the URL
  bool has_queues = false;   ///< a description names keys that hold work
  bool for_reading = false;  ///< the setting's name says that a replica is meant
  std::optional<Outcome<RedisSessionAnswer>> session;
  std::optional<Outcome<Info>> info;
  std::optional<Outcome<RedisReplyAnswer>> ping;
  std::optional<Outcome<RedisReplyAnswer>> type;      ///< asked when PING is not allowed
  std::optional<std::chrono::milliseconds> quickest;  ///< of several cheap questions
  std::optional<std::int64_t> max_clients;
  std::vector<QueueFacts> queues;

  std::string address() const;  ///< what was dialled, "127.0.0.1:6379"
  std::string name() const;     ///< of the setting
};

/// A piece of evidence seen at the server.
Evidence seen(const SourceFacts& facts, std::string name, std::string value, std::string_view command = {});

/// What Redis would not say becomes "not looked at", once for each reason.
void note_unseen(const SourceFacts& facts, const std::string& reason, Judgement& out);

/// Everything about one source that needs a session.
void ask_server(const Context& context, SourceFacts& facts);

/// The queues that the service's description names, as this source has them.
void ask_queues(const Context& context, SourceFacts& facts, const std::vector<Expectation>& expected);

void judge_login(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out);
void judge_state(const SourceFacts& facts, Judgement& out);
void judge_queues(const std::vector<SourceFacts>& all, Judgement& out);

/// A field of INFO as text, "" when there is none; as a number, 0 when it is none.
std::string text(const Info& info, std::string_view field);
std::int64_t number(const Info& info, std::string_view field);

}  // namespace doctor::checks::redis_check
