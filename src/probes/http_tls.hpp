#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "doctor/deadline.hpp"

namespace doctor::probes {

struct StoreDeleter {
  void operator()(X509_STORE* store) const;
};
using CertificateStore = std::unique_ptr<X509_STORE, StoreDeleter>;

/// The trusted authorities of this host: SSL_CERT_FILE, SSL_CERT_DIR, or the distribution's bundle. Reading them costs
/// 20 ms, so one store serves the run.
CertificateStore load_certificate_store();

/// Adds the certificates of a text (PEM) to those that are trusted; what is no certificate in it is passed over. How
/// many there were.
std::size_t add_certificates(X509_STORE& store, std::string_view pem);

/// What OpenSSL saw of one handshake, because libcurl tells it in prose only. Must outlive the handshake.
struct TlsWitness {
  std::optional<Deadline::Clock::time_point> done;  ///< when the handshake had ended well
  int verify_result = 0;                            ///< X509_V_OK or the reason
  std::string expiry;                               ///< of the certificate that was refused; may be empty
  unsigned long openssl_error = 0;                  ///< of OpenSSL's error queue
  int alert = -1;                                   ///< the alert that the server sent

  /// Makes the context verify with the store and report here.
  void attach(SSL_CTX* context, X509_STORE* store);
};

/// Why a TLS connection did not come about: "certificate-expired", "certificate-not-yet-valid",
/// "certificate-untrusted", "certificate-invalid", "certificate-name", "not-tls", "handshake".
struct TlsReason {
  std::string code;
  std::string detail;
};
TlsReason reason_of(const TlsWitness& witness);

}  // namespace doctor::probes
