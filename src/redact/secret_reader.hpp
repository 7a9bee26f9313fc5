#pragma once

#include <string>

#include "doctor/value.hpp"

namespace doctor {

/// The only way to the text of a secret value. Only probes, the deployment reader and the redactor may include this
/// header; checks cannot, because they do not link this layer.
class SecretReader {
 public:
  static const std::string& reveal(const Value& value) { return value.text_; }
};

}  // namespace doctor
