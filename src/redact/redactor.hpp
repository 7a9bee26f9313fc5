#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::redact {

/// A secret of this deployment and the name that stands for it in output.
struct KnownSecret {
  std::string name;  ///< "DB_PASSWORD"
  std::string value;
};

/// Replaces secrets by [redacted:NAME]: known values in every form that they may take (plain, URL-, JSON-, HTML- and
/// shell-escaped, base64 at any alignment, hexadecimal), then what looks like a secret (password of a URL, private key,
/// bearer token, JWT, value of a *PASSWORD*-like key). Constant once built, thread-safe, linear in its input.
class Redactor {
 public:
  /// A value shorter than 6 characters, a common word, or one of `ordinary` (names of services, users, databases ...)
  /// is replaced only beside its key, or where a pattern says what it is.
  explicit Redactor(const std::vector<KnownSecret>& known = {}, const std::vector<std::string>& ordinary = {});
  ~Redactor();
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;

  /// Text of any number of lines. Idempotent.
  std::string redact(std::string_view text) const;

  /// Known values alone: for text that is doctor's own, such as a guide, with observed values in it that went through
  /// redact() before.
  std::string redact_known(std::string_view text) const;

  /// The name of a known secret that is left in `text` in one of its forms, or "". For a last look at finished output.
  std::string find_known(std::string_view text) const;

 private:
  friend class RedactingBuffer;
  struct Index;
  std::string settled(std::string text) const;

  std::unique_ptr<const Index> index_;
};

}  // namespace doctor::redact
