#pragma once

#include <map>
#include <mutex>
#include <string>

#include "doctor/probe/websocket.hpp"
#include "probes/http_tls.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// A client of RFC 6455: one handshake, at most one text frame sent, frames read, pings answered, a close frame sent at
/// the end. No redirect is followed, no proxy used, no extension offered. Thread-safe.
///
/// Failures before the server is reached: no such URL (protocol_error, code "invalid-url", phase "url"); a header or a
/// fourth handshake that doctor does not send (permission_denied, code "not-allowed"). Later ones: those of dial and of
/// TlsStream; phase "handshake" when there is no readable HTTP answer (timed_out, protocol_error "not-http" or
/// "closed", too_large "headers"). What happens after the answer is part of the value.
class WebSocketProbe final : public Probe<WebSocketQuestion> {
 public:
  explicit WebSocketProbe(Vantages& vantages) : vantages_{vantages} {}
  Outcome<WebSocketAnswer> ask(const WebSocketQuestion& question, const Deadline& deadline) override;

 private:
  bool may_visit(const WebSocketQuestion& question);
  X509_STORE* store();

  Vantages& vantages_;
  std::mutex mutex_;
  std::map<std::string, int> visits_;
  std::once_flag store_loaded_;
  CertificateStore store_;
};

}  // namespace doctor::probes
