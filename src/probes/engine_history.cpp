#include "probes/engine_history.hpp"

#include <algorithm>
#include <ctime>

#include <nlohmann/json.hpp>

#include "probes/engine_json.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_events = 2000;
constexpr std::size_t most_text = 80;

/// A text of an object; "" when it is missing or something else.
std::string text(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? util::shown(found->get<std::string>(), most_text)
                                                     : std::string{};
}

/// "health_status: unhealthy" is what the Engine calls it; Podman leaves the answer to an attribute.
std::string kind_of(const std::string& action) {
  constexpr std::string_view health = "health_status";
  if (action.starts_with(health)) return "health";
  if (action == "died") return "die";        // Podman
  if (action == "remove") return "destroy";  // Podman
  return action;
}

std::string detail_of(const std::string& kind, const std::string& action, const Json& attributes) {
  const auto prefixed = [](const char* prefix, const std::string& value) {
    return value.empty() ? std::string{} : prefix + value;
  };
  if (kind == "die") {
    const auto code = text(attributes, "exitCode");
    return prefixed("exit code ", code.empty() ? text(attributes, "containerExitCode") : code);
  }
  if (kind == "kill") return prefixed("signal ", text(attributes, "signal"));
  if (kind != "health") return {};
  const auto colon = action.find(": ");
  return colon == std::string::npos ? text(attributes, "health_status") : action.substr(colon + 2);
}

PastEvent event_of(const Json& json) {
  PastEvent event;
  const auto time = json.find("time");
  if (time != json.end() && time->is_number_integer()) event.at = time->get<std::int64_t>();
  const auto action = text(json, "Action");
  const auto actor = json.find("Actor");
  const auto attributes = actor != json.end() && actor->is_object() && actor->contains("Attributes")
                              ? actor->at("Attributes")
                              : Json::object();
  event.kind = kind_of(action);
  event.name = text(attributes, "name");
  event.detail = detail_of(event.kind, action, attributes);
  event.source = "Docker Engine";
  return event;
}

}  // namespace

namespace engine_json {

std::vector<PastEvent> events(const std::string& lines) {
  std::vector<PastEvent> found;
  for (const auto& line : util::split(lines, '\n')) {
    if (line.empty()) continue;
    const auto json = parse(line);
    if (!json.is_object()) continue;
    auto event = event_of(json);
    if (event.at > 0 && !event.kind.empty() && !event.name.empty()) found.push_back(std::move(event));
  }
  std::stable_sort(found.begin(), found.end(), [](const PastEvent& a, const PastEvent& b) { return a.at < b.at; });
  if (found.size() > most_events) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(most_events));
  return found;
}

}  // namespace engine_json

Outcome<EngineHistoryAnswer> EngineHistoryProbe::ask(const EngineHistoryQuestion& question, const Deadline& deadline) {
  constexpr std::int64_t a_day = 86'400;
  const std::int64_t now = std::time(nullptr);
  auto events = engine_->events(question.project, now - std::clamp(question.days, 0, 3650) * a_day, now, deadline);
  if (!events) return Failed{std::move(events.error())};
  return EngineHistoryAnswer{std::move(*events)};
}

}  // namespace doctor::probes
