#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/deployment.hpp"

/// What a run may do, before it does it: an upper bound from the deployment and from the kinds of questions that each
/// check declares here. Nothing is asked for it.
namespace doctor::plan {

struct Step {
  /// "file": below a path; "kernel": /proc and the clock; "resolve", "connect", "tls", "http", "websocket": to a host;
  /// "postgres", "redis": a session; "engine": a path of the Docker Engine's API, with GET
  std::string kind;
  std::string target;   ///< path, name, "host:port", URL without its path, path of the API
  std::string vantage;  ///< where doctor stands, "host", "container app-1"; "" for the host's files and the Engine
  std::string what;     ///< what is done there at most

  friend auto operator<=>(const Step&, const Step&) = default;
};

/// A part of a run.
struct Part {
  std::string name;  ///< of a check; "discovery", "timeline"
  std::vector<Step> steps;
};

/// Discovery, the checks in their order, the timeline.
std::vector<Part> plan(const Deployment& deployment, const std::vector<const CheckInfo*>& checks);

/// The names (Question::probe) of the questions that a check may ask; nullptr for a check that declares none.
const std::vector<std::string_view>* questions_of(std::string_view check);

}  // namespace doctor::plan
