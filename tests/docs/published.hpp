#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

/// The schemas that are published below docs/json-schema.
namespace doctor::test {

/// The text of "report", "diff", "plan" or "plugin".
std::string published_schema(const std::string& name);

/// What is wrong with a document by that schema, with every object of it closed: a field that it does not name is a
/// fault, too.
std::vector<std::string> published_faults(const nlohmann::json& document, const std::string& name);

}  // namespace doctor::test
