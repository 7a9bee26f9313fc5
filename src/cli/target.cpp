#include "cli/target.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>

#include "redact/secret_reader.hpp"
#include "util/text.hpp"

extern char** environ;

namespace doctor::cli {
namespace {

constexpr std::chrono::milliseconds discovery_limit{8000};

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto full = std::filesystem::absolute(path.empty() ? "." : path, error);
  if (error) return path;
  auto text = full.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

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
  target.env_from_process = options.env_from_process;
  target.shell = std::move(environment);
  return target;
}

bool known_system(const std::string& system, const guides::Library& library, Streams streams) {
  const auto systems = library.systems();
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

deployment::Environment own_environment() {
  deployment::Environment own;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) own.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return own;
}

std::shared_ptr<const Deployment> discover(const TargetOptions& options, const World& world,
                                           const guides::Library& library, const Interrupt& interrupt,
                                           Streams streams) {
  if (!known_system(options.system, library, streams)) return nullptr;
  std::vector<SystemDescription> candidates;
  for (const auto& name : library.systems())
    if (auto description = library.description(name)) candidates.push_back(std::move(*description));
  auto found = deployment::discover(discover_options(options, own_environment()),
                                    world.sources(discovery_limit, interrupt.token()), candidates);
  if (found) return *found;
  streams.err << "doctor: " << found.error().message << '\n';
  return nullptr;
}

redact::Redactor redactor_for(const Deployment& deployment) {
  std::vector<redact::KnownSecret> known;
  std::set<std::string> seen;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty() && seen.insert(value).second) known.push_back({name, value});
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
  std::vector<std::string> ordinary;
  for (const auto& service : deployment.services) ordinary.push_back(service.name);
  for (const auto& source : deployment.data_sources) {
    ordinary.push_back(source.user);
    ordinary.push_back(source.database);
    ordinary.push_back(source.host);
  }
  return redact::Redactor{std::move(known), ordinary};
}

}  // namespace doctor::cli
