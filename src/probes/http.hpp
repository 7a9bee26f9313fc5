#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "doctor/probe/network.hpp"
#include "probes/http_tls.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// GET and HEAD over http:// and https://, HTTP/1.1, no proxy, no redirect, no cookie, at most 3 requests to one URL
/// from one vantage in a run. Userinfo of the URL is neither sent nor shown.
///
/// Failures before the server is reached: no such URL (protocol_error, code "invalid-url", phase "url"); a method, a
/// header or a fourth request that doctor does not send (permission_denied, code "not-allowed").
class HttpProbe final : public Probe<HttpQuestion> {
 public:
  explicit HttpProbe(Vantages& vantages);
  Outcome<HttpAnswer> ask(const HttpQuestion& question, const Deadline& deadline) override;

 private:
  bool may_visit(const std::string& url, const std::string& vantage);
  X509_STORE* store();

  Vantages& vantages_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, int> visits_;  ///< by vantage and URL
  std::once_flag store_loaded_;
  CertificateStore store_;
};

}  // namespace doctor::probes
