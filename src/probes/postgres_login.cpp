#include "probes/postgres_login.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include <libpq-fe.h>

#include "probes/transport_certificates.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds login_limit{5000};
constexpr std::uint64_t most_bytes_before_login = 64UL * 1024;
constexpr int most_scram_rounds = 100'000;
constexpr const char* no_file = "/dev/null/none";  // cannot exist; libpq takes that for "no such file", silently

/// What the wire has shown, because libpq tells it in prose only.
struct Trace {
  ConnStatusType status = CONNECTION_STARTED;
  bool tls = false;       ///< the server agreed to TLS
  char tls_reply = '\0';  ///< its one byte: S, N or something else
  char first = '\0';      ///< the first byte of its first message
  bool closed = false;
  bool reset = false;
  bool too_many_rounds = false;
  bool babbles = false;  ///< more than one byte where PostgreSQL says one and waits
};

using Parameters = std::vector<std::pair<const char*, std::string>>;

std::string root_certificate(const PostgresUrl& url) {
  if (!url.root_certificate.empty()) return url.root_certificate;
  return url.mode.starts_with("verify") ? ca_bundle() : no_file;
}

/// Every parameter that libpq would otherwise take from the environment or the home directory of doctor's user.
Parameters parameters_of(const PostgresSession::Target& target) {
  const auto& url = target.url;
  Parameters parameters{{"host", url.host},
                        {"hostaddr", target.numeric},
                        {"port", std::to_string(target.port)},
                        {"user", url.user},
                        {"password", url.password},
                        {"dbname", url.database.empty() ? url.user : url.database},
                        {"passfile", target.passfile.empty() ? no_file : target.passfile},
                        {"sslmode", url.mode},
                        {"sslrootcert", root_certificate(url)},
                        {"sslcert", url.certificate.empty() ? no_file : url.certificate},
                        {"sslkey", url.key.empty() ? no_file : url.key},
                        {"sslcrl", no_file},
                        {"gssencmode", "disable"},
                        {"channel_binding", "prefer"},
                        {"target_session_attrs", "any"},
                        {"client_encoding", "UTF8"},
                        {"application_name", "doctor"}};
  if (!url.options.empty()) parameters.emplace_back("options", url.options);
  return parameters;
}

PostgresConnection start(const Parameters& parameters) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name);
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  PostgresConnection connection{PQconnectStartParams(names.data(), values.data(), 0)};
  if (!connection) throw std::bad_alloc{};
  return connection;
}

void count_notice(void* counter, const PGresult*) {
  ++*static_cast<int*>(counter);
}

/// Whether the bytes are an AuthenticationSASLContinue with more rounds than allowed. libpq would compute them all.
bool asks_too_many_rounds(std::string_view bytes) {
  constexpr std::string_view sasl_continue{"\0\0\0\x0b", 4};
  if (bytes.size() < 9 || bytes.front() != 'R' || bytes.substr(5, 4) != sasl_continue) return false;
  const auto at = bytes.find(",i=");
  if (at == std::string_view::npos) return false;
  long long rounds = 0;
  const auto read = std::from_chars(bytes.data() + at + 3, bytes.data() + bytes.size(), rounds);
  return read.ec == std::errc::result_out_of_range || rounds > most_scram_rounds;
}

/// Looks at what has arrived before libpq consumes it.
void observe(const PGconn* connection, Trace& trace) {
  trace.status = PQstatus(connection);
  if (trace.status == CONNECTION_STARTED || trace.status == CONNECTION_MADE) {
    trace = Trace{};
    return;
  }
  trace.tls = trace.tls || PQsslInUse(const_cast<PGconn*>(connection)) != 0;  // libpq's signature lacks const
  std::array<char, 2048> bytes{};
  const auto count = recv(PQsocket(connection), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (count == 0) trace.closed = true;
  if (count < 0 && errno == ECONNRESET) trace.reset = true;
  if (count <= 0) return;
  if (trace.status == CONNECTION_SSL_STARTUP) {
    if (trace.tls || trace.tls_reply != '\0') return;
    trace.tls_reply = bytes[0];
    trace.babbles = count > 1 && bytes[0] != 'E';
    return;
  }
  if (trace.first == '\0') trace.first = bytes[0];
  if (!trace.tls && asks_too_many_rounds({bytes.data(), static_cast<std::size_t>(count)})) trace.too_many_rounds = true;
}

std::string_view phase_of(const Trace& trace) {
  if (trace.status == CONNECTION_STARTED) return "connect";
  const bool agreed = trace.tls || (trace.tls_reply == 'S' && !trace.babbles);
  const bool in_tls = trace.status == CONNECTION_SSL_STARTUP && agreed;
  return in_tls ? "tls" : "login";
}

struct Refusal {
  std::string state;
  std::string text;
};

/// The server's first error in libpq's verbose message: "FATAL:  28P01: password authentication failed ...". The first
/// one, because with sslmode=prefer libpq tries again without TLS, which applications do not.
std::optional<Refusal> refusal_in(std::string_view message) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (auto at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const auto rest = message.substr(at + 3);
    if (rest.size() < 7 || rest.substr(5, 2) != ": ") continue;
    if (rest.substr(0, 5).find_first_not_of(digits) != std::string_view::npos) continue;
    const auto text = rest.substr(7, rest.find('\n') - 7);
    return Refusal{std::string{rest.substr(0, 5)}, std::string{text}};
  }
  return std::nullopt;
}

/// A hostile server may echo the password that it was given.
std::string without(std::string text, const std::string& secret) {
  for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "[redacted]");
    at += 10;
  }
  return text;
}

ProbeFailure tls_failure(ProbeFailure failure, std::string_view message) {
  const auto says = [&](std::string_view text) { return message.find(text) != std::string_view::npos; };
  failure.kind = FailureKind::tls_rejected;
  failure.phase = "tls";
  // libpq drops OpenSSL's result with the connection; its own untranslated words are all that is left.
  if (says("does not match host name") || says("could not get server's host name")) {
    failure.code = "certificate-name";
    failure.detail = "the certificate is for another name";
  } else if (says("certificate verify failed")) {
    failure.code = "certificate-untrusted";
    failure.detail = "the certificate is expired or signed by an authority that is not trusted";
  } else if (says("root certificate file")) {
    failure.code = "certificate-root";
    failure.detail = "the file of trusted authorities cannot be used";
  } else {
    failure.code = "handshake";
    failure.detail = "the TLS handshake failed";
  }
  return failure;
}

ProbeFailure as(ProbeFailure failure, FailureKind kind, std::string code, std::string detail) {
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  return failure;
}

/// A failure of the login for which the server sent no SQLSTATE.
ProbeFailure unexplained(const ProbeFailure& base, const Trace& trace, std::string_view message) {
  using enum FailureKind;
  constexpr std::string_view known_messages = "RENv";
  if (trace.babbles) return as(base, protocol_error, "not-postgresql", "something answers that is not PostgreSQL");
  if (trace.tls_reply == 'N' && trace.status == CONNECTION_SSL_STARTUP)
    return as(base, tls_rejected, "tls-not-offered", "the server offers no TLS, and the URL demands it");
  if (trace.tls_reply == 'S' && trace.status == CONNECTION_SSL_STARTUP) return tls_failure(base, message);
  if (message.find("root certificate file") != std::string_view::npos) return tls_failure(base, message);
  if (trace.tls_reply != '\0' && std::string_view{"SNE"}.find(trace.tls_reply) == std::string_view::npos)
    return as(base, protocol_error, "not-postgresql", "something answers that is not PostgreSQL");
  if (trace.first != '\0' && !trace.tls && known_messages.find(trace.first) == std::string_view::npos)
    return as(base, protocol_error, "not-postgresql", "something answers that is not PostgreSQL");
  if (trace.reset) return as(base, protocol_error, "ECONNRESET", "the connection was reset during the login");
  if (trace.closed) return as(base, protocol_error, "closed", "the connection was closed during the login");
  return as(base, protocol_error, "", "the server broke the protocol during the login");
}

ProbeFailure failure_of_login(const PGconn* connection, const Trace& trace, const PostgresSession::Target& target,
                              std::chrono::milliseconds waited) {
  ProbeFailure failure;
  failure.address = target.address;
  failure.phase = phase_of(trace);
  failure.waited = waited;
  const std::string_view message = PQerrorMessage(connection);
  if (const auto refusal = refusal_in(message)) {
    failure.phase = "login";
    const auto text = util::shown(without(refusal->text, target.url.password), 200);
    return as(failure, kind_of_sqlstate(refusal->state), refusal->state, text);
  }
  if (PQconnectionNeedsPassword(connection) != 0)
    return as(failure, FailureKind::auth_rejected, "no-password", "the server asks for a password; there is none");
  return unexplained(failure, trace, message);
}

}  // namespace

std::uint64_t bytes_received(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  return info.tcpi_bytes_received;
}

Outcome<PostgresLogin> log_in(const PostgresSession::Target& target, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  const auto limit = deadline.within(login_limit);
  auto connection = start(parameters_of(target));
  auto notices = std::make_unique<int>(0);
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection.get(), count_notice, notices.get());
  Trace trace;
  auto next = PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
    const int fd = PQsocket(connection.get());
    const bool ready = wait_for(fd, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, limit);
    observe(connection.get(), trace);
    if (!ready) return Failed{failure_of_deadline(limit, phase_of(trace), target.address, since(started))};
    if (trace.too_many_rounds || bytes_received(fd) > most_bytes_before_login) {
      auto failure = failure_of_deadline(limit, "login", target.address, since(started));
      return Failed{as(std::move(failure), FailureKind::too_large, "", "the server sends too much before the login")};
    }
    if (trace.babbles) break;  // libpq would take the rest for a part of the handshake and wait
    next = PQconnectPoll(connection.get());
  }
  if (next != PGRES_POLLING_OK) return Failed{failure_of_login(connection.get(), trace, target, since(started))};
  return PostgresLogin{std::move(connection), std::move(notices)};
}

}  // namespace doctor::probes
