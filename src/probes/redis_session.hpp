#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/probe/redis.hpp"
#include "probes/redis_reply.hpp"
#include "probes/redis_url.hpp"
#include "probes/resolve.hpp"
#include "probes/tls_client.hpp"

namespace doctor::probes {

/// What an error reply says (redis.io, "Errors"): its first word as code, except where several refusals share the word
/// ERR, which get codes of doctor's own: MAXCLIENTS (no free connection), DBINDEX (no such database), NOPASS (a
/// password was sent to a user that has none), UNKNOWN (no such command).
struct RedisRefusal {
  FailureKind kind = FailureKind::protocol_error;
  std::string code;
};
RedisRefusal refusal_of(std::string_view error);

/// Whether a command may be sent at all: see RedisReplyQuestion. CONFIG GET is for limits only; passwords are read with
/// it too.
bool may_ask(const std::vector<std::string>& command);

/// One connection that has logged in. Not thread-safe: the broker serialises.
class RedisSession {
 public:
  struct Target {
    RedisUrl url;
    std::string host;  ///< what is dialled
    std::uint16_t port = 0;
    X509_STORE* store = nullptr;  ///< of a URL with TLS; must outlive the session
  };

  /// Connects, encrypts, logs in, selects the database, and reads the version. A second connection is made only to tell
  /// a port that speaks TLS from one that does not: protocol_error "tls-expected", tls_rejected "not-tls".
  static Outcome<std::unique_ptr<RedisSession>> open(Resolver& resolver, const Target& target,
                                                     const Deadline& deadline);

  const RedisSessionAnswer& facts() const { return facts_; }

  /// One command, 5 s at most. An error reply is a failure, after which the session is still of use.
  Outcome<RedisReply> ask(const std::vector<std::string>& command, const Deadline& deadline);

  /// False after an answer that could not be read, or did not come.
  bool is_open() const { return open_; }

 private:
  RedisSession(TlsStream stream, const RedisUrl& url);
  Outcome<void> log_in(const RedisUrl& url, const Deadline& deadline);
  Outcome<void> identify(const Deadline& deadline);
  Outcome<RedisReply> exchange(const std::vector<std::string>& command, const Deadline& deadline);
  Outcome<RedisReply> receive(const Deadline& deadline);
  ProbeFailure refused(const RedisReply& error) const;
  ProbeFailure failed(FailureKind kind, std::string code, std::string_view detail) const;
  ProbeFailure read_failure(ProbeFailure failure) const;

  TlsStream stream_;
  std::string password_;
  RedisSessionAnswer facts_;
  bool open_ = true;
  bool heard_ = false;  ///< a whole answer has come
};

}  // namespace doctor::probes
