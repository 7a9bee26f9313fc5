#pragma once

#include <string>

#include "doctor/deployment.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

/// Every text that is written into a document, redacted by itself (util::to_json).
class RedactingText {
 public:
  explicit RedactingText(const redact::Redactor& redactor) : redactor_{&redactor} {}

  std::string operator()(const std::string& text) const {
    return known_only_ ? redactor_->redact_known(text) : redactor_->redact(text);
  }

  const redact::Redactor& redactor() const { return *redactor_; }

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
  bool known_only_ = false;
};

}  // namespace doctor::bundle
