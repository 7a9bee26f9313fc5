#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "probes/http_tls.hpp"
#include "probes/transport.hpp"

namespace doctor::probes {

inline constexpr std::chrono::milliseconds tls_handshake_limit{5000};

/// A connected socket, read and written with a deadline: plain, and through TLS from handshake() on. Raises no SIGPIPE.
/// Not thread-safe; a moved-from stream must not be used.
class TlsStream {
 public:
  /// What a certificate that no client would accept does to the handshake.
  enum class Verify {
    required,  ///< it fails the handshake
    reported   ///< the handshake goes on, and witness() tells; its name is not compared
  };

  explicit TlsStream(Connection connection);
  TlsStream(TlsStream&&) noexcept;
  TlsStream& operator=(TlsStream&&) noexcept;
  ~TlsStream();

  /// TLS 1.2 or later with `name` as SNI (a numeric address is not sent) and as the name that the certificate must
  /// carry. 5 s at most. Failures: tls_rejected with a code of TlsReason, phase "tls"; a reset or a close during the
  /// handshake is "handshake" too; timed_out. `store` must outlive the stream.
  Outcome<void> handshake(const std::string& name, X509_STORE* store, const Deadline& deadline,
                          Verify verify = Verify::required);

  /// The next bytes, at least one; 0: the other side has closed. Failures: errno of the socket, timed_out, a broken TLS
  /// record (protocol_error, code "tls"); phase "answer".
  Outcome<std::size_t> read(char* into, std::size_t size, const Deadline& deadline);

  /// All of the bytes, or a failure.
  Outcome<void> write(std::string_view bytes, const Deadline& deadline);

  const std::string& address() const;  ///< "127.0.0.1:443"
  const TlsWitness& witness() const;   ///< of the last handshake
  SSL* ssl() const;                    ///< nullptr before handshake()
  int fd() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doctor::probes
