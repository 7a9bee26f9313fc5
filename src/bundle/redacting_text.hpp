#pragma once

#include <string>

#include "bundle/hidden_hosts.hpp"
#include "doctor/deployment.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

/// Every text that is written into a document, redacted by itself (util::to_json), with its hosts hidden when there is
/// a `hosts`.
class RedactingText {
 public:
  explicit RedactingText(const redact::Redactor& redactor, const HiddenHosts* hosts = nullptr)
      : redactor_{&redactor}, hosts_{hosts} {}

  std::string operator()(const std::string& text) const {
    if (known_only_) return redactor_->redact_known(text);
    const auto redacted = redactor_->redact(text);
    return hosts_ == nullptr ? redacted : hosts_->hide(redacted);
  }

  const redact::Redactor& redactor() const { return *redactor_; }
  const HiddenHosts* hosts() const { return hosts_; }

  /// A description is public, and its expressions and queries look like what patterns look for.
  RedactingText within(const SystemDescription&) const { return of_description(); }
  RedactingText within(const SettingRule&) const { return of_description(); }
  RedactingText within(const ServiceRule&) const { return of_description(); }
  RedactingText within(const UpstreamRule&) const { return of_description(); }

 private:
  RedactingText of_description() const {
    auto text = *this;
    text.known_only_ = true;
    return text;
  }

  const redact::Redactor* redactor_;
  const HiddenHosts* hosts_;
  bool known_only_ = false;
};

}  // namespace doctor::bundle
