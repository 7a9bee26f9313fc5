#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/system.hpp"
#include "guides/file_option.hpp"
#include "guides/problem.hpp"

namespace doctor::guides {

/// What the user wants redacted besides what doctor knows by itself.
struct RedactionRule {
  std::string match;  ///< RE2; its first group, if it has one, is what is replaced
  std::string name;   ///< what stands for it: [redacted:NAME]
};

template <class Field>
constexpr void each_field(Field&& field, RedactionRule& rule) {
  field("match", rule.match);
  field("name", rule.name);
}

/// Where something stands in a file, 1-based.
struct Place {
  int line = 0;
  int column = 0;
};

/// doctor.yaml of a project.
struct ProjectFile {
  std::optional<SystemDescription> system;
  std::vector<std::string> guides;  ///< pages of the user, or folders with them, relative to the directory
  std::vector<std::string> proxy;   ///< configuration files of the reverse proxy, relative to the directory
  std::vector<RedactionRule> redact;
  std::vector<FileOption> options;  ///< doctor's own; who knows them judges them
  /// Where each entry is named first that `system` wants to be raised. Not a key of the file.
  std::map<std::string, Place> entries;
};

template <class Field>
constexpr void each_field(Field&& field, ProjectFile& project) {
  field("system", project.system);
  field("guides", project.guides);
  field("proxy", project.proxy);
  field("redact", project.redact);
  field("options", project.options);
}

/// Reads the YAML of a system description. The keys are the fields of SystemDescription and its parts; `settings`,
/// `variables` and `services` are mappings by name; `else` is Expectation::violated; durations are written 500ms, 8s,
/// 2m. Never throws on bad input: every mistake is added to `problems`, with place and nearest known name, and the rest
/// is read. At most 4 MB, depth 100, 100,000 values.
SystemDescription read_description(std::string_view text, const std::string& file, Problems& problems);

/// Reads a doctor.yaml: the same rules below its key `system`.
ProjectFile read_project_file(std::string_view text, const std::string& file, Problems& problems);

}  // namespace doctor::guides
