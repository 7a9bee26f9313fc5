#include "deployment/data_source_url.hpp"
#include "deployment/guess.hpp"
#include "probes/postgres_url.hpp"
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

/// Database URLs as the deployment reader and the PostgreSQL probe read them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  check_reason(doctor::deployment::parse_database_url(text).problem);
  check_reason(doctor::deployment::parse_database_url(text, {"mysql", "postgres"}).problem);
  require(doctor::deployment::parse_database_url(text).scheme.find(planted) == std::string::npos,
          "what is no scheme is not handed out as one");
  if (text.size() > 64 * 1024)
    require(!doctor::deployment::parse_database_url(text).problem.empty(), "more than 64 KB is refused");

  const auto url = doctor::probes::parse_postgres_url(text);
  if (!url) {
    require(!url.error().empty(), "a refusal has a reason");
    check_reason(url.error());
  } else {
    require(text.size() <= 64 * 1024, "more than 64 KB is refused");
    require(!url->mode.empty(), "there is always a mode");
  }

  const std::string scheme = doctor::deployment::url_scheme(text);
  require(scheme == doctor::util::lower(scheme), "a scheme is in lower case");
  doctor::deployment::value_looks_secret(text);
  doctor::deployment::name_looks_secret(text);
  doctor::deployment::guessed_rule("DATABASE_URL", text);
  return 0;
}
