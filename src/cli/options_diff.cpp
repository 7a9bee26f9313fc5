#include "cli/options_parts.hpp"

namespace doctor::cli {

void add_diff(CLI::App& app, DiffCommand& command) {
  app.add_option("BEFORE", command.before, "The earlier bundle, or report of --format json")->required();
  app.add_option("AFTER", command.after, "The later one")->required();
  option(app, "--fail-on", command.fail_on, "Least severity of a new finding that makes the exit code 1")
      ->check(CLI::IsMember({"error", "warning", "info", "never"}))
      ->capture_default_str();
  flag(app, "--volatile", command.with_volatile, "Compare what changes by itself, too: pids, memory in use, times");
  add_output(app, command.output, {"human", "json"});
}

}  // namespace doctor::cli
