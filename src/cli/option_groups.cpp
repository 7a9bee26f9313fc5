#include "cli/option_groups.hpp"

#include <array>

namespace doctor::cli {
namespace {

struct Place {
  const char* option;
  const char* group;
  const char* value;  ///< nullptr: as it is
};

constexpr const char* examined = "What is examined";
constexpr const char* extent = "How far it goes";
constexpr const char* counts = "What counts";
constexpr const char* shown = "How the result is shown";
constexpr const char* repeated_runs = "Again and again";

constexpr std::array<Place, 39> places{{
    {"--system", examined, "NAME"},
    {"--env-file", examined, "FILE"},
    {"--compose-file", examined, "FILE"},
    {"--project-name", examined, "NAME"},
    {"--profile", examined, "NAME"},
    {"--set", examined, "NAME=VALUE"},
    {"--url", examined, "URL"},
    {"--proxy-config", examined, "FILE"},
    {"--env-from-process", examined, nullptr},
    {"--from", examined, "FILE"},
    {"--only", extent, "CHECK"},
    {"--skip", extent, "CHECK"},
    {"--guides", extent, nullptr},
    {"--offline", extent, nullptr},
    {"--deep", extent, nullptr},
    {"--plugins", extent, nullptr},
    {"--nagios", extent, "ID=COMMAND"},
    {"--no-plugins", extent, nullptr},
    {"--timeout", extent, nullptr},
    {"--check-timeout", extent, nullptr},
    {"--fail-on", counts, "LEVEL"},
    {"--ignore", counts, "CODE"},
    {"--baseline", counts, "FILE"},
    {"--allow-incomplete", counts, nullptr},
    {"--format", shown, "NAME"},
    {"--output", shown, "FILE"},
    {"--report", shown, "FORMAT=FILE"},
    {"--bundle", shown, nullptr},
    {"--color", shown, "WHEN"},
    {"--verbose", shown, nullptr},
    {"--quiet", shown, nullptr},
    {"--timings", shown, nullptr},
    {"--no-progress", shown, nullptr},
    {"--no-pager", shown, nullptr},
    {"--wait", repeated_runs, nullptr},
    {"--interval", repeated_runs, nullptr},
    {"--watch", repeated_runs, nullptr},
    {"--label", nullptr, "TEXT"},
    {"--name", nullptr, "NAME"},
}};

}  // namespace

void arrange(CLI::App& command) {
  for (const auto& place : places) {
    auto* option = command.get_option_no_throw(place.option);
    if (option == nullptr) continue;
    if (place.group != nullptr) option->group(place.group);
    if (place.value != nullptr) option->type_name(place.value);
  }
}

}  // namespace doctor::cli
