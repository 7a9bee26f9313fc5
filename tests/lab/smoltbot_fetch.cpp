#include "lab/smoltbot_fetch.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>

#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

struct Headers {
  curl_slist* list = nullptr;
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  ~Headers() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(bytes, count);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* into) {
  const std::string line{bytes, count};
  const auto colon = line.find(':');
  if (colon == std::string::npos) return count;
  auto name = line.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  auto value = line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  static_cast<FetchAnswer*>(into)->headers.emplace_back(std::move(name), std::move(value));
  return count;
}

int stop_asked(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return stopping() ? 1 : 0;
}

/// Beside the system's authorities, as Node does it.
CURLcode add_authorities(CURL*, void* context, void*) {
  const auto file = variable_or("NODE_EXTRA_CA_CERTS", "");
  if (!file.empty()) SSL_CTX_load_verify_locations(static_cast<SSL_CTX*>(context), file.c_str(), nullptr);
  return CURLE_OK;
}

/// Why the request cannot even be made; "" when it can.
std::string refused(const FetchRequest& request) {
  const auto scheme = request.url.find("://");
  const auto host = scheme == std::string::npos ? std::string{} : request.url.substr(scheme + 3);
  const auto authority = host.substr(0, host.find('/'));
  if (authority.empty()) return "Failed to parse URL from " + request.url;
  if (authority.find('@') != std::string::npos)
    return "Request cannot be constructed from a URL that includes credentials: " + request.url;
  for (const auto& [name, value] : request.headers)
    if (value.find_first_of("\r\n") != std::string::npos)
      return "Headers.append: \"" + value + "\" is an invalid header value.";
  return {};
}

void prepare(CURL* curl, const FetchRequest& request, const Headers& headers, FetchAnswer& answer) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (!request.body.empty()) curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
  if (variable_or("NODE_USE_ENV_PROXY", "") != "1") curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, request.timeout_ms);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, add_authorities);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_asked);
}

}  // namespace

std::string FetchAnswer::header(const std::string& name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

FetchAnswer fetch(const FetchRequest& request) {
  FetchAnswer answer;
  answer.error = refused(request);
  if (!answer.error.empty()) return answer;
  const Curl curl{curl_easy_init(), curl_easy_cleanup};
  Headers headers;
  for (const auto& [name, value] : request.headers) headers.add(name + ": " + value);
  headers.add("Expect:");
  prepare(curl.get(), request, headers, answer);
  const auto code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    answer.error =
        code == CURLE_OPERATION_TIMEDOUT && request.timeout_ms > 0 ? "This operation was aborted" : "fetch failed";
    return answer;
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace smoltbot
