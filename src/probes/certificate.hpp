#pragma once

#include "doctor/probe/network.hpp"
#include "probes/authorities.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// Connects, speaks TLS until the server has shown its certificate, judges it as a client would, and leaves. `problem`
/// is OpenSSL's name of the verdict, or CHAIN_INCOMPLETE when an intermediate certificate was not sent that a public
/// authority offers. A server that speaks no TLS from 1.2 on is tls_rejected with the code "protocol-version"; other
/// failures of the handshake have the codes of TlsReason; see Authorities, and dial_through() for the phase "proxy".
class CertificateProbe final : public Probe<CertificateQuestion> {
 public:
  explicit CertificateProbe(Vantages& vantages) : vantages_{vantages}, authorities_{vantages} {}
  Outcome<CertificateAnswer> ask(const CertificateQuestion& question, const Deadline& deadline) override;

 private:
  Vantages& vantages_;
  Authorities authorities_;
};

}  // namespace doctor::probes
