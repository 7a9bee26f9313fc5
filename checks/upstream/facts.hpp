#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/check.hpp"

namespace doctor::checks::upstream_check {

/// One service that another one calls, and what it answered.
struct UpstreamFacts {
  Upstream upstream;
  std::string skipped;                        ///< why it was left out
  std::string unseen;                         ///< why doctor could not ask
  std::string invalid;                        ///< why its URL is none
  std::string where;                          ///< of the setting that holds the URL
  bool login = false;                         ///< the request carried the credentials
  std::vector<std::string> untried;           ///< subjects of the keys that only --deep would send
  std::string trusting;                       ///< subject of the setting that names the file of further authorities
  std::optional<ProbeFailure> authorities;    ///< why that file is of no use
  std::optional<Outcome<HttpAnswer>> answer;  ///< to the one request
  std::optional<Outcome<CertificateAnswer>> certificate;  ///< that TLS refused
  /// The answer says that there is no such table or column, and the deployment's database at this address has all.
  std::string complete_database;
};

using Facts = std::vector<UpstreamFacts>;

Facts observe(const Context& context);

/// Compares an answer of the deployment's own REST front end with the database behind it.
void look_behind(const Context& context, UpstreamFacts& facts);

/// What one of them says: at most one finding about it.
Judgement judge(const UpstreamFacts& facts);

}  // namespace doctor::checks::upstream_check
