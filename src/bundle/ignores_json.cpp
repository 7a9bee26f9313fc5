#include "bundle/ignores_json.hpp"

#include "bundle/redacting_text.hpp"
#include "util/bounded_json.hpp"
#include "util/serialise.hpp"

namespace doctor::diagnosis {

template <class Field>
constexpr void each_field(Field&& field, Ignore& ignore) {
  field("code", ignore.code);
  field("subject", ignore.subject);
  field("reason", ignore.reason);
  field("expires", ignore.expires);
  field("source", ignore.source);
  field("file", ignore.file);
}

}  // namespace doctor::diagnosis

namespace doctor::bundle {
namespace {

constexpr std::size_t most_bytes = 1024UL * 1024;
constexpr std::string_view schema = "doctor-ignores/v1";

}  // namespace

std::string to_json(const std::vector<diagnosis::Ignore>& ignores, const redact::Redactor& redactor,
                    const HiddenHosts* hosts) {
  const util::Json document{{"schema", schema}, {"ignores", util::to_json(ignores, RedactingText{redactor, hosts})}};
  return document.dump(1, ' ', false, util::Json::error_handler_t::replace) + "\n";
}

tl::expected<std::vector<diagnosis::Ignore>, std::string> ignores_from_json(std::string_view text) {
  const auto json = util::bounded_json(text, most_bytes);
  if (!json) return tl::unexpected{json.error()};
  if (!json->is_object() || json->value("schema", util::Json{}) != schema)
    return tl::unexpected{"not of schema " + std::string{schema}};
  try {
    std::vector<diagnosis::Ignore> ignores;
    util::from_json(json->at("ignores"), ignores);
    return ignores;
  } catch (const util::Json::exception&) {
    return tl::unexpected{std::string{"a field has the wrong type"}};
  }
}

}  // namespace doctor::bundle
