#include "cli/option_files.hpp"

#include <unistd.h>

#include <algorithm>

#include "guides/description.hpp"

namespace doctor::cli {
namespace {

constexpr int most_levels = 64;

std::string of(const deployment::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

std::string below(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory + "/" + name;
}

bool is_there(const std::string& path, const FileAccess& files) {
  const auto answer = files.look(path);
  return answer && answer->kind != "missing";
}

/// Nobody but root and the user decides what lies in it.
bool is_trusted(const std::string& directory, const FileAccess& files) {
  const auto answer = files.look(directory);
  return answer && (answer->uid == 0 || answer->uid == geteuid()) && (answer->mode & 0002U) == 0;
}

std::string user_file(const deployment::Environment& environment) {
  const auto xdg = of(environment, "XDG_CONFIG_HOME");
  if (xdg.starts_with('/')) return below(xdg, "doctor/doctor.yaml");  // others must be ignored, says the specification
  const auto home = of(environment, "HOME");
  return home.starts_with('/') ? below(home, ".config/doctor/doctor.yaml") : std::string{};
}

void add_layer(std::vector<OptionLayer>& layers, const std::string& origin, const std::string& path,
               const FileAccess& files) {
  const auto is_known = [&](const OptionLayer& layer) { return layer.path == path; };
  if (path.empty() || std::any_of(layers.begin(), layers.end(), is_known)) return;
  if (origin != "project" && !files.look(path)) return;  // a home that cannot be seen into is nobody's
  const auto text = read_own_file(path, files);
  if (!text) return;
  guides::Problems problems;
  auto file = guides::read_project_file(*text, path, problems);
  refuse(problems);
  if (origin != "project" && (file.system || !file.proxy.empty() || !file.guides.empty()))
    throw BadInput{path + ": only `options` may stand here; a system is described in the deployment's doctor.yaml."};
  layers.push_back({origin, path, std::move(file.options)});
}

}  // namespace

std::string project_file(const std::string& directory, const std::string& home, const FileAccess& files) {
  auto current = directory;
  for (int level = 0; level < most_levels; ++level) {
    if (level > 0 && !is_trusted(current, files)) return {};
    auto path = below(current, "doctor.yaml");
    if (is_there(path, files)) return path;
    if (current == "/" || current == home || is_there(below(current, ".git"), files)) return {};
    const auto slash = current.rfind('/');
    current = slash == 0 || slash == std::string::npos ? "/" : current.substr(0, slash);
  }
  return {};
}

std::vector<OptionLayer> option_layers(const std::string& project, const deployment::Environment& environment,
                                       const FileAccess& files) {
  std::vector<OptionLayer> layers;
  add_layer(layers, "project", project, files);
  add_layer(layers, "user", user_file(environment), files);
  add_layer(layers, "system", "/etc/doctor/doctor.yaml", files);
  return layers;
}

}  // namespace doctor::cli
