#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How a machine or container finds addresses: its resolv.conf(5) and hosts(5).
namespace doctor::probes {

struct NameServer {
  std::string address;  ///< numeric
  std::uint16_t port = 53;
};

struct ResolvConf {
  std::vector<NameServer> servers;  ///< the first three, as libc takes them; this host's own when none is named
  std::vector<std::string> search;  ///< at most six
  int dots = 1;                     ///< a name with so many is asked as it is first
};

/// Never fails: what it does not understand libc ignores too.
ResolvConf parse_resolv_conf(std::string_view text);

/// The names to ask for, one after the other, for `name`: itself before or after the domains of the search list. A dot
/// at the end says that there is nothing to search.
std::vector<std::string> candidates(const std::string& name, const ResolvConf& configuration);

/// The addresses that a hosts file has for a name, in its order. Names are compared without case.
std::vector<std::string> addresses_in_hosts(std::string_view hosts, std::string_view name);

}  // namespace doctor::probes
