#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace doctor::cli {

/// What is examined and how: shared by `check` and `config`.
struct TargetOptions {
  std::string directory = ".";
  std::string project_file;         ///< the doctor.yaml in use, absolute; empty: there is none
  std::vector<std::string> guides;  ///< files and folders with pages of the user's own
  std::string system;
  std::vector<std::string> env_files;
  std::vector<std::string> compose_files;
  std::string project_name;
  std::vector<std::string> profiles;
  std::vector<std::string> set;
  std::vector<std::string> urls;
  std::vector<std::string> proxy_configs;
  bool env_from_process = false;
  std::chrono::milliseconds limit{8000};  ///< for finding out what is deployed
  bool offline = false;                   ///< of `check` only
  bool deep = false;                      ///< of `check` only
};

struct OutputOptions {
  std::vector<std::string> formats;  ///< that the command knows
  std::string format = "human";
  std::string output;           ///< a file; empty: standard output
  std::string colour = "auto";  ///< auto, always, never
  int verbose = 0;
  bool quiet = false;
  bool no_pager = false;  ///< of `config` and `explain` only
};

struct CheckCommand {
  TargetOptions target;
  std::string from;  ///< a bundle to examine in place of `target`; empty: none
  OutputOptions output;
  std::vector<std::string> only;
  std::vector<std::string> skip;
  std::vector<std::string> plugins;  ///< folders
  std::vector<std::string> nagios;   ///< ID=/PATH ARGUMENT ...
  bool no_plugins = false;
  std::vector<std::string> reports;  ///< FORMAT=FILE
  std::vector<std::string> ignore;   ///< CODE[=SUBJECT]
  std::string baseline;              ///< a report in JSON
  std::string fail_on = "error";
  bool allow_incomplete = false;
  bool no_progress = false;
  bool timings = false;
  std::chrono::milliseconds wait{0};  ///< 0: one run
  std::chrono::milliseconds interval{2000};
  bool watch = false;
  std::chrono::milliseconds timeout{30000};
  std::chrono::milliseconds check_timeout{10000};
  std::map<std::string, std::string> crashed;  ///< checks that ended an earlier try of this run, and the signal
  std::string bundle_file;                     ///< a bundle of this run is written there; empty: none
};

/// What goes into a bundle, and where it is written.
struct BundleOptions {
  std::string file;                       ///< empty: a name in the working directory
  std::uint64_t most_bytes = 64'000'000;  ///< of what it holds, before packing
  std::int64_t since = 0;                 ///< older lines of logs are left out; seconds since 1970, 0: none
  std::string since_text;                 ///< as the user gave it
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::string label;
  bool zstd = false;
  bool estimate = false;
  bool hide_hosts = false;  ///< host names and addresses are replaced, too
};

/// `doctor bundle`: a run of the checks, and what it saw.
struct BundleCommand : CheckCommand {
  BundleOptions bundle;
};

/// One of doctor's own options of `check`, its value, and where that is from.
struct OptionValue {
  std::string name;    ///< "fail-on"
  std::string value;   ///< several with commas between them; empty: none
  std::string origin;  ///< "flag", "environment", "project", "user", "system", "built-in"
  std::string place;   ///< "--fail-on", "DOCTOR_FAIL_ON", "/srv/shop/doctor.yaml:3"; empty: built-in
};

struct ConfigCommand {
  TargetOptions target;
  bool options = false;             ///< show doctor's own options, not the deployment's settings
  std::vector<OptionValue> values;  ///< of all options of `check`, when `options` is set
  OutputOptions output;
};

struct ExplainCommand {
  std::string code;
  std::vector<std::string> guides;  ///< as TargetOptions::guides
  OutputOptions output;
};

struct ListCommand {
  std::string what;                 ///< checks, systems, entries
  std::vector<std::string> guides;  ///< as TargetOptions::guides
  OutputOptions output;
};

struct InitCommand {
  TargetOptions target;
  std::string name;                 ///< of the application; empty: guessed
  std::vector<std::string> health;  ///< [SERVICE=]PATH
  bool no_questions = false;
};

/// `doctor plan`: what `doctor check` would do.
struct PlanCommand : CheckCommand {};

/// Two bundles or reports in JSON, the earlier one first.
struct DiffCommand {
  std::string before;
  std::string after;
  std::string fail_on = "error";
  bool with_volatile = false;
  OutputOptions output;
};

struct SchemaCommand {
  std::string name;  ///< report, diff, plan, plugin; empty: list them
  OutputOptions output;
};

struct CompletionCommand {
  std::string shell;  ///< bash, zsh, fish
};

struct VersionCommand {};

using Command = std::variant<CheckCommand, BundleCommand, ConfigCommand, ExplainCommand, ListCommand, InitCommand,
                             PlanCommand, DiffCommand, SchemaCommand, CompletionCommand, VersionCommand>;

/// Nothing when there is nothing to run: `exit` is the exit code, and help or a message has been written.
struct Parsed {
  std::optional<Command> command;
  int exit = 0;
};

Parsed parse(int argc, char** argv, std::ostream& out, std::ostream& err);

}  // namespace doctor::cli
