#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "doctor/deployment.hpp"
#include "doctor/probe/host.hpp"
#include "doctor/probe/postgres.hpp"

namespace doctor::probes {

/// Answers the predicates of probe/host.hpp about the settings of a deployment. A setting that is unknown or has no
/// value is not_found (with code "unset"); an unknown predicate throws std::invalid_argument. An empty line of .env
/// reaches the process as written, whatever that has: it says nothing.
class SecretProbe final : public Probe<SecretQuestion> {
 public:
  /// Asks a database; see `opens`.
  using Rows = std::function<Outcome<PostgresRowsAnswer>(const PostgresRowsQuestion&, const Deadline&)>;

  /// Without `rows` the predicate `opens` fails as not_found.
  explicit SecretProbe(std::shared_ptr<const Deployment> deployment, Rows rows = {})
      : deployment_{std::move(deployment)}, rows_{std::move(rows)} {}
  Outcome<SecretAnswer> ask(const SecretQuestion& question, const Deadline& deadline) override;

 private:
  Outcome<SecretAnswer> ask_seals(const Setting& setting, const std::string& sql, const Deadline& deadline);

  std::shared_ptr<const Deployment> deployment_;
  Rows rows_;
};

/// Why `text` does not have `form` (SettingRule::form), as a fixed phrase without any part of it; "" when it has. An
/// unknown form throws std::invalid_argument.
std::string form_problem(std::string_view form, const SettingRule& rule, const std::string& text);

/// The classes of characters that change the meaning of a URL when `text` is pasted into its userinfo as it is:
/// "slash, hash"; "" when there are none.
std::string url_breakers(std::string_view text);

}  // namespace doctor::probes
