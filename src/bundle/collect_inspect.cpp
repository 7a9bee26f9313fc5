#include "bundle/collect_inspect.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace doctor::bundle {
namespace {

using Json = nlohmann::json;

bool is_text_list(const Json& json) {
  return json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& item) { return item.is_string(); });
}

bool is_command(const std::string& key) {
  static constexpr std::array<std::string_view, 6> keys{"Args", "Cmd", "Entrypoint", "Test", "Shell", "Command"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

Json environment(const Json& entries, const Values& values) {
  Json shown = Json::array();
  for (const auto& entry : entries) shown.push_back(values.shown_entry(entry.get<std::string>()));
  return shown;
}

Json member(const std::string& key, const Json& value, const Values& values) {
  if (key == "Env" && is_text_list(value)) return environment(value, values);
  if (is_command(key) && is_text_list(value)) return values.shown_arguments(value.get<std::vector<std::string>>());
  if (key == "Command" && value.is_string()) return values.shown_arguments({value.get<std::string>()}).front();
  const bool place = key == "SandboxKey";  // of Docker itself: a path
  if (value.is_string() && !place && !value.get<std::string>().empty() && values.is_secret(key))
    return Values::marker(key);
  return shown_inspect(value, values);
}

}  // namespace

/// The depth of an answer is bounded where it is parsed.
Json shown_inspect(const Json& answer, const Values& values) {
  if (answer.is_array()) {
    Json shown = Json::array();
    for (const auto& item : answer) shown.push_back(shown_inspect(item, values));
    return shown;
  }
  if (!answer.is_object()) return answer;
  Json shown = Json::object();
  for (const auto& [key, value] : answer.items()) shown[key] = member(key, value, values);
  return shown;
}

std::string document(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace doctor::bundle
