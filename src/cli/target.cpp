#include "cli/target.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <set>
#include <stdexcept>

#include "cli/own_file.hpp"
#include "guides/description.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

extern char** environ;

namespace doctor::cli {
namespace {

std::string of(const deployment::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

std::vector<std::string> list_of(const deployment::Environment& environment, const std::string& name, char separator) {
  auto items = util::split(of(environment, name), separator);
  items.erase(std::remove(items.begin(), items.end(), std::string{}), items.end());
  return items;
}

deployment::DiscoverOptions discover_options(const TargetOptions& options, deployment::Environment environment) {
  deployment::DiscoverOptions target;
  target.directory = absolute(options.directory);
  target.env_files = options.env_files;
  target.compose_files =
      options.compose_files.empty() ? list_of(environment, "COMPOSE_FILE", ':') : options.compose_files;
  target.project_name = options.project_name.empty() ? of(environment, "COMPOSE_PROJECT_NAME") : options.project_name;
  target.profiles = options.profiles.empty() ? list_of(environment, "COMPOSE_PROFILES", ',') : options.profiles;
  target.system = options.system;
  target.set = options.set;
  target.urls = options.urls;
  for (const auto& file : options.proxy_configs) target.proxy_configs.push_back(absolute(file));
  target.env_from_process = options.env_from_process;
  target.offline = options.offline;
  target.deep = options.deep;
  target.shell = std::move(environment);
  return target;
}

/// Paths in a doctor.yaml above the deployment are relative to its own directory.
void make_absolute(std::vector<std::string>& paths, const std::string& directory) {
  for (auto& path : paths)
    if (!path.starts_with('/')) path = absolute(directory + "/" + path);
}

/// The deployment's doctor.yaml, if there is one: `found`, or that of its directory. Throws BadInput when there is one
/// that cannot be used.
guides::ProjectFile own_project(const std::string& found, const std::string& directory, const World& world,
                                const Interrupt& interrupt) {
  const auto path = found.empty() ? directory + "/doctor.yaml" : found;
  const auto text = read_own_file(path, file_access(world, interrupt.token()));
  if (!text) return {};
  guides::Problems problems;
  auto project = guides::read_project_file(*text, path, problems);
  refuse(problems);
  const auto home = path.substr(0, path.rfind('/'));
  if (home != directory) make_absolute(project.proxy, home);
  return project;
}

std::vector<redact::Rule> redact_rules(guides::ProjectFile project) {
  std::vector<redact::Rule> rules;
  for (auto& rule : project.redact) rules.push_back({std::move(rule.match), std::move(rule.name)});
  return rules;
}

/// The descriptions to recognise the application by: the directory's own comes first.
std::vector<SystemDescription> candidates(std::optional<SystemDescription> own, const guides::Library& library) {
  std::vector<SystemDescription> all;
  if (own) all.push_back(std::move(*own));
  for (const auto& name : library.systems())
    if (auto description = library.description(name)) all.push_back(std::move(*description));
  return all;
}

bool known_system(const std::string& system, const std::vector<SystemDescription>& candidates, Streams streams) {
  std::vector<std::string> systems;
  for (const auto& candidate : candidates) systems.push_back(candidate.name);
  if (system.empty() || std::find(systems.begin(), systems.end(), system) != systems.end()) return true;
  const auto nearest = util::nearest(system, systems);
  streams.err << "doctor: there is no description of a system '" << util::shown(system, 60) << "'."
              << (nearest.empty() ? "" : " Did you mean " + nearest + "?") << " Known: " << util::join(systems, ", ")
              << ".\n";
  return false;
}

/// The password of a URL's userinfo, as written; "" when there is none.
std::string url_password(const std::string& text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return {};
  const auto begin = scheme + 3;
  const auto at = text.rfind(
      '@', text.find_first_of("?#", begin) == std::string::npos ? text.size() : text.find_first_of("?#", begin));
  if (at == std::string::npos || at < begin) return {};
  const auto colon = text.find(':', begin);
  return colon == std::string::npos || colon > at ? std::string{} : text.substr(colon + 1, at - colon - 1);
}

}  // namespace

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto full = std::filesystem::absolute(path.empty() ? "." : path, error);
  if (error) return path;
  auto text = full.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

deployment::Environment own_environment() {
  deployment::Environment own;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) own.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return own;
}

Discovered discover(const TargetOptions& options, const World& world, const guides::Library& library,
                    const Interrupt& interrupt, Streams streams) {
  try {
    auto target = discover_options(options, own_environment());
    auto project = own_project(options.project_file, target.directory, world, interrupt);
    target.proxy_configs.insert(target.proxy_configs.end(), project.proxy.begin(), project.proxy.end());
    auto own = std::move(project.system);
    if (target.system.empty() && own) target.system = own->name;
    const auto known = candidates(std::move(own), library);
    if (!known_system(target.system, known, streams)) return {};
    auto found = deployment::discover(target, world.sources(options.limit, interrupt.token()), known);
    if (found) return {*found, redact_rules(std::move(project))};
    throw BadInput{found.error().message};
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << '\n';
    return {};
  }
}

redact::Redactor redactor_for(const Deployment& deployment, const std::vector<redact::Rule>& rules) {
  std::vector<redact::KnownSecret> known;
  std::set<std::pair<std::string, std::string>> seen;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty() && seen.insert({name, value}).second) known.push_back({name, value});
  };
  const auto each_value = [&](auto&& use) {
    for (const auto& setting : deployment.settings)
      for (const auto* value : {&setting.configured, &setting.running, &setting.written})
        if (*value && (*value)->is_secret()) use(setting.name, SecretReader::reveal(**value));
  };
  // The variable that holds a password names it, rather than the URL that it was pasted into.
  each_value([&](const std::string& name, const std::string& value) {
    if (url_password(value).empty()) add(name, value);
  });
  each_value([&](const std::string& name, const std::string& value) { add(name, url_password(value)); });
  for (const auto& secret : deployment.secrets) add(secret.name, SecretReader::reveal(secret.value));
  std::vector<std::string> ordinary;
  for (const auto& service : deployment.services) ordinary.push_back(service.name);
  for (const auto* sources : {&deployment.data_sources, &deployment.redis})
    for (const auto& source : *sources) {
      ordinary.push_back(source.user);
      ordinary.push_back(source.database);
      ordinary.push_back(source.host);
    }
  return redact::Redactor{std::move(known), ordinary, rules};
}

}  // namespace doctor::cli
