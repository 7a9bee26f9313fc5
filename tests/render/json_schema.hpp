#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace doctor::test {

/// What is wrong with `document`, with the place of each fault (a JSON pointer). Knows the keywords of JSON Schema
/// (drafts 4 to 2020-12) that the schemas of these tests use; one that it does not know is a fault too, so that nothing
/// passes unseen. `format` is not judged.
std::vector<std::string> schema_faults(const nlohmann::json& document, const nlohmann::json& schema);

}  // namespace doctor::test
