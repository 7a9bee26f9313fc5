#include "bundle/manifest.hpp"

#include "util/bounded_json.hpp"
#include "util/serialise.hpp"

namespace doctor::bundle {
namespace {

constexpr std::size_t most_bytes = 16UL * 1024 * 1024;

}  // namespace

std::string to_json(const Manifest& manifest) {
  return util::to_json(manifest).dump(2, ' ', false, util::Json::error_handler_t::replace) + "\n";
}

tl::expected<Manifest, std::string> manifest_from_json(std::string_view text) {
  const auto json = util::bounded_json(text, most_bytes);
  if (!json) return tl::unexpected{"manifest.json: " + json.error()};
  if (!json->is_object() || json->value("schema", util::Json{}) != manifest_schema)
    return tl::unexpected{"manifest.json is not of schema " + std::string{manifest_schema}};
  try {
    Manifest manifest;
    util::from_json(*json, manifest);
    return manifest;
  } catch (const util::Json::exception&) {
    return tl::unexpected{std::string{"manifest.json: a field has the wrong type"}};
  } catch (const std::invalid_argument&) {
    return tl::unexpected{std::string{"manifest.json: a number is out of range"}};
  }
}

}  // namespace doctor::bundle
