#include "bundle/manifest.hpp"

#include "util/serialise.hpp"

namespace doctor::bundle {

std::string to_json(const Manifest& manifest) {
  return util::to_json(manifest).dump(2, ' ', false, util::Json::error_handler_t::replace) + "\n";
}

tl::expected<Manifest, std::string> manifest_from_json(std::string_view text) {
  try {
    const auto json = util::Json::parse(text);
    if (!json.is_object() || json.value("schema", "") != manifest_schema)
      return tl::unexpected{"manifest.json is not of schema " + std::string{manifest_schema}};
    Manifest manifest;
    util::from_json(json, manifest);
    return manifest;
  } catch (const util::Json::exception&) {
    return tl::unexpected{std::string{"manifest.json is not JSON of the right form"}};
  }
}

}  // namespace doctor::bundle
