#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "doctor/outcome.hpp"
#include "probes/http_tls.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// The trusted authorities of this host, alone or with those of a file of certificates (PEM) that a program at a
/// vantage trusts besides. Each is read once. Thread-safe.
class Authorities {
 public:
  explicit Authorities(Vantages& vantages) : vantages_{vantages} {}

  /// Valid as long as this object. `file`: absolute, as seen at the vantage; empty: none. Failures have the code
  /// "authorities" and the phase "authorities": there is no such file (not_found), it holds no certificate
  /// (protocol_error), doctor may not read it (permission_denied).
  Outcome<X509_STORE*> store(const std::string& vantage, const std::string& file);

 private:
  Outcome<CertificateStore> load(const std::string& vantage, const std::string& file);

  Vantages& vantages_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Outcome<CertificateStore>> stores_;
};

}  // namespace doctor::probes
