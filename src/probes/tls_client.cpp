#include "probes/tls_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <new>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace doctor::probes {
namespace {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

bool is_numeric(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

bool carries_name(SSL* ssl, const std::string& name) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get1_peer_certificate(ssl), X509_free};
  if (!certificate) return false;
  if (is_numeric(name)) return X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1;
  return X509_check_host(certificate.get(), name.data(), name.size(), 0, nullptr) == 1;
}

Outcome<std::size_t> receive(int fd, char* into, std::size_t size, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  for (;;) {
    const auto count = recv(fd, into, size, MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Failed{failure_of_errno(errno, "answer", "", since(started))};
    if (!wait_for(fd, POLLIN, deadline)) return Failed{failure_of_deadline(deadline, "answer", "", since(started))};
  }
}

Outcome<void> transmit(int fd, std::string_view bytes, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  while (!bytes.empty()) {
    const auto count = send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Failed{failure_of_errno(errno, "answer", "", since(started))};
    if (!wait_for(fd, POLLOUT, deadline)) return Failed{failure_of_deadline(deadline, "answer", "", since(started))};
  }
  return {};
}

ProbeFailure broken_record(std::string detail) {
  ERR_clear_error();
  ProbeFailure failure;
  failure.kind = FailureKind::protocol_error;
  failure.code = "tls";
  failure.detail = std::move(detail);
  failure.phase = "answer";
  return failure;
}

}  // namespace

/// OpenSSL works on two memory buffers, and the socket is fed here: its own socket writes would raise SIGPIPE.
struct TlsStream::State {
  Connection connection;
  TlsWitness witness;
  std::unique_ptr<SSL_CTX, ContextDeleter> context;
  std::unique_ptr<SSL, SslDeleter> ssl;
  BIO* incoming = nullptr;  ///< owned by ssl
  BIO* outgoing = nullptr;  ///< owned by ssl

  Outcome<void> flush(const Deadline& deadline) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(outgoing, &data);
    if (size <= 0) return {};
    const std::string pending{data, static_cast<std::size_t>(size)};
    BIO_reset(outgoing);
    return transmit(connection.socket.get(), pending, deadline);
  }

  /// False: the other side has closed.
  Outcome<bool> fill(const Deadline& deadline) {
    std::array<char, 16384> buffer{};
    const auto count = receive(connection.socket.get(), buffer.data(), buffer.size(), deadline);
    if (!count) return Failed{count.error()};
    if (*count == 0) return false;
    if (BIO_write(incoming, buffer.data(), static_cast<int>(*count)) != static_cast<int>(*count))
      throw std::bad_alloc{};
    return true;
  }

  void prepare(const std::string& name, X509_STORE* store, Verify verify);
  Outcome<void> run_handshake(const Deadline& deadline);

  ProbeFailure rejected() const {
    ERR_clear_error();
    auto [code, detail] = reason_of(witness);
    ProbeFailure failure;
    failure.kind = FailureKind::tls_rejected;
    failure.code = std::move(code);
    failure.detail = std::move(detail);
    failure.phase = "tls";
    return failure;
  }
};

void TlsStream::State::prepare(const std::string& name, X509_STORE* store, Verify verify) {
  ERR_clear_error();
  context.reset(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::bad_alloc{};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), verify == Verify::required ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  witness.attach(context.get(), store);
  ssl.reset(SSL_new(context.get()));
  incoming = BIO_new(BIO_s_mem());
  outgoing = BIO_new(BIO_s_mem());
  if (!ssl || incoming == nullptr || outgoing == nullptr) throw std::bad_alloc{};
  BIO_set_mem_eof_return(incoming, -1);
  SSL_set_bio(ssl.get(), incoming, outgoing);
  if (!name.empty() && !is_numeric(name))  // SSL_set_tlsext_host_name(3) without its cast
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, std::string{name}.data());
  SSL_set_connect_state(ssl.get());
}

Outcome<void> TlsStream::State::run_handshake(const Deadline& deadline) {
  for (;;) {
    const int result = SSL_do_handshake(ssl.get());
    const int error = SSL_get_error(ssl.get(), result);
    const auto sent = flush(deadline);  // an alert of ours too
    if (result == 1) return sent;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return Failed{rejected()};
    if (!sent) return sent;
    const auto filled = fill(deadline);
    if (!filled) return Failed{filled.error()};
    if (!*filled) return Failed{rejected()};
  }
}

TlsStream::TlsStream(Connection connection) : state_{std::make_unique<State>()} {
  state_->connection = std::move(connection);
}
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;
TlsStream::~TlsStream() = default;

Outcome<void> TlsStream::handshake(const std::string& name, X509_STORE* store, const Deadline& deadline,
                                   Verify verify) {
  const auto started = Deadline::Clock::now();
  state_->prepare(name, store, verify);
  auto outcome = state_->run_handshake(deadline.within(tls_handshake_limit));
  if (outcome && verify == Verify::required && !carries_name(state_->ssl.get(), name))
    outcome = Failed{state_->rejected()};
  if (outcome) return outcome;
  auto& failure = outcome.error();
  if (failure.kind != FailureKind::timed_out && failure.kind != FailureKind::cancelled &&
      failure.kind != FailureKind::tls_rejected)
    failure = state_->rejected();
  failure.phase = "tls";
  failure.address = address();
  failure.waited = since(started);
  return outcome;
}

Outcome<std::size_t> TlsStream::read(char* into, std::size_t size, const Deadline& deadline) {
  if (!state_->ssl) return receive(state_->connection.socket.get(), into, size, deadline);
  for (;;) {
    std::size_t count = 0;
    const int result = SSL_read_ex(state_->ssl.get(), into, size, &count);
    if (result == 1) return count;
    const int error = SSL_get_error(state_->ssl.get(), result);
    if (error == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      return Failed{broken_record("a TLS record cannot be read")};
    if (const auto sent = state_->flush(deadline); !sent) return Failed{sent.error()};
    const auto filled = state_->fill(deadline);
    if (!filled) return Failed{filled.error()};
    if (!*filled) return std::size_t{0};
  }
}

Outcome<void> TlsStream::write(std::string_view bytes, const Deadline& deadline) {
  if (!state_->ssl) return transmit(state_->connection.socket.get(), bytes, deadline);
  std::size_t count = 0;
  if (!bytes.empty() && SSL_write_ex(state_->ssl.get(), bytes.data(), bytes.size(), &count) != 1)
    return Failed{broken_record("a TLS record cannot be written")};
  return state_->flush(deadline);
}

const std::string& TlsStream::address() const {
  return state_->connection.address;
}
const TlsWitness& TlsStream::witness() const {
  return state_->witness;
}
SSL* TlsStream::ssl() const {
  return state_->ssl.get();
}
int TlsStream::fd() const {
  return state_->connection.socket.get();
}

}  // namespace doctor::probes
