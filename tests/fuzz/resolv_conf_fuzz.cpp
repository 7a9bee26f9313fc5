#include "probes/resolv_conf.hpp"

#include "property.hpp"

using doctor::fuzz::require;
namespace probes = doctor::probes;

/// resolv.conf and hosts as a container may have them: whatever its image or its user wrote.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto read = probes::parse_resolv_conf(text);
  require(!read.servers.empty() && read.servers.size() <= 3, "one to three name servers");
  require(read.search.size() <= 6, "at most six domains");
  require(read.dots >= 0 && read.dots <= 15, "0 to 15 dots");
  for (const auto& server : read.servers)
    require(server.address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos, "servers are numeric");
  const auto names = probes::candidates("postgres", read);
  require(names.size() == read.search.size() + 1, "the name itself and one for each domain");
  for (const auto& name : {"localhost", "POSTGRES", "postgres."})
    require(probes::addresses_in_hosts(text, name).size() <= 64, "at most 64 addresses");
  return 0;
}
