#pragma once

#include <string>
#include <utility>
#include <vector>

/// What the application's runtime does for `fetch`.
namespace smoltbot {

struct FetchRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  long timeout_ms = 0;  ///< 0: none
};

struct FetchAnswer {
  int status = 0;
  std::string body;                                          ///< decompressed
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case; those of the compressed body
  std::string error;                                         ///< empty: it was answered
  bool ok() const { return error.empty() && status >= 200 && status < 300; }
  std::string header(const std::string& name) const;
};

/// Trusts the system's authorities and those of NODE_EXTRA_CA_CERTS; looks at proxy variables only when
/// NODE_USE_ENV_PROXY is 1. Errors have the runtime's words, which hide the cause.
FetchAnswer fetch(const FetchRequest& request);

}  // namespace smoltbot
