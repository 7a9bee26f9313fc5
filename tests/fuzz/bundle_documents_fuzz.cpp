#include "bundle/deployment_json.hpp"
#include "bundle/manifest.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor;

void check_deployment(std::string_view text) {
  const auto read = bundle::deployment_from_json(text);
  if (!read) {
    require(!read.error().empty() && fuzz::is_printable(read.error()), "a refusal has a reason that can be shown");
    return;
  }
  static const redact::Redactor patterns;
  const auto written = bundle::to_json(*read, patterns);
  const auto again = bundle::deployment_from_json(written);
  require(again.has_value(), "a deployment that was written is read");
  require(bundle::to_json(*again, patterns) == written, "a deployment that was read is written the same");
  for (const auto& service : again->services) {
    static_cast<void>(again->identity(service));
    static_cast<void>(again->host_path(service, "/data"));
    static_cast<void>(again->depends_on(service.subject()));
  }
}

void check_manifest(std::string_view text) {
  const auto read = bundle::manifest_from_json(text);
  if (!read) {
    require(!read.error().empty() && fuzz::is_printable(read.error()), "a refusal has a reason that can be shown");
    return;
  }
  const auto again = bundle::manifest_from_json(bundle::to_json(*read));
  require(again && bundle::to_json(*again) == bundle::to_json(*read), "a manifest that was read is written the same");
}

}  // namespace

/// The documents of a bundle that doctor reads: what was deployed, and what the bundle holds.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_deployment(text);
  check_manifest(text);
  return 0;
}
