#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace doctor::probes {

/// An http:// or https:// URL, ready to be requested.
struct HttpUrl {
  std::string text;  ///< without userinfo and fragment: those are neither sent nor shown
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  bool tls = false;
};

/// At most 8 KB. The error is a reason without any part of the URL.
tl::expected<HttpUrl, std::string> parse_http_url(const std::string& text);

}  // namespace doctor::probes
