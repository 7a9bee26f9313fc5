#include "cli/plugin_setup.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/own_file.hpp"
#include "cli/target.hpp"
#include "util/text.hpp"
#include "util/words.hpp"

namespace doctor::cli {
namespace {

bool is_id(const std::string& text) {
  constexpr std::size_t longest = 40;
  return !text.empty() && text.size() <= longest && text.front() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

probes::PluginPlaces::Nagios nagios_of(const std::string& text) {
  const auto equals = text.find('=');
  const auto id = text.substr(0, equals);
  const auto split = util::words(equals == std::string::npos ? std::string{} : text.substr(equals + 1));
  if (!split) throw BadInput{"--nagios " + util::shown(text) + ": a quote has no end"};
  auto words = *split;
  if (!is_id(id) || words.empty() || !words.front().starts_with('/'))
    throw BadInput{"--nagios " + util::shown(text) + ": wanted is ID=/PATH ARGUMENT ..., the id in small letters"};
  auto path = std::move(words.front());
  words.erase(words.begin());
  return {id, std::move(path), std::move(words)};
}

std::string of(const deployment::Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

std::vector<probes::PluginPlaces::Folder> folders_of(const CheckCommand& command) {
  std::vector<probes::PluginPlaces::Folder> folders;
  for (const auto& folder : command.plugins) {
    std::error_code failure;
    const auto path = std::filesystem::absolute(folder, failure).lexically_normal().string();
    folders.push_back({failure ? folder : path, true});
  }
  const auto environment = own_environment();
  const auto config = of(environment, "XDG_CONFIG_HOME");
  const auto home = of(environment, "HOME");
  if (config.starts_with('/'))
    folders.push_back({config + "/doctor/checks", false});
  else if (home.starts_with('/'))
    folders.push_back({home + "/.config/doctor/checks", false});
  folders.push_back({"/etc/doctor/checks", false});
  return folders;
}

bool has(const std::vector<probes::FoundPlugin>& plugins, const std::string& name) {
  return std::any_of(plugins.begin(), plugins.end(), [&](const probes::FoundPlugin& plugin) {
    return name == std::string{plugins::prefix} + plugin.id;
  });
}

}  // namespace

bool is_plugin(const std::string& name) {
  return name.starts_with(plugins::prefix);
}

PluginSetup plugin_setup(const CheckCommand& command, const Deployment& deployment, const redact::Redactor& redactor) {
  PluginSetup setup;
  if (command.no_plugins) return setup;
  setup.places.folders = folders_of(command);
  for (const auto& text : command.nagios) setup.places.nagios.push_back(nagios_of(text));
  setup.input = redactor.redact(plugins::input_for(deployment));
  setup.directory = deployment.directory;
  return setup;
}

void refuse_plugins(const CheckCommand& command, const plugins::Source& source, const Deadline& deadline) {
  const bool any_named = std::any_of(command.only.begin(), command.only.end(), is_plugin) ||
                         std::any_of(command.skip.begin(), command.skip.end(), is_plugin);
  if (!any_named && command.plugins.empty() && command.nagios.empty()) return;
  const auto list = source.list.ask({}, deadline);
  if (!list) return;  // the run was stopped, or its time is up
  for (const auto& plugin : list->plugins)
    if (plugin.named && !plugin.refused.empty())
      throw BadInput{"the plugin " + util::shown(plugin.path) + " is not run: " + plugin.refused};
  for (const auto* names : {&command.only, &command.skip})
    for (const auto& name : *names)
      if (is_plugin(name) && !has(list->plugins, name)) throw BadInput{"there is no " + util::shown(name, 80)};
}

void redact(std::vector<plugins::Result>& results, const redact::Redactor& redactor) {
  const auto clean = [&](std::string& text) { text = redactor.redact(text); };
  for (auto& result : results) {
    clean(result.check.reason);
    clean(result.check.healthy);
    for (auto& told : result.verdict.findings) {
      for (auto* text : {&told.entry.title, &told.entry.symptom, &told.entry.cause, &told.entry.verify}) clean(*text);
      for (auto& step : told.entry.fix) clean(step.text);
      clean(told.finding.subject);
      for (auto& item : told.finding.evidence)
        for (auto* text : {&item.name, &item.value, &item.source, &item.vantage}) clean(*text);
    }
    for (auto& item : result.verdict.healthy) clean(item.figure);
    for (auto& item : result.verdict.unexamined) {
      clean(item.subject);
      clean(item.reason);
    }
  }
}

}  // namespace doctor::cli
