#include "docs/published.hpp"

#include <nlohmann/json.hpp>

#include "lab/files.hpp"
#include "render/json_schema.hpp"
#include "support/places.hpp"

namespace doctor::test {
namespace {

using nlohmann::json;

json closed(json schema) {
  if (schema.is_object() && schema.contains("properties") && !schema.contains("additionalProperties"))
    schema["additionalProperties"] = false;
  if (schema.is_structured())
    for (auto& part : schema) part = closed(std::move(part));
  return schema;
}

}  // namespace

std::string published_schema(const std::string& name) {
  return lab::read_file(source_path("docs/json-schema/" + name + "-v1.json"));
}

std::vector<std::string> published_faults(const json& document, const std::string& name) {
  auto schema = closed(json::parse(published_schema(name)));
  if (name == "plugin") {  // of the three documents the one that it is, so that a fault has a place
    schema.erase("oneOf");
    schema["$ref"] = document.contains("id")           ? "#/$defs/description"
                     : document.contains("deployment") ? "#/$defs/input"
                                                       : "#/$defs/verdict";
  }
  return schema_faults(document, schema);
}

}  // namespace doctor::test
