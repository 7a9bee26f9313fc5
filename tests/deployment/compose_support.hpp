#pragma once

#include <sys/stat.h>
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "deployment/compose.hpp"

/// Compose projects in memory and on disk.
namespace doctor::test {

using Files = std::map<std::string, std::string>;

inline doctor::deployment::FileReader memory_reader(const Files& files) {
  return [files](const std::string& path) -> Outcome<std::string> {
    const auto found = files.find(path);
    if (found != files.end()) return found->second;
    ProbeFailure failure;
    failure.kind = FailureKind::not_found;
    return Failed{failure};
  };
}

inline Outcome<std::string> disk_reader(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    ProbeFailure failure;
    failure.kind = FailureKind::not_found;
    return Failed{failure};
  }
  std::ifstream file{path, std::ios::binary};
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

/// The project of /srv/app with these files (paths below it); ".env" is read, too.
inline doctor::deployment::ComposeProject project_of(const Files& files,
                                                     const doctor::deployment::Environment& shell = {}) {
  doctor::deployment::ComposeOptions options;
  options.directory = "/srv/app";
  options.shell = shell;
  Files absolute;
  for (const auto& [name, text] : files) absolute["/srv/app/" + name] = text;
  options.read = memory_reader(absolute);
  if (const auto found = files.find(".env"); found != files.end()) {
    options.dotenv = doctor::deployment::parse_dotenv(found->second, ".env", shell);
  }
  return doctor::deployment::read_compose(options).value();
}

inline doctor::deployment::ComposeProject project_of(const std::string& compose) {
  return project_of(Files{{"docker-compose.yml", compose}});
}

inline const doctor::deployment::ComposeService& service_of(const doctor::deployment::ComposeProject& project,
                                                            const std::string& name) {
  const auto found = std::find_if(project.services.begin(), project.services.end(),
                                  [&](const auto& service) { return service.service.name == name; });
  if (found == project.services.end()) throw std::runtime_error{"no service " + name};
  return *found;
}

inline const doctor::deployment::ServiceVariable& variable_of(const doctor::deployment::ComposeService& service,
                                                              const std::string& name) {
  const auto found = std::find_if(service.environment.begin(), service.environment.end(),
                                  [&](const auto& variable) { return variable.name == name; });
  if (found == service.environment.end()) throw std::runtime_error{"no variable " + name};
  return *found;
}

inline const FileProblem* problem_of(const std::vector<FileProblem>& problems, const std::string& code) {
  const auto found =
      std::find_if(problems.begin(), problems.end(), [&](const auto& problem) { return problem.code == code; });
  return found == problems.end() ? nullptr : &*found;
}

}  // namespace doctor::test
