#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"

/// What the check `redis` observes. Its parts: questions (asks Redis), login and state (judge),
/// values (both, about single keys).
namespace doctor::checks::redis_check {

/// The lines "name:value" of INFO.
using Info = std::map<std::string, std::string, std::less<>>;

/// How long a queue of the application is.
struct QueueFacts {
  Expectation expected;
  std::string kind;  ///< what TYPE says: "list", "stream", "zset", "set", "none"
  Outcome<std::int64_t> length = 0;
};

/// What stands under a key whose value is described.
struct ValueFacts {
  Expectation expected;
  std::string key;  ///< with the claims of tokens filled in
  Outcome<RedisReplyAnswer> value;
  std::optional<std::int64_t> age;  ///< seconds since it was written, when that is known
  bool outlived = false;            ///< it was written before the service's process began
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
  std::int64_t connections = 0;  ///< that all services together keep open to this server; 0: not known
  std::vector<QueueFacts> queues;
  std::vector<ValueFacts> values;
  std::string exposure;  ///< who else reaches a server that asks for no password; empty: nobody, as far as is known

  std::string address() const;  ///< what was dialled, "127.0.0.1:6379"
  std::string name() const;     ///< of the setting
};

/// A piece of evidence seen at the server.
Evidence seen(const SourceFacts& facts, std::string name, std::string value, std::string_view command = {});

/// What Redis would not say becomes "not looked at", once for each reason.
void note_unseen(const SourceFacts& facts, const std::string& reason, Judgement& out);

/// Everything about one source that needs a session.
void ask_server(const Context& context, SourceFacts& facts);

/// How others than this host reach a server that asks for no password; "": not at all, as far as can be seen.
std::string exposure_of(const Context& context, const SourceFacts& facts);

/// The queues that the service's description names, as this source has them.
void ask_queues(const Context& context, SourceFacts& facts, const std::vector<Expectation>& expected);

/// The values that the service's description knows to be wrong. A key that is made of a claim is asked for only when
/// the token has it.
void ask_values(const Context& context, SourceFacts& facts, const std::vector<Expectation>& expected);

/// How many connections all services that use this server keep open, by their descriptions; 0: not known of one.
std::int64_t connections_expected(const Deployment& deployment, const std::string& endpoint);

/// One command of the allow-list.
Outcome<RedisReplyAnswer> ask(const Context& context, const SourceFacts& facts, std::vector<std::string> command);

void judge_login(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out);
void judge_state(const SourceFacts& facts, Judgement& out);
void judge_queues(const std::vector<SourceFacts>& all, Judgement& out);
void judge_connections(const SourceFacts& facts, Judgement& out);
void judge_values(const SourceFacts& facts, Judgement& out);
void judge_exposure(const SourceFacts& facts, Judgement& out);

/// A field of INFO as text, "" when there is none; as a number, 0 when it is none.
std::string text(const Info& info, std::string_view field);
std::int64_t number(const Info& info, std::string_view field);

}  // namespace doctor::checks::redis_check
