#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

/// Finds in text what may be a host: the places alone, without a judgement.
namespace doctor::bundle {

enum class HostKind {
  v4,        ///< an IPv4 address
  v6,        ///< an IPv6 address
  ethernet,  ///< an Ethernet address
  name       ///< letters, digits and "._-", with a letter in it
};

struct HostPlace {
  std::size_t begin = 0;
  std::size_t end = 0;
  HostKind kind = HostKind::name;
  int bits = -1;            ///< of an address with "/24" behind it; -1: it has none
  bool in_url = false;      ///< "://" stands before it, perhaps with a user
  bool in_address = false;  ///< "@" or "//" stands before it
  bool dotted = true;       ///< false: no dot is in it
};

/// In the order of their places, without overlaps. Escapes of JSON and URLs before one are not taken for a part of it.
/// Linear.
void each_host(std::string_view text, const std::function<void(const HostPlace&)>& visit);

}  // namespace doctor::bundle
