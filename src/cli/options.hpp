#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace doctor::cli {

/// What is examined and how: shared by `check` and `config`.
struct TargetOptions {
  std::string directory = ".";
  std::string system;
  std::vector<std::string> env_files;
  std::vector<std::string> compose_files;
  std::string project_name;
  std::vector<std::string> profiles;
  std::vector<std::string> set;
  std::vector<std::string> urls;
  std::vector<std::string> proxy_configs;
  bool env_from_process = false;
  bool offline = false;  ///< of `check` only
  bool deep = false;     ///< of `check` only
};

struct OutputOptions {
  std::vector<std::string> formats;  ///< that the command knows
  std::string format = "human";
  std::string output;           ///< a file; empty: standard output
  std::string colour = "auto";  ///< auto, always, never
  int verbose = 0;
  bool quiet = false;
};

struct CheckCommand {
  TargetOptions target;
  OutputOptions output;
  std::vector<std::string> only;
  std::vector<std::string> skip;
  std::string fail_on = "error";
  bool allow_incomplete = false;
  bool no_progress = false;
  std::chrono::milliseconds timeout{30000};
  std::chrono::milliseconds check_timeout{10000};
};

struct ConfigCommand {
  TargetOptions target;
  OutputOptions output;
};

struct ExplainCommand {
  std::string code;
  OutputOptions output;
};

struct ListCommand {
  std::string what;  ///< checks, systems, entries
  OutputOptions output;
};

struct VersionCommand {};

using Command = std::variant<CheckCommand, ConfigCommand, ExplainCommand, ListCommand, VersionCommand>;

/// Nothing when there is nothing to run: `exit` is the exit code, and help or a message has been written.
struct Parsed {
  std::optional<Command> command;
  int exit = 0;
};

Parsed parse(int argc, char** argv, std::ostream& out, std::ostream& err);

}  // namespace doctor::cli
