#include "cli/options_parts.hpp"

#include <utility>

#include "util/text.hpp"

namespace doctor::cli {

void add_target(CLI::App& app, TargetOptions& target) {
  app.add_option("DIR", target.directory, "Directory of the deployment")->capture_default_str();
  option(app, "--system", target.system, "Which application this is (default: recognised)");
  list(app, "--env-file", target.env_files, "Read this instead of .env (may be repeated)");
  list(app, "--compose-file", target.compose_files, "Read this compose file (may be repeated, in order)");
  option(app, "--project-name", target.project_name, "Compose project name");
  list(app, "--profile", target.profiles, "Active compose profile (may be repeated)");
  repeated(app, "--set", target.set, "A setting as [SERVICE.]NAME=VALUE, in place of what is found");
  repeated(app, "--url", target.urls, "Where the application answers, as [SERVICE=]URL");
  list(app, "--proxy-config", target.proxy_configs, "Configuration of the reverse proxy in front (may be repeated)");
  flag(app, "--env-from-process", target.env_from_process, "Take doctor's own environment for the application's");
}

void add_output(CLI::App& app, OutputOptions& output, std::vector<std::string> formats) {
  output.formats = std::move(formats);
  option(app, "--format", output.format, std::string{format_description} + util::join(output.formats, ", "))
      ->capture_default_str();
  option(app, "-o,--output", output.output, "Write the result to this file, whole or not at all");
  option(app, "--color", output.colour, "Colour")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_flag("-v,--verbose", output.verbose, "Show every check and a debug log on standard error (-vv: more)");
  flag(app, "-q,--quiet", output.quiet, "Show the titles of root causes and the last line only");
}

void add_init(CLI::App& app, InitCommand& command) {
  add_target(app, command.target);
  option(app, "--name", command.name, "Name of the application (default: that of the compose project or directory)");
  list(app, "--health", command.health, "Path that tells that a service is well, as [SERVICE=]PATH (may be repeated)");
  flag(app, "--no-questions", command.no_questions, "Ask nothing on a terminal; take what was found");
}

}  // namespace doctor::cli
