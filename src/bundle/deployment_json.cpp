#include "bundle/deployment_json.hpp"

#include "bundle/deployment_fields.hpp"
#include "bundle/redacting_text.hpp"
#include "util/bounded_json.hpp"

namespace doctor::bundle {
namespace {

constexpr std::size_t most_bytes = 16UL * 1024 * 1024;
constexpr std::string_view schema = "doctor-deployment/v1";

}  // namespace

std::string to_json(const Deployment& deployment, const redact::Redactor& redactor, const HiddenHosts* hosts) {
  const util::Json document{{"schema", schema},
                            {"deployment", util::to_json(deployment, RedactingText{redactor, hosts})}};
  return document.dump(1, ' ', false, util::Json::error_handler_t::replace) + "\n";
}

tl::expected<Deployment, std::string> deployment_from_json(std::string_view text) {
  const auto json = util::bounded_json(text, most_bytes);
  if (!json) return tl::unexpected{json.error()};
  if (!json->is_object() || json->value("schema", util::Json{}) != schema)
    return tl::unexpected{"not of schema " + std::string{schema}};
  try {
    Deployment deployment;
    util::from_json(json->at("deployment"), deployment);
    return deployment;
  } catch (const util::Json::exception&) {
    return tl::unexpected{std::string{"a field has the wrong type"}};
  } catch (const std::invalid_argument&) {
    return tl::unexpected{std::string{"a number is out of range, or a word is unknown"}};
  }
}

}  // namespace doctor::bundle
