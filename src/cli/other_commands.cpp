#include <ostream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "checks/registry.hpp"
#include "cli/commands.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "render/config.hpp"
#include "render/explain.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

void list_checks(bool json, std::ostream& out) {
  if (!json) {
    for (const auto* check : checks::all())
      out << std::string{check->id} << std::string(12 - std::min<std::size_t>(11, check->id.size()), ' ')
          << check->healthy << '\n';
    return;
  }
  auto array = nlohmann::ordered_json::array();
  for (const auto* check : checks::all()) {
    nlohmann::ordered_json codes = nlohmann::ordered_json::array();
    for (const auto code : check->codes) codes.push_back(std::string{code.text()});
    array.push_back({{"id", check->id}, {"healthy", check->healthy}, {"codes", codes}});
  }
  out << array.dump(2) << '\n';
}

void list_systems(const guides::Library& library, bool json, std::ostream& out) {
  if (json) {
    out << nlohmann::json(library.systems()).dump(2) << '\n';
    return;
  }
  for (const auto& system : library.systems()) out << system << '\n';
}

}  // namespace

int config(const ConfigCommand& command, Streams streams) {
  const World world{own_environment()};
  const Interrupt interrupt;
  const guides::Library library{guides::embedded()};
  const auto deployment = discover(command.target, world, library, interrupt, streams);
  if (!deployment) return 2;
  std::ostringstream text;
  if (command.output.format == "json")
    render::config_json(*deployment, text);
  else
    render::config(*deployment, style_for(command.output), text);
  return deliver(redactor_for(*deployment).redact(text.str()), command.output, streams, 0);
}

int explain(const ExplainCommand& command, Streams streams) {
  const guides::Library library{guides::embedded()};
  const auto entry = library.entry(command.code);
  if (!entry) {
    const auto nearest = util::nearest(command.code, library.codes());
    streams.err << "doctor: no guide explains '" << util::shown(command.code, 80) << "'."
                << (nearest.empty() ? "" : " Did you mean " + nearest + "?") << " See 'doctor list entries'.\n";
    return 2;
  }
  std::ostringstream text;
  render::explain(*entry, style_for(command.output), text);
  return deliver(text.str(), command.output, streams, 0);
}

int list(const ListCommand& command, Streams streams) {
  const guides::Library library{guides::embedded()};
  const bool json = command.output.format == "json";
  std::ostringstream text;
  if (command.what == "checks")
    list_checks(json, text);
  else if (command.what == "systems")
    list_systems(library, json, text);
  else
    render::list_entries(library, json, text);
  return deliver(text.str(), command.output, streams, 0);
}

}  // namespace doctor::cli
