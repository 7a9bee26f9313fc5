#pragma once

#include <string>
#include <utility>

namespace doctor {

class SecretReader;

/// The value of a setting. A secret value has no way to be printed or compared here: checks ask the secrets probe
/// (probe/secret.hpp) closed questions about it, and only probes and the redactor reveal it
/// (src/redact/secret_reader.hpp).
class Value {
 public:
  Value() = default;
  static Value plain(std::string text) { return Value{std::move(text), false}; }
  static Value secret(std::string text) { return Value{std::move(text), true}; }

  bool is_secret() const { return secret_; }

  /// The text of a value that is not secret. Throws std::logic_error for a secret: asking is a bug.
  const std::string& text() const;

  /// The text, or "[redacted]".
  std::string shown() const { return secret_ ? "[redacted]" : text_; }

 private:
  friend class SecretReader;
  Value(std::string text, bool secret) : text_{std::move(text)}, secret_{secret} {}

  std::string text_;
  bool secret_ = false;
};

}  // namespace doctor
