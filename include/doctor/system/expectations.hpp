#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What a system description expects of the running application. Part of doctor/system.hpp, which tells what
// `each_field` is for.

namespace doctor {

/// A log line that proves that a step of the start-up has succeeded.
struct Milestone {
  std::string id;
  std::string log;
};

template <class Field>
constexpr void each_field(Field&& field, Milestone& milestone) {
  field("id", milestone.id);
  field("log", milestone.log);
}

/// One of several answers that mean something of their own. What is empty fits any answer.
struct AnswerRule {
  std::vector<int> status;
  std::string type;                         ///< media type
  std::map<std::string, std::string> json;  ///< JSON pointer -> value as JSON text
  std::string contains;                     ///< text of the body
  std::string violated;  ///< YAML `else`: the entry that such an answer raises; empty: it is a good answer
};

template <class Field>
constexpr void each_field(Field&& field, AnswerRule& rule) {
  field("status", rule.status);
  field("type", rule.type);
  field("json", rule.json);
  field("contains", rule.contains);
  field("else", rule.violated);
}

/// One thing that must be true of the running application. Exactly one of http, file, sql, websocket, redis is set.
struct Expectation {
  std::string http;       ///< path below the service's address, "/api/health"
  std::string file;       ///< path below the directory of the deployment, "Cargo.lock"
  std::string sql;        ///< read-only query of the service's database that gives one value
  std::string websocket;  ///< path below the service's address, "/ws"
  std::string redis;      ///< key of the service's Redis: a list, stream or set, whose length is the value, or a string
                          ///< when `forbids` is given. {SETTING.claim} stands for a claim of the token in a setting
  std::string method = "GET";
  std::vector<int> status{200};
  std::string type;                            ///< media type that must be answered; empty: any
  std::map<std::string, std::string> json;     ///< JSON pointer -> value as JSON text, "/db_healthy" -> "true"
  std::vector<std::string> present;            ///< JSON pointers that must exist
  std::string contains;                        ///< text that the body or file must hold
  std::map<std::string, std::string> given;    ///< JSON pointer -> value: only an answer that has these is judged
  std::map<std::string, std::string> at_most;  ///< JSON pointer -> the largest number that may stand there
  std::vector<AnswerRule> answers;        ///< of http: what certain answers mean; the first that fits is the verdict
  std::string forbids;                    ///< RE2 pattern that no line of a file, nor a Redis string, may match
  std::chrono::milliseconds lifetime{0};  ///< of redis with `forbids`: how long such a key lives from its writing
  std::string outlived;                   ///< the entry instead of `else` when the key is older than the process
  std::string value;                      ///< what sql must give; empty: see least and most
  std::optional<std::int64_t> least;      ///< of the number that sql or redis gives
  std::optional<std::int64_t> most;
  std::string opens;                    ///< the setting that must be the key of each value that sql gives; see
                                        ///< the predicate `opens` in doctor/probe/host.hpp
  std::vector<std::string> parameters;  ///< settings of the service, not secret, bound to $1, $2 ... of sql
  std::string send;                     ///< the one text frame that websocket sends
  std::string subprotocol;              ///< that websocket asks for, and the server must choose
  std::chrono::milliseconds idle{0};    ///< how long a silent websocket must be let live; 0: not known
  std::chrono::milliseconds timeout{8000};
  std::chrono::milliseconds slow{0};  ///< an answer that takes longer is slow; 0: any
  std::string violated;  ///< YAML `else`: the entry that a violation of content raises; empty: the generic code
  std::string subject;   ///< for file and sql: the subject when it is not the file or the database; may be empty
};

template <class Field>
constexpr void each_field(Field&& field, Expectation& expectation) {
  field("http", expectation.http);
  field("file", expectation.file);
  field("sql", expectation.sql);
  field("websocket", expectation.websocket);
  field("redis", expectation.redis);
  field("method", expectation.method);
  field("status", expectation.status);
  field("type", expectation.type);
  field("json", expectation.json);
  field("present", expectation.present);
  field("contains", expectation.contains);
  field("given", expectation.given);
  field("at_most", expectation.at_most);
  field("answers", expectation.answers);
  field("forbids", expectation.forbids);
  field("lifetime", expectation.lifetime);
  field("outlived", expectation.outlived);
  field("value", expectation.value);
  field("least", expectation.least);
  field("most", expectation.most);
  field("opens", expectation.opens);
  field("parameters", expectation.parameters);
  field("send", expectation.send);
  field("subprotocol", expectation.subprotocol);
  field("idle", expectation.idle);
  field("timeout", expectation.timeout);
  field("slow", expectation.slow);
  field("else", expectation.violated);
  field("subject", expectation.subject);
}

}  // namespace doctor
