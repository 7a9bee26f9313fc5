#include "cli/options_parts.hpp"

#include <utility>

#include "cli/schemas.hpp"
#include "util/text.hpp"

namespace doctor::cli {

void add_target(CLI::App& app, TargetOptions& target) {
  app.add_option("DIR", target.directory, "Directory of the deployment")->capture_default_str();
  option(app, "--system", target.system, "Which application this is (default: recognised)");
  list(app, "--env-file", target.env_files, "Read this instead of .env");
  list(app, "--compose-file", target.compose_files, "Read this compose file, several in order");
  option(app, "--project-name", target.project_name, "Compose project name");
  list(app, "--profile", target.profiles, "Active compose profile");
  repeated(app, "--set", target.set, "Take this value for a setting, [SERVICE.]NAME=VALUE");
  repeated(app, "--url", target.urls, "Where the application answers, as [SERVICE=]URL");
  list(app, "--proxy-config", target.proxy_configs, "Configuration of the reverse proxy in front");
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
  app.add_flag("-v,--verbose", output.verbose, "Show every check, and a debug log (-vv: more)");
  flag(app, "-q,--quiet", output.quiet, "Show titles of root causes and the last line only");
}

void add_schema(CLI::App& app, SchemaCommand& command) {
  std::vector<std::string> names;
  for (const auto& schema : schemas()) names.emplace_back(schema.name);
  app.add_option("NAME", command.name, "Which one; without it they are listed")->check(CLI::IsMember(names));
  option(app, "-o,--output", command.output.output, "Write the result to this file, whole or not at all");
}

void add_pager(CLI::App& app, OutputOptions& output) {
  flag(app, "--no-pager", output.no_pager, "Do not show the result through a pager on a terminal");
}

void add_guides(CLI::App& app, std::vector<std::string>& guides) {
  repeated(app, "--guides", guides, "Also the guides in this folder, pages of your own")->type_name("DIR");
}

void add_init(CLI::App& app, InitCommand& command) {
  add_target(app, command.target);
  option(app, "--name", command.name, "Name of the application (default: that of the compose project or directory)");
  list(app, "--health", command.health, "Path that tells that a service is well, as [SERVICE=]PATH");
  flag(app, "--no-questions", command.no_questions, "Ask nothing on a terminal; take what was found");
}

}  // namespace doctor::cli
