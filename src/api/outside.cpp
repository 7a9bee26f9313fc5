#include "doctor/outside.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace doctor {
namespace {

struct Range {
  std::uint32_t first;
  int bits;
};

bool is_private(std::uint32_t address) {
  static constexpr std::array<Range, 7> ranges{{{0x00000000, 8},     // this host
                                                {0x0A000000, 8},     // RFC 1918
                                                {0x64400000, 10},    // RFC 6598
                                                {0x7F000000, 8},     // loopback
                                                {0xA9FE0000, 16},    // RFC 3927
                                                {0xAC100000, 12},    // RFC 1918
                                                {0xC0A80000, 16}}};  // RFC 1918
  return std::any_of(ranges.begin(), ranges.end(), [address](const Range& range) {
    return (address >> (32 - range.bits)) == (range.first >> (32 - range.bits));
  });
}

bool is_private(const in6_addr& address) {
  const auto& bytes = address.s6_addr;
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_UNSPECIFIED(&address))
    return true;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    const std::uint32_t high = (std::uint32_t{bytes[12]} << 24U) | (std::uint32_t{bytes[13]} << 16U);
    return is_private(high | (std::uint32_t{bytes[14]} << 8U) | bytes[15]);
  }
  return (bytes[0] & 0xFEU) == 0xFCU;  // RFC 4193
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

bool is_private_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto name = lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  if (name == "host.docker.internal" || name == "gateway.docker.internal") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return is_private(ntohl(v4.s_addr));
  in6_addr v6{};
  return inet_pton(AF_INET6, name.c_str(), &v6) == 1 && is_private(v6);
}

bool is_kept_from(const Deployment& deployment, std::string_view host) {
  return deployment.offline && !is_private_host(host);
}

std::vector<NotLookedAt> kept_public_urls(const Deployment& deployment) {
  std::vector<NotLookedAt> kept;
  for (const auto& url : deployment.public_urls)
    if (is_kept_from(deployment, url.host)) kept.push_back({url.endpoint, std::string{offline_reason}});
  return kept;
}

}  // namespace doctor
