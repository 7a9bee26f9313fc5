#include "cli/options_layers.hpp"

#include <algorithm>
#include <array>

#include "cli/target.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

using guides::FileOption;

template <class Items, class Item>
bool holds(const Items& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

std::string place_of(const OptionLayer& layer, const FileOption& option) {
  return layer.path + ":" + std::to_string(option.line);
}

BadInput mistake(const OptionLayer& layer, const FileOption& option, const std::string& message) {
  return {place_of(layer, option) + ":" + std::to_string(option.column) + ": " + message};
}

/// Names of files in a doctor.yaml are relative to its directory. A report is FORMAT=FILE.
std::string resolved(const std::string& name, const std::string& value, const OptionLayer& layer) {
  constexpr std::array<std::string_view, 9> named{"guides",       "baseline", "output",  "proxy-config", "env-file",
                                                  "compose-file", "report",   "plugins", "bundle"};
  if (!holds(named, name)) return value;
  const auto equals = name == "report" ? value.find('=') : std::string::npos;
  const auto begin = equals == std::string::npos ? 0 : equals + 1;
  if (begin == value.size() || value[begin] == '/') return value;
  return value.substr(0, begin) + layer.path.substr(0, layer.path.rfind('/') + 1) + value.substr(begin);
}

bool is_flag(const CLI::Option& option) {
  return option.get_expected_max() == 0;
}

bool is_switch_value(const std::string& name, const std::string& value) {
  return value == "true" || value == "false" || (name == "verbose" && value == "2");
}

/// Of the options whose values are started.
bool names_programs(const std::string& name) {
  return name == "plugins" || name == "nagios";
}

bool is_given_as_flag(const CLI::App& command, const CLI::Option* option) {
  return holds(command.parse_order(), option);
}

}  // namespace

Layering::Layering(std::vector<OptionLayer> layers, const std::vector<CommandHelp>& known)
    : layers_{std::move(layers)} {
  for (const auto& command : known)
    for (const auto& option : command.options) {
      if (option.positional || !option.names.back().starts_with("--")) continue;
      names_.push_back(option.names.back().substr(2));
      if (names_.back() == "format") formats_.insert(formats_.end(), option.choices.begin(), option.choices.end());
    }
  check_names();
}

void Layering::check_names() const {
  for (const auto& layer : layers_)
    for (const auto& option : layer.options) {
      if (!holds(names_, option.name))
        throw mistake(layer, option,
                      "there is no option " + util::shown(option.name, 60) + guides::did_you_mean(option.name, names_));
      if (layer.origin == "project" && names_programs(option.name))
        throw mistake(layer, option,
                      option.name +
                          ": who brings a directory may not name programs to run; give it as a flag, or in "
                          "your own or the system's doctor.yaml");
    }
}

void Layering::apply(CLI::App& command) {
  for (const auto& layer : layers_)
    for (const auto& option : layer.options) give(command, layer, option);
}

void Layering::give(CLI::App& command, const OptionLayer& layer, const FileOption& from) {
  auto* option = command.get_option_no_throw("--" + from.name);
  if (option == nullptr || !option->get_configurable() || option->count() > 0) return;
  if (from.name == "format" && !from.values.empty()) {  // commands know different ones
    const auto formats = help_of(*option).choices;
    const auto& wanted = from.values.front();
    if (!holds(formats_, wanted))
      throw mistake(layer, from, "format: " + util::shown(wanted, 40) + " is not one of " + util::join(formats, ", "));
    if (!holds(formats, wanted)) return;
  }
  const auto named = [&](const std::string& message) { return mistake(layer, from, from.name + ": " + message); };
  if (from.values.size() != 1 && option->get_expected_max() <= 1)
    throw named("one value is wanted, not " + std::to_string(from.values.size()));
  if (is_flag(*option) && !is_switch_value(from.name, from.values.front())) throw named("true or false is wanted");
  try {
    for (const auto& value : from.values) option->add_result(resolved(from.name, value, layer));
    option->run_callback();
  } catch (const CLI::Error& error) {
    throw named(util::shown(error.what(), 300));
  }
  from_files_[option] = {layer.origin, place_of(layer, from)};
}

std::vector<OptionValue> Layering::values(const CLI::App& command, const CLI::App& also) const {
  std::vector<OptionValue> values;
  for (const auto* option : command.get_options()) {
    if (option->get_lnames().empty() || option->check_lname("help")) continue;
    OptionValue value{option->get_lnames().front(), option->get_default_str(), "built-in", ""};
    const auto* same = also.get_option_no_throw("--" + value.name);
    const auto file = from_files_.find(option);
    if (same != nullptr && is_given_as_flag(also, same)) {
      value = {value.name, util::join(same->results(), ","), "flag", "--" + value.name};
    } else if (file != from_files_.end()) {
      value = {value.name, util::join(option->results(), ","), file->second.origin, file->second.place};
    } else if (option->count() > 0) {
      value = {value.name, util::join(option->results(), ","), "environment", option->get_envname()};
    }
    if (value.value.empty() && is_flag(*option)) value.value = "false";
    values.push_back(std::move(value));
  }
  return values;
}

Settled settle(CLI::App& app) {
  auto& used = *app.get_subcommands().front();
  if (used.get_option_no_throw("--format") == nullptr) return {};  // it has no options of its own
  const auto files = file_access();
  const auto environment = own_environment();
  Settled settled;
  const auto* from = used.get_option_no_throw("--from");  // a bundle is nobody's directory
  const auto* directory = used.get_option_no_throw("DIR");
  if (directory != nullptr && (from == nullptr || from->count() == 0))
    settled.project = project_file(absolute(directory->count() == 0 ? "." : directory->as<std::string>()),
                                   environment.count("HOME") == 0 ? "" : environment.at("HOME"), files);
  Layering layering{option_layers(settled.project, environment, files), help_of(app)};
  layering.apply(used);
  if (used.get_name() != "config" || used.count("--options") == 0) return settled;
  auto& check = *app.get_subcommand("check");
  layering.apply(check);
  settled.values = layering.values(check, used);
  return settled;
}

}  // namespace doctor::cli
