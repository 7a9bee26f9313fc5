#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "doctor/probe/network.hpp"
#include "doctor/value.hpp"
#include "probes/authorities.hpp"
#include "probes/http_url.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// GET and HEAD over http:// and https://, HTTP/1.1, no proxy but the question's, no redirect, no cookie, at most 3
/// requests to one URL from one vantage in a run. Userinfo of the URL is neither sent nor shown. The value of a secret
/// header is revealed here and goes no further than the request: where an answer repeats it, there are asterisks.
///
/// Failures before the server is reached: no such URL (protocol_error, code "invalid-url", phase "url"); a method, a
/// header or a fourth request that doctor does not send (permission_denied, code "not-allowed"); a setting for a secret
/// header that has no value (not_found, code "unset") or one that no header can carry (protocol_error, code
/// "not-a-header"), both with the phase "login"; see Authorities, and dial_through() for the phase "proxy".
class HttpProbe final : public Probe<HttpQuestion> {
 public:
  /// The value of a setting, by subject.
  using Reveal = std::function<std::optional<Value>(const std::string& subject)>;

  /// Without `reveal` no setting has a value.
  explicit HttpProbe(Vantages& vantages, Reveal reveal = {});
  Outcome<HttpAnswer> ask(const HttpQuestion& question, const Deadline& deadline) override;

 private:
  bool may_visit(const std::string& url, const std::string& vantage);
  Outcome<HttpAnswer> send(const HttpQuestion& question, const HttpUrl& url, const Deadline& deadline);

  Vantages& vantages_;
  Reveal reveal_;
  Authorities authorities_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, int> visits_;  ///< by vantage and URL
};

}  // namespace doctor::probes
