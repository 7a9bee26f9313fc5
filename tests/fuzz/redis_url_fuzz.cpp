#include "deployment/data_source_url.hpp"
#include "deployment/guess.hpp"
#include "probes/redis_url.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

/// The seeds carry this as password; no reason may quote it.
constexpr std::string_view planted = "hunter2";

void check_reason(std::string_view reason) {
  require(doctor::fuzz::is_printable(reason), "a reason can be shown");
  require(reason.find(planted) == std::string_view::npos, "a reason quotes no part of the URL");
}

}  // namespace

/// Redis URLs as the deployment reader and the Redis probe read them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  check_reason(doctor::deployment::parse_database_url(text, {"redis", "rediss"}).problem);
  const auto url = doctor::probes::parse_redis_url(text);
  if (!url) {
    require(!url.error().empty(), "a refusal has a reason");
    check_reason(url.error());
  } else {
    require(text.size() <= 64 * 1024, "more than 64 KB is refused");
    require(url->port != 0, "there is always a port");
    require(!url->host.empty() || text.find('%') != std::string_view::npos, "there is always a host");
    require(url->host.find('\0') == std::string::npos, "a host has no NUL");
    require(url->options.size() <= 100, "the names of parameters are bounded");
  }
  doctor::deployment::guessed_rule("REDIS_URL", text);
  return 0;
}
