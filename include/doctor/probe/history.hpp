#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// Something that the host or the Docker Engine remembers.
struct PastEvent {
  std::int64_t at = 0;  ///< seconds since 1970 (UTC)
  std::string kind;  ///< host: "boot", "oom-kill", "package", "unit"; Engine: "create", "start", "die", "oom", "kill",
                     ///< "stop", "destroy", "health"
  std::string name;  ///< of the program, package, unit or container
  std::string detail;  ///< "7.0.14 -> 7.0.15", "exit code 137"; may be empty
  std::string source;  ///< "/var/log/dpkg.log", "kernel log", "Docker Engine"
};

/// What a host remembers of its last days.
struct HostHistoryAnswer {
  std::vector<PastEvent> events;    ///< in order of time, the newest 2,000
  std::vector<std::string> unseen;  ///< what could not be read, and why: "kernel log: permission denied"
};
struct HostHistoryQuestion {
  static constexpr std::string_view probe = "host-history";
  using Answer = HostHistoryAnswer;
  int days = 14;
};

/// What the Docker Engine remembers of the containers of a compose project. It forgets all but its last events, and
/// everything when it starts anew.
struct EngineHistoryAnswer {
  std::vector<PastEvent> events;
};
struct EngineHistoryQuestion {
  static constexpr std::string_view probe = "engine-history";
  using Answer = EngineHistoryAnswer;
  std::string project;
  int days = 14;
};

template <class Field>
constexpr void each_field(Field&& field, PastEvent& event) {
  field("at", event.at);
  field("kind", event.kind);
  field("name", event.name);
  field("detail", event.detail);
  field("source", event.source);
}
template <class Field>
constexpr void each_field(Field&& field, HostHistoryAnswer& answer) {
  field("events", answer.events);
  field("unseen", answer.unseen);
}
template <class Field>
constexpr void each_field(Field&& field, HostHistoryQuestion& question) {
  field("days", question.days);
}
template <class Field>
constexpr void each_field(Field&& field, EngineHistoryAnswer& answer) {
  field("events", answer.events);
}
template <class Field>
constexpr void each_field(Field&& field, EngineHistoryQuestion& question) {
  field("project", question.project);
  field("days", question.days);
}

}  // namespace doctor
