#include <algorithm>
#include <iostream>
#include <ostream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "checks/registry.hpp"
#include "cli/commands.hpp"
#include "cli/config_options.hpp"
#include "cli/own_guides.hpp"
#include "cli/pager.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "guides/recognise_text.hpp"
#include "render/config.hpp"
#include "render/explain.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

nlohmann::ordered_json codes_of(const CheckInfo& check) {
  auto codes = nlohmann::ordered_json::array();
  for (const auto code : check.codes) codes.push_back(std::string{code.text()});
  return codes;
}

void checks_json(std::ostream& out) {
  auto array = nlohmann::ordered_json::array();
  for (const auto* check : checks::all())
    array.push_back({{"id", check->id}, {"healthy", check->healthy}, {"codes", codes_of(*check)}});
  out << array.dump(2) << '\n';
}

/// docs/checks.md.
void checks_markdown(const guides::Library& library, std::ostream& out) {
  out << "# The checks\n\nIn report order, which is the order of causes. Made by `doctor list checks --format "
         "markdown`.\n";
  for (const auto* check : checks::all()) {
    const std::string id{check->id};
    out << "\n## [" << id << "](guides/" << id << ".md)\n\n"
        << check->healthy << "\n\n| code | severity | problem |\n| --- | --- | --- |\n";
    for (const auto code : check->codes) {
      const auto entry = library.entry(code.text());
      out << "| [" << code.text() << "](guides/" << id << ".md#" << code.text() << ") | " << entry->severity << " | "
          << entry->title << " |\n";
    }
  }
}

void checks_human(std::ostream& out) {
  constexpr std::size_t column = 12;
  for (const auto* check : checks::all()) {
    std::string id{check->id};
    id.resize(std::max(id.size() + 1, column), ' ');
    out << id << check->healthy << '\n';
  }
}

void list_checks(const std::string& format, const guides::Library& library, std::ostream& out) {
  if (format == "json") return checks_json(out);
  if (format == "markdown") return checks_markdown(library, out);
  checks_human(out);
}

void list_systems(const guides::Library& library, bool json, std::ostream& out) {
  if (json) {
    out << nlohmann::json(library.systems()).dump(2) << '\n';
    return;
  }
  for (const auto& system : library.systems()) out << system << '\n';
}

constexpr std::size_t most_recognised = 9;

/// Standard input, as far as it is looked at.
std::string pasted() {
  std::string text(64UL * 1024, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

int unexplained(const std::string& wanted, const guides::Library& library, Streams streams) {
  const bool is_code = wanted.find_first_of(" \t\n") == std::string::npos;
  const auto nearest = is_code ? util::nearest(wanted, library.codes()) : std::string{};
  streams.err << "doctor: no guide explains '" << util::shown(wanted, 80) << "'."
              << (nearest.empty() ? "" : " Did you mean " + nearest + "?") << " See 'doctor list entries'.\n";
  return 2;
}

/// Those of --guides, and of the doctor.yaml here: what it reported can be explained without saying more. A doctor.yaml
/// that is of no use is in the way of nobody who asks what a code means.
std::optional<Guides> guides_to_explain_with(const ExplainCommand& command, Streams streams) {
  const auto files = file_access();
  try {
    return read_guides(command.guides, project_here(files), files);
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << '\n';
  }
  if (!command.guides.empty()) return std::nullopt;
  return read_guides({}, "", files);
}

std::optional<Guides> guides_to_list(const ListCommand& command, Streams streams) {
  const auto files = file_access();
  TargetOptions target;
  target.guides = command.guides;
  if (command.what == "entries") target.project_file = project_here(files);
  return guides_for(target, files, streams);
}

}  // namespace

int config(const ConfigCommand& command, Streams streams) {
  if (command.options) return config_options(command, streams);
  const World world{own_environment()};
  const Interrupt interrupt;
  const auto guides = guides_for(command.target, file_access(world, interrupt.token()), streams);
  if (!guides) return interrupt.code_or(2);
  const auto [deployment, rules] = discover(command.target, world, guides->known, interrupt, streams);
  if (!deployment) return interrupt.code_or(2);
  std::ostringstream text;
  if (command.output.format == "json")
    render::config_json(*deployment, text);
  else
    render::config(*deployment, style_for(command.output), text);
  const auto shown = redactor_for(*deployment, rules).redact(text.str());
  interrupt.leave_to_pager();
  return deliver_paged(shown, command.output, streams, 0);
}

int explain(const ExplainCommand& command, Streams streams) {
  const auto guides = guides_to_explain_with(command, streams);
  if (!guides) return 2;
  const auto& library = guides->known;
  const auto wanted = command.code == "-" ? pasted() : command.code;
  auto entry = library.entry(wanted);
  const auto recognised = entry ? std::vector<std::string>{} : guides::recognise_text(library, wanted);
  if (!recognised.empty()) entry = library.entry(recognised.front());
  if (!entry) return unexplained(wanted, library, streams);
  std::ostringstream text;
  render::explain(*entry, style_for(command.output), text);
  for (std::size_t i = 1; i < std::min(recognised.size(), most_recognised); ++i)
    text << (i == 1 ? "\nThe text also fits:\n" : "") << "  " << recognised[i] << "  "
         << library.entry(recognised[i])->title << '\n';
  return deliver_paged(text.str(), command.output, streams, 0);
}

int list(const ListCommand& command, Streams streams) {
  const auto guides = guides_to_list(command, streams);
  if (!guides) return 2;
  const auto& library = guides->known;
  const bool json = command.output.format == "json";
  if (command.output.format == "markdown" && command.what != "checks") {
    streams.err << "doctor: --format markdown is for 'doctor list checks'\n";
    return 2;
  }
  std::ostringstream text;
  if (command.what == "checks")
    list_checks(command.output.format, library, text);
  else if (command.what == "systems")
    list_systems(library, json, text);
  else
    render::list_entries(library, json, text);
  return deliver(text.str(), command.output, streams, 0);
}

}  // namespace doctor::cli
