#include "lab/env_file.hpp"

#include <sstream>

namespace doctor::lab::env_file {
namespace {

constexpr mode_t owner_only = 0600;

}  // namespace

Environment variables(const Directory& directory, const std::string& file) {
  Environment variables;
  std::istringstream lines{directory.read(file)};
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos && !line.starts_with('#'))
      variables.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return variables;
}

std::string value(const Directory& directory, const std::string& name, const std::string& file) {
  for (const auto& [key, value] : variables(directory, file))
    if (key == name) return value;
  return {};
}

void set(const Directory& directory, const std::string& name, const std::string& value, const std::string& file) {
  unset(directory, name, file);
  directory.write(file, directory.read(file) + name + "=" + value + "\n", owner_only);
}

void unset(const Directory& directory, const std::string& name, const std::string& file) {
  std::istringstream lines{directory.read(file)};
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with(name + "=")) kept += line + "\n";
  directory.write(file, kept, owner_only);
}

}  // namespace doctor::lab::env_file
