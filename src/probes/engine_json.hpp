#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probes/engine.hpp"

/// Answers of the Docker Engine API to structs. Absent and null fields are empty, as servers differ; a field of a wrong
/// type throws nlohmann::json::exception.
namespace doctor::probes::engine_json {

/// Parses an answer of depth 64 at most; a discarded value for anything else.
nlohmann::json parse(const std::string& text);

EngineInfo info(const nlohmann::json& json);
EngineContainer container(const nlohmann::json& inspected);
EngineImage image(const nlohmann::json& inspected);
std::vector<EngineNetwork> networks(const nlohmann::json& list);
std::vector<EngineVolume> volumes(const nlohmann::json& answer);
std::vector<EngineVolumeUser> volume_users(const nlohmann::json& containers);
std::vector<EngineProject> projects(const nlohmann::json& containers);

/// Of /containers/ID/stats, in the shapes of cgroup v1 and v2. Nothing measured: memory 0.
ContainerUsageAnswer usage(const nlohmann::json& stats);

/// Of /system/df, as it was up to API 1.51 and as it is since.
EngineUsageAnswer disk_usage(const nlohmann::json& answer);

/// Of /events: one JSON object after the other, a line each. A line that is no event of a container is left out. The
/// newest 2,000, in order of time.
std::vector<PastEvent> events(const std::string& lines);

/// Ids in an answer of /containers/json, one-off containers left out.
std::vector<std::string> ids(const nlohmann::json& containers);

/// "2026-03-01T10:12:05.123Z", also with an offset "+02:00", as seconds since 1970; 0 for Go's zero time and for what
/// is no RFC 3339 time.
std::int64_t seconds_of(const std::string& text);

}  // namespace doctor::probes::engine_json
