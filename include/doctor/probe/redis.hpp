#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// A session with Redis as the URL of a setting says, which only the probe reveals: connect, TLS for rediss://, AUTH
/// when the URL has a password, SELECT when it names a database, then INFO. One session per source, dial address and
/// vantage serves the whole run. A server's refusal is a failure whose `code` is the first word of its error: "NOAUTH",
/// "WRONGPASS", "LOADING", "ERR". Limits: connect 3 s, TLS 5 s, answer 5 s.
struct RedisSessionAnswer {
  std::string version;  ///< "7.0.15"
  std::string address;  ///< the address that answered
  std::string user;     ///< "" for the default user
  std::uint32_t database = 0;
  bool tls = false;
  bool authenticated = false;  ///< a password was sent and accepted
  std::chrono::milliseconds took{0};
};
struct RedisSessionQuestion {
  static constexpr std::string_view probe = "redis";
  using Answer = RedisSessionAnswer;
  std::string source;      ///< subject of the setting that holds the URL: "setting:app/REDIS_URL"
  std::string host;        ///< what to dial instead of the URL's host; empty: the URL's own
  std::uint16_t port = 0;  ///< what to dial instead of the URL's port; 0: the URL's own
  std::string vantage{host_vantage};
};

/// One command of the allow-list (read only, cheap): INFO, PING, CONFIG GET, TYPE, LLEN, XLEN, ZCARD, SCARD, XINFO
/// GROUPS, XPENDING, LATENCY LATEST, TIME, PTTL, GETRANGE of at most 64 bytes. Any other is permission_denied, code
/// "not-allowed". An error reply is a failure as above. 64 KB a line, 8 MB a bulk, depth 32, 1,000,000 elements.
struct RedisReplyAnswer {
  std::string kind;                ///< "string", "integer", "array", "nil"
  std::string text;                ///< of a string or integer
  std::vector<std::string> items;  ///< of an array, its leaves in order
  std::chrono::milliseconds took{0};
};
struct RedisReplyQuestion {
  static constexpr std::string_view probe = "redis-reply";
  using Answer = RedisReplyAnswer;
  RedisSessionQuestion session;
  std::vector<std::string> command;
};

template <class Field>
constexpr void each_field(Field&& field, RedisSessionAnswer& answer) {
  field("version", answer.version);
  field("address", answer.address);
  field("user", answer.user);
  field("database", answer.database);
  field("tls", answer.tls);
  field("authenticated", answer.authenticated);
  field("took", answer.took);
}
template <class Field>
constexpr void each_field(Field&& field, RedisSessionQuestion& question) {
  field("source", question.source);
  field("host", question.host);
  field("port", question.port);
  field("vantage", question.vantage);
}
template <class Field>
constexpr void each_field(Field&& field, RedisReplyAnswer& answer) {
  field("kind", answer.kind);
  field("text", answer.text);
  field("items", answer.items);
  field("took", answer.took);
}
template <class Field>
constexpr void each_field(Field&& field, RedisReplyQuestion& question) {
  field("session", question.session);
  field("command", question.command);
}

}  // namespace doctor
