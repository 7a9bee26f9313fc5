#include "probes/http_url.hpp"

#include <algorithm>
#include <memory>

#include <curl/curl.h>

namespace doctor::probes {
namespace {

constexpr std::size_t most_bytes = 8UL * 1024;

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, which, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner{text, curl_free};
  return text;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

}  // namespace

tl::expected<HttpUrl, std::string> parse_http_url(const std::string& text) {
  using Reason = tl::unexpected<std::string>;
  if (text.size() > most_bytes) return Reason{"it is longer than 8 KB"};
  if (std::any_of(text.begin(), text.end(), is_control)) return Reason{"it holds a blank or a control character"};
  const Handle handle{curl_url(), curl_url_cleanup};
  if (!handle || curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return Reason{"it is not a URL"};
  const auto scheme = part(handle.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return Reason{"it does not begin with http:// or https://"};
  for (const auto hidden : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT})
    curl_url_set(handle.get(), hidden, nullptr, 0);
  HttpUrl url;
  url.text = part(handle.get(), CURLUPART_URL);
  url.host = part(handle.get(), CURLUPART_HOST);
  if (url.host.size() > 2 && url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  url.port = static_cast<std::uint16_t>(std::stoul(part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)));
  url.tls = scheme == "https";
  if (url.host.empty() || url.port == 0) return Reason{"it has no host or no port"};
  return url;
}

}  // namespace doctor::probes
