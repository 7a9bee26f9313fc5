#include "probes/redis_session.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds answer_limit{5000};
constexpr std::chrono::milliseconds second_look_limit{1500};
constexpr int alert_certificate_required = 116;  // RFC 8446, section 6

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

FailureKind kind_of_word(std::string_view word) {
  using enum FailureKind;
  constexpr std::array<std::pair<std::string_view, FailureKind>, 13> kinds{{{"NOAUTH", auth_rejected},
                                                                            {"WRONGPASS", auth_rejected},
                                                                            {"NOPERM", auth_rejected},
                                                                            {"DENIED", refused},
                                                                            {"LOADING", refused},
                                                                            {"MASTERDOWN", refused},
                                                                            {"MISCONF", refused},
                                                                            {"READONLY", refused},
                                                                            {"BUSY", refused},
                                                                            {"OOM", refused},
                                                                            {"CLUSTERDOWN", refused},
                                                                            {"NOREPLICAS", refused},
                                                                            {"UNKILLABLE", refused}}};
  for (const auto& [name, kind] : kinds)
    if (name == word) return kind;
  return protocol_error;
}

/// Refusals that begin with ERR are told apart by their words: there is nothing else.
RedisRefusal generic_refusal(std::string_view error) {
  const auto text = util::lower(error.substr(0, 300));
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  if (says("max number of clients")) return {FailureKind::refused, "MAXCLIENTS"};
  if (says("db index") || says("select is not allowed in cluster mode")) return {FailureKind::not_found, "DBINDEX"};
  if (says("without any password configured") || says("no password is set"))
    return {FailureKind::auth_rejected, "NOPASS"};
  if (says("invalid password")) return {FailureKind::auth_rejected, "WRONGPASS"};  // before Redis 6
  if (says("unknown command") || says("unknown subcommand")) return {FailureKind::not_found, "UNKNOWN"};
  if (says("operation not permitted")) return {FailureKind::auth_rejected, "NOAUTH"};  // before Redis 2.8
  return {FailureKind::protocol_error, "ERR"};
}

/// A command, and how many words follow it.
struct Allowed {
  std::vector<std::string_view> words;
  std::size_t least = 0;
  std::size_t most = 0;
};

const std::vector<Allowed>& allowed_commands() {
  static const std::vector<Allowed> commands{{{"INFO"}, 0, 1},
                                             {{"PING"}, 0, 0},
                                             {{"CONFIG", "GET"}, 1, 1},
                                             {{"TYPE"}, 1, 1},
                                             {{"LLEN"}, 1, 1},
                                             {{"XLEN"}, 1, 1},
                                             {{"ZCARD"}, 1, 1},
                                             {{"SCARD"}, 1, 1},
                                             {{"XINFO", "GROUPS"}, 1, 1},
                                             {{"XPENDING"}, 2, 2},
                                             {{"LATENCY", "LATEST"}, 0, 0},
                                             {{"TIME"}, 0, 0},
                                             {{"PTTL"}, 1, 1},
                                             {{"GETRANGE"}, 3, 3}};
  return commands;
}

bool is_limit(std::string_view parameter) {
  constexpr std::array<std::string_view, 10> limits{
      "maxmemory", "maxmemory-policy", "maxclients", "stop-writes-on-bgsave-error",
      "save",      "appendonly",       "databases",  "timeout",
      "bind",      "protected-mode"};
  return std::find(limits.begin(), limits.end(), parameter) != limits.end();
}

/// GETRANGE gives at most this many bytes, from the first one on: "0" to "63".
bool is_short_range(std::string_view first, std::string_view last) {
  const bool is_number = !last.empty() && last.find_first_not_of("0123456789") == std::string_view::npos;
  return first == "0" && is_number && (last.size() == 1 || (last.size() == 2 && last <= "63"));
}

bool takes(const std::vector<std::string>& command, std::string_view name) {
  if (name == "CONFIG") return is_limit(command.back());
  return name != "GETRANGE" || is_short_range(command[2], command[3]);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// The value of "name:value" in the lines of INFO.
std::string info_field(const std::string& info, const std::string& name) {
  for (std::size_t at = info.find(name + ":"); at != std::string::npos; at = info.find(name + ":", at + 1)) {
    if (at != 0 && info[at - 1] != '\n') continue;
    const auto begin = at + name.size() + 1;
    return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
  }
  return {};
}

/// A TLS record that holds an alert: what a TLS server answers to bytes that are no TLS (RFC 8446, section 5.1).
bool is_tls_alert(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x15' && bytes[1] == '\x03';
}

Outcome<Connection> reach(Resolver& resolver, const RedisSession::Target& target, const Deadline& deadline) {
  return dial(resolver, target.host, target.port, deadline);
}

/// Whether a TLS server answers there, whatever its certificate is worth.
bool speaks_tls(Resolver& resolver, const RedisSession::Target& target, const Deadline& deadline) {
  const auto limit = deadline.within(second_look_limit);
  auto connection = reach(resolver, target, limit);
  if (!connection) return false;
  const CertificateStore none{target.store == nullptr ? load_certificate_store() : nullptr};
  TlsStream stream{std::move(*connection)};
  const auto shaken = stream.handshake(target.url.host, target.store == nullptr ? none.get() : target.store, limit,
                                       TlsStream::Verify::reported);
  return shaken.has_value() || stream.witness().alert >= 0;
}

/// Whether Redis answers there without TLS: a plain Redis reads a TLS greeting as the beginning of a command, and
/// waits.
bool speaks_plainly(Resolver& resolver, const RedisSession::Target& target, const Deadline& deadline) {
  const auto limit = deadline.within(second_look_limit);
  auto connection = reach(resolver, target, limit);
  if (!connection) return false;
  TlsStream stream{std::move(*connection)};
  std::array<char, 512> buffer{};
  if (!stream.write(redis_command({"PING"}), limit)) return false;
  const auto count = stream.read(buffer.data(), buffer.size(), limit);
  return count && *count > 0 && (buffer[0] == '+' || buffer[0] == '-');
}

bool holds(const std::string& text, const std::string& secret) {
  return !secret.empty() && text.find(secret) != std::string::npos;
}

/// The failure of a handshake, with the reason why a plain Redis is silent.
ProbeFailure explained(ProbeFailure failure, Resolver& resolver, const RedisSession::Target& target,
                       const Deadline& deadline) {
  if (failure.kind != FailureKind::timed_out || !speaks_plainly(resolver, target, deadline)) return failure;
  failure.kind = FailureKind::tls_rejected;
  failure.code = "not-tls";
  failure.detail = "the port answers without TLS";
  return failure;
}

/// The names of a certificate are compared by the stream; a client that does not compare them accepts any.
Outcome<void> encrypt(TlsStream& stream, const RedisSession::Target& target, const Deadline& deadline) {
  const auto& url = target.url;
  const bool verify = url.verify && url.authorities.empty();
  auto shaken = stream.handshake(url.host, target.store, deadline,
                                 verify ? TlsStream::Verify::required : TlsStream::Verify::reported);
  if (!shaken && verify && !url.check_name && shaken.error().code == "certificate-name") return {};
  return shaken;
}

}  // namespace

RedisRefusal refusal_of(std::string_view error) {
  const auto word = error.substr(0, error.find(' '));
  if (word == "ERR" || !is_word(word)) return generic_refusal(error);
  return {kind_of_word(word), std::string{word}};
}

bool may_ask(const std::vector<std::string>& command) {
  for (const auto& [words, least, most] : allowed_commands()) {
    const auto given = command.size() - std::min(command.size(), words.size());
    if (command.size() < words.size() || given < least || given > most) continue;
    const bool same = std::equal(words.begin(), words.end(), command.begin(),
                                 [](std::string_view word, const std::string& said) { return word == upper(said); });
    if (same) return takes(command, words.front());
  }
  return false;
}

RedisSession::RedisSession(TlsStream stream, const RedisUrl& url)
    : stream_{std::move(stream)}, password_{url.password} {
  facts_.address = stream_.address();
  facts_.user = util::shown(url.user);
  facts_.database = url.database;
  facts_.tls = stream_.ssl() != nullptr;
}

Outcome<std::unique_ptr<RedisSession>> RedisSession::open(Resolver& resolver, const Target& target,
                                                          const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  auto connection = reach(resolver, target, deadline);
  if (!connection) return Failed{connection.error()};
  TlsStream stream{std::move(*connection)};
  if (target.url.tls)
    if (const auto shaken = encrypt(stream, target, deadline); !shaken)
      return Failed{explained(shaken.error(), resolver, target, deadline)};
  // The constructor is private, so make_unique cannot be used.
  std::unique_ptr<RedisSession> session{new RedisSession{std::move(stream), target.url}};
  const auto limit = deadline.within(answer_limit);
  auto ready = session->log_in(target.url, limit);
  if (ready) ready = session->identify(limit);
  if (!ready) {
    auto& failure = ready.error();
    if (!target.url.tls && failure.code == "closed" && speaks_tls(resolver, target, deadline)) {
      failure.code = "tls-expected";
      failure.detail = "the port speaks TLS";
    }
    return Failed{std::move(failure)};
  }
  session->facts_.took = since(started);
  return session;
}

/// As clients do: a database is selected only when it is not the first one.
Outcome<void> RedisSession::log_in(const RedisUrl& url, const Deadline& deadline) {
  if (url.has_password) {
    std::vector<std::string> command{"AUTH"};
    if (!url.user.empty()) command.push_back(url.user);
    command.push_back(url.password);
    const auto reply = exchange(command, deadline);
    if (!reply) return Failed{reply.error()};
    facts_.authenticated = true;
  }
  if (url.database == 0) return {};
  const auto reply = exchange({"SELECT", std::to_string(url.database)}, deadline);
  if (!reply) return Failed{reply.error()};
  return {};
}

/// The version, when the user may know it: every other refusal is told.
Outcome<void> RedisSession::identify(const Deadline& deadline) {
  const auto info = exchange({"INFO", "server"}, deadline);
  if (!info && info.error().code != "NOPERM" && info.error().code != "UNKNOWN") return Failed{info.error()};
  if (!info) return {};
  facts_.version = util::shown(info_field(info->text, "redis_version"), 40);
  if (facts_.version.empty())
    return Failed{failed(FailureKind::protocol_error, "not-redis", "something answers that is not Redis")};
  return {};
}

Outcome<RedisReply> RedisSession::ask(const std::vector<std::string>& command, const Deadline& deadline) {
  return exchange(command, deadline.within(answer_limit));
}

Outcome<RedisReply> RedisSession::exchange(const std::vector<std::string>& command, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  Outcome<RedisReply> reply = Failed{ProbeFailure{}};
  // A server that has already refused the connection, as with too many clients, answers before it is asked.
  const auto sent = stream_.write(redis_command(command), deadline);
  if (sent || !heard_) reply = receive(deadline);
  if (!sent && heard_) reply = Failed{read_failure(sent.error())};
  if (!reply) {
    open_ = false;
    reply.error().waited = since(started);
    return reply;
  }
  heard_ = true;
  if (reply->kind != "error") return reply;
  auto failure = refused(*reply);
  failure.waited = since(started);
  return Failed{std::move(failure)};
}

Outcome<RedisReply> RedisSession::receive(const Deadline& deadline) {
  RedisReplyReader reader;
  std::array<char, 16384> buffer{};
  for (;;) {
    const auto count = stream_.read(buffer.data(), buffer.size(), deadline);
    if (!count) return Failed{read_failure(count.error())};
    if (*count == 0)
      return Failed{reader.has_begun()
                        ? failed(FailureKind::protocol_error, "cut", "the answer breaks off")
                        : failed(FailureKind::protocol_error, "closed", "the connection was closed without an answer")};
    const std::string_view bytes{buffer.data(), *count};
    if (!heard_ && !reader.has_begun() && is_tls_alert(bytes))
      return Failed{failed(FailureKind::protocol_error, "tls-expected", "the port speaks TLS")};
    auto taken = reader.take(bytes);
    if (!taken)
      return Failed{failed(taken.error().too_large ? FailureKind::too_large : FailureKind::protocol_error,
                           taken.error().code, taken.error().detail)};
    if (*taken) return std::move(**taken);
  }
}

/// A reset by a server that never said anything is no other than a close. In TLS 1.3 the demand for a certificate of
/// the client arrives after the handshake.
ProbeFailure RedisSession::read_failure(ProbeFailure failure) const {
  if (facts_.tls && stream_.witness().alert == alert_certificate_required) {
    auto rejected =
        failed(FailureKind::tls_rejected, "client-certificate", "the server demands a certificate of the client");
    rejected.phase = "tls";
    return rejected;
  }
  if (!heard_ && (failure.code == "ECONNRESET" || failure.code == "EPIPE"))
    return failed(FailureKind::protocol_error, "closed", "the connection was closed without an answer");
  failure.address = facts_.address;
  if (failure.phase.empty()) failure.phase = "answer";
  return failure;
}

ProbeFailure RedisSession::refused(const RedisReply& error) const {
  auto [kind, code] = refusal_of(error.text);
  if (!holds(error.text, password_)) return failed(kind, std::move(code), error.text);
  return failed(kind, std::move(code), "the server refuses, in words that hold the password");
}

ProbeFailure RedisSession::failed(FailureKind kind, std::string code, std::string_view detail) const {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = util::shown(detail, 200);
  failure.address = facts_.address;
  failure.phase = "answer";
  return failure;
}

}  // namespace doctor::probes
