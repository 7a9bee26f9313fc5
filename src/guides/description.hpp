#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doctor/system.hpp"
#include "guides/problem.hpp"

namespace doctor::guides {

/// doctor.yaml of a project.
struct ProjectFile {
  std::optional<SystemDescription> system;
  std::vector<std::string> proxy;  ///< configuration files of the reverse proxy, relative to the directory
};

template <class Field>
void each_field(Field&& field, ProjectFile& project) {
  field("system", project.system);
  field("proxy", project.proxy);
}

/// Reads the YAML of a system description. The keys are the fields of SystemDescription and its parts; `settings`,
/// `variables` and `services` are mappings by name; `else` is Expectation::violated; durations are written 500ms, 8s,
/// 2m. Never throws on bad input: every mistake is added to `problems`, with place and nearest known name, and the rest
/// is read. At most 4 MB, depth 100, 100,000 values.
SystemDescription read_description(std::string_view text, const std::string& file, Problems& problems);

/// Reads a doctor.yaml: the same rules below its key `system`.
ProjectFile read_project_file(std::string_view text, const std::string& file, Problems& problems);

}  // namespace doctor::guides
