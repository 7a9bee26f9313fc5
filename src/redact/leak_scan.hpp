#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "redact/redactor.hpp"

namespace doctor::redact {

/// A second look at finished output, which shares nothing with the code that replaces but the list of secrets: it
/// decodes what it sees (percent, backslash, HTML and shell escapes, quoted-printable, line breaks in base64 and
/// hexadecimal, colons and blanks in the latter) and searches that for the values themselves and for their base64 at
/// each alignment. Bytes come in pieces of any size; at most 1 MB is held. `redactor` is not needed after construction.
/// One scan at a time.
class LeakScan {
 public:
  /// `more` is looked for besides what the redactor knows.
  explicit LeakScan(const Redactor& redactor, const std::vector<KnownSecret>& more = {});
  ~LeakScan();
  LeakScan(LeakScan&&) noexcept;
  LeakScan& operator=(LeakScan&&) noexcept;

  void write(std::string_view piece);

  /// The end of the text: the names of the secrets that were found in it, "private-key" for a private key of any
  /// origin. Begins anew.
  std::set<std::string> finish();

  /// All of that for one text.
  std::set<std::string> scan(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doctor::redact
