#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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

/// A rule of the user's: what the expression (RE2) matches is a secret; with a group, what its first group matches.
struct Rule {
  std::string expression;
  std::string name;  ///< letters, digits and ._- only
};

/// Why a rule cannot be used; "" when it can. Never quotes more than the rule itself.
std::string problem_of(const Rule& rule);

/// Name of a secret or pattern -> how often it was replaced.
using Counts = std::map<std::string, std::uint64_t>;

/// Replaces secrets by [redacted:NAME]: known values in every form that they may take (plain, URL-, JSON-, HTML- and
/// shell-escaped, base64 at any alignment, also broken into lines, hexadecimal), then what looks like a secret
/// (password of a URL, private key, bearer token, JWT, value of a *PASSWORD*-like key ...), then the user's rules.
/// Constant once built, thread-safe, linear in its input. A second value under the same name becomes [redacted:NAME:2].
class Redactor {
 public:
  struct Index;  ///< redactor_index.hpp, of this layer alone

  /// A value shorter than 6 characters, a common word, or one of `ordinary` (names of services, users, databases ...)
  /// is replaced only beside its key, or where a pattern says what it is. Throws std::logic_error for a rule that has a
  /// problem.
  explicit Redactor(const std::vector<KnownSecret>& known = {}, const std::vector<std::string>& ordinary = {},
                    const std::vector<Rule>& rules = {});
  ~Redactor();
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;

  /// Text of any number of lines. Idempotent.
  std::string redact(std::string_view text) const;
  /// The same; what was replaced is added to `counts`.
  std::string redact(std::string_view text, Counts& counts) const;

  /// Known values alone: for text that is doctor's own, such as a guide, with observed values in it that went through
  /// redact() before.
  std::string redact_known(std::string_view text) const;
  std::string redact_known(std::string_view text, Counts& counts) const;

  /// The name of a known secret that is left in `text` in one of its forms, or "". For a last look at finished output.
  std::string find_known(std::string_view text) const;

 private:
  friend class StreamFilter;
  friend class LeakScan;
  std::string settled(std::string text, Counts& counts) const;

  std::unique_ptr<const Index> index_;
};

}  // namespace doctor::redact
