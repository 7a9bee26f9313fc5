#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace doctor::bundle {

/// Other IP addresses in place of those of a deployment, the same for the same, so that what can be told from them
/// stays true: two addresses share as many leading bits as they did, an address of a private network (RFC 1918, RFC
/// 6598, RFC 4193) or of a link (RFC 3927, RFC 4291) stays one, and a public one stays public. Loopback, "any",
/// multicast, the default bridge of Docker (172.17.0.0/16) and well-known public resolvers, which are the same
/// everywhere, stay as they are. Without the key nobody can tell which address it was. Each is one to one, and not
/// idempotent. Thread-safe.
class HiddenAddresses {
 public:
  explicit HiddenAddresses(std::string key) : key_{std::move(key)} {}

  /// "10.1.2.3", or "" when the text is no such address. With `bits` of 0 to 32 the text is that of a network: when
  /// nothing but zeros stood behind them, it is so afterwards.
  std::string of_v4(std::string_view text, int bits = -1) const;
  /// The same of RFC 4291, section 2.2; 0 to 128 bits. What an IPv4 address is embedded in (::ffff:0:0/96,
  /// 64:ff9b::/96) holds the hidden one.
  std::string of_v6(std::string_view text, int bits = -1) const;
  /// Asks later, with unused(), whether this address was given for one; both families. One that stays is none.
  void watch(std::string_view text);
  /// Of the watched ones those that stand for no other: in network order, 4 bytes or 16.
  std::set<std::string> unused() const;
  /// "02:42:ac:11:00:02": locally administered, as those of containers. "" when it is none.
  std::string of_ethernet(std::string_view text) const;

 private:
  struct Range;
  std::string digest(std::string_view about, std::string_view bytes) const;
  /// Flips the bits of `address` (4 or 16 bytes) from `fixed` on, those excepted by which ranges part.
  std::string flipped(const std::string& address, const Range* begin, const Range* end) const;
  std::string of(int family, std::string_view text, int bits) const;
  std::string v4(const std::string& address) const;
  std::string v6(const std::string& address) const;

  std::string key_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::string, std::less<>> known_;  ///< address -> the other; bounded
  mutable std::set<std::string> watched_;
};

}  // namespace doctor::bundle
