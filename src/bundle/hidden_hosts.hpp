#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "redact/redactor.hpp"

namespace doctor::bundle {

/// The hosts of a deployment, as far as they are known before its texts are written.
struct KnownHosts {
  std::set<std::string> names;      ///< in lower case: "chat.acme.com", "web-07"
  std::set<std::string> addresses;  ///< IPv4 and IPv6, as they stand there
  std::set<std::string> kept;       ///< names that are no secret, in lower case: of services, of the description
};

/// Other names and addresses in place of those of hosts, the same for the same, so that a network problem can still be
/// found: of a name the part that a registry gives out stays ("com"), and of every other label its own token
/// ("hidden-x3k2ab.hidden-q81mzc.com"), so that a name below another one is below it still; for addresses see
/// HiddenAddresses. What is known is replaced wherever it stands, also in base64 and hexadecimal; what is not, where it
/// is told by its form: a host in a URL, behind "@", or a dotted name that ends like one. Thread-safe.
///
/// A text must go through it once: addresses would change again.
class HiddenHosts {
 public:
  /// Who has the key can tell for a host whether a token stands for it.
  HiddenHosts(const std::string& key, const KnownHosts& known);
  ~HiddenHosts();
  HiddenHosts(const HiddenHosts&) = delete;
  HiddenHosts& operator=(const HiddenHosts&) = delete;

  std::string hide(std::string_view text) const;

  /// Known names and public addresses alone, wherever they stand: for text that is doctor's own, such as a guide's,
  /// with texts in it that went through hide() before.
  std::string hide_known(std::string_view text) const;

  /// Where a line begins at the end of a text that may be completed to an encoded host by the next one
  /// (std::string_view::npos: nowhere).
  std::size_t open_at(std::string_view text) const;

  /// What a finished bundle must not hold, for redact::LeakScan: names with a dot or a digit, and public IPv4
  /// addresses. Others may stand in it by chance.
  const std::vector<redact::KnownSecret>& forbidden() const;

  /// The same for AddressScan: known addresses, private ones and those of IPv6 too, but for those that stand for
  /// another in what was hidden so far. Ask when all is hidden.
  std::set<std::string> forbidden_addresses() const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

/// A text that comes in pieces, whole lines of which are handed on with their hosts hidden; of a line that is too long
/// to hold, parts up to a blank.
class HidingStream {
 public:
  explicit HidingStream(const HiddenHosts& hosts) : hosts_{&hosts} {}

  /// What can be handed on by now.
  std::string write(std::string_view piece);
  std::string finish();

 private:
  const HiddenHosts* hosts_;
  std::string held_;
};

}  // namespace doctor::bundle
