#include "cli/options.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/version.hpp"
#include "util/text.hpp"

// The only file that includes CLI11.
namespace doctor::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view footer =
    "Exit codes of check: 0 no finding at or above --fail-on, 1 there is one, 2 wrong usage,\n"
    "3 nothing failed but something could not be examined, 130/143 interrupted.\n"
    "Every option can be given as an environment variable: --fail-on is DOCTOR_FAIL_ON.";

/// 500ms, 10s, 2m. Throws CLI::ValidationError.
milliseconds duration_from(const std::string& text) {
  const auto end = text.find_first_not_of("0123456789");
  const auto unit = end == std::string::npos ? std::string{} : text.substr(end);
  const int factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60000 : 0;
  if (factor == 0 || end == 0 || end > 6)
    throw CLI::ValidationError("'" + util::shown(text, 40) + "' is not a duration such as 500ms, 10s or 2m");
  const milliseconds span{std::stol(text.substr(0, end)) * factor};
  if (span.count() == 0) throw CLI::ValidationError("a duration must be longer than nothing");
  return span;
}

std::string environment_name(const std::string& option) {
  std::string name = "DOCTOR_";
  for (const char c : option.substr(option.find_first_not_of('-')))
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

template <class T>
CLI::Option* option(CLI::App& app, const std::string& name, T& value, const std::string& description) {
  const auto long_name = name.substr(name.find("--"));
  return app.add_option(name, value, description)->envname(environment_name(long_name));
}

CLI::Option* list(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                  const std::string& description) {
  return option(app, name, value, description)->delimiter(',')->allow_extra_args(false);
}

CLI::Option* flag(CLI::App& app, const std::string& name, bool& value, const std::string& description) {
  const auto long_name = name.substr(name.find("--"));
  return app.add_flag(name, value, description)->envname(environment_name(long_name));
}

void duration(CLI::App& app, const std::string& name, milliseconds& value, const std::string& description) {
  app.add_option_function<std::string>(
         name, [&value](const std::string& text) { value = duration_from(text); }, description)
      ->envname(environment_name(name))
      ->type_name("DURATION");
}

void add_target(CLI::App& app, TargetOptions& target) {
  app.add_option("DIR", target.directory, "Directory of the deployment")->capture_default_str();
  option(app, "--system", target.system, "Which application this is (default: recognised)");
  list(app, "--env-file", target.env_files, "Read this instead of .env (may be repeated)");
  list(app, "--compose-file", target.compose_files, "Read this compose file (may be repeated, in order)");
  option(app, "--project-name", target.project_name, "Compose project name");
  list(app, "--profile", target.profiles, "Active compose profile (may be repeated)");
  option(app, "--set", target.set, "A setting as [SERVICE.]NAME=VALUE, in place of what is found")
      ->allow_extra_args(false);
  option(app, "--url", target.urls, "Where the application answers, as [SERVICE=]URL")->allow_extra_args(false);
  list(app, "--proxy-config", target.proxy_configs, "Configuration of the reverse proxy in front (may be repeated)");
  flag(app, "--env-from-process", target.env_from_process, "Take doctor's own environment for the application's");
}

void add_output(CLI::App& app, OutputOptions& output, std::vector<std::string> formats) {
  output.formats = std::move(formats);
  option(app, "--format", output.format, "Output format: " + util::join(output.formats, ", "))->capture_default_str();
  option(app, "-o,--output", output.output, "Write the result to this file, whole or not at all");
  option(app, "--color", output.colour, "Colour")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_flag("-v,--verbose", output.verbose, "Show every check and a debug log on standard error (-vv: more)");
  flag(app, "-q,--quiet", output.quiet, "Show the titles of root causes and the last line only");
}

void add_check(CLI::App& app, CheckCommand& command) {
  add_target(app, command.target);
  add_output(app, command.output, {"human", "json"});
  list(app, "--only", command.only, "Run only these checks");
  list(app, "--skip", command.skip, "Leave these checks out");
  option(app, "--fail-on", command.fail_on, "Least severity that makes the exit code 1")
      ->check(CLI::IsMember({"error", "warning", "info", "never"}))
      ->capture_default_str();
  flag(app, "--allow-incomplete", command.allow_incomplete, "Exit 0 although something could not be examined");
  flag(app, "--offline", command.target.offline, "Contact nothing outside the deployment's own hosts");
  flag(app, "--deep", command.target.deep, "Also ask outside hosts with the deployment's own keys");
  flag(app, "--no-progress", command.no_progress, "Show no progress on a terminal");
  duration(app, "--timeout", command.timeout, "Limit for the whole run (default 30s)");
  duration(app, "--check-timeout", command.check_timeout, "Limit for one check (default 10s)");
}

/// The commands, in the order of --help.
struct Commands {
  CheckCommand check;
  ConfigCommand config;
  ExplainCommand explain;
  ListCommand list;
};

void add_commands(CLI::App& app, Commands& commands) {
  auto* check = app.add_subcommand("check", "Examine a deployment: root causes, evidence and fixes that work");
  add_check(*check, commands.check);
  auto* config = app.add_subcommand("config", "Show every setting, where it comes from and whether it arrives");
  add_target(*config, commands.config.target);
  add_output(*config, commands.config.output, {"human", "json"});
  auto* explain = app.add_subcommand("explain", "Show the guide entry of a code");
  explain->add_option("CODE", commands.explain.code, "Code of a finding, such as database-auth-failed")->required();
  add_output(*explain, commands.explain.output, {"human"});
  auto* list = app.add_subcommand("list", "List checks, systems or guide entries");
  list->add_option("WHAT", commands.list.what, "checks, systems or entries")
      ->required()
      ->check(CLI::IsMember({"checks", "systems", "entries"}));
  add_output(*list, commands.list.output, {"human", "json", "markdown"});
  app.add_subcommand("version", "Show the version");
}

std::optional<Command> chosen(const CLI::App& app, const Commands& commands) {
  if (app.got_subcommand("check")) return commands.check;
  if (app.got_subcommand("config")) return commands.config;
  if (app.got_subcommand("explain")) return commands.explain;
  if (app.got_subcommand("list")) return commands.list;
  if (app.got_subcommand("version")) return VersionCommand{};
  return std::nullopt;
}

/// The format is judged for the chosen command only: DOCTOR_FORMAT reaches all of them, and each knows others.
std::string format_problem(const OutputOptions& output) {
  const auto& known = output.formats;
  if (std::find(known.begin(), known.end(), output.format) != known.end()) return {};
  return "the format '" + util::shown(output.format, 40) + "' is not one of " + util::join(known, ", ");
}

struct OutputProblem {
  template <class Command>
  std::string operator()(const Command& command) const {
    return format_problem(command.output);
  }
  std::string operator()(const VersionCommand&) const { return {}; }
};

/// Every name that could have been meant where `word` was written.
std::string suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  const auto* current = app.get_subcommands().empty() ? &app : app.get_subcommands().front();
  if (word.starts_with('-')) {
    for (const auto* candidate : current->get_options())
      for (const auto& name : candidate->get_lnames()) names.push_back("--" + name);
  } else {
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(command->get_name());
  }
  const auto nearest = util::nearest(word.substr(0, word.find('=')), names);
  return nearest.empty() ? std::string{} : " Did you mean " + nearest + "?";
}

int refuse(const CLI::App& app, const CLI::ParseError& error, std::ostream& err) {
  err << "doctor: " << util::shown(error.what(), 400) << '.';
  const auto rest = app.remaining(true);
  if (!rest.empty()) err << suggestion(app, rest.front());
  err << "\nRun 'doctor --help' for the commands, 'doctor check --help' for the options of one.\n";
  return 2;
}

}  // namespace

Parsed parse(int argc, char** argv, std::ostream& out, std::ostream& err) {
  CLI::App app{"doctor tells why a self-hosted application is broken, and what will fix it.", "doctor"};
  app.footer(std::string{footer});
  app.set_version_flag("--version", std::string{"doctor "} + std::string{version});
  app.require_subcommand(0, 1);
  Commands commands;
  add_commands(app, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto used = app.get_subcommands();
    out << (used.empty() ? app.help() : used.front()->help());
    return {std::nullopt, 0};
  } catch (const CLI::CallForVersion& call) {
    out << call.what() << '\n';
    return {std::nullopt, 0};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, refuse(app, error, err)};
  }
  auto command = chosen(app, commands);
  if (!command) {
    err << app.help();
    return {std::nullopt, 2};
  }
  const auto problem = std::visit(OutputProblem{}, *command);
  if (problem.empty()) return {std::move(command), 0};
  err << "doctor: " << problem << ".\n";
  return {std::nullopt, 2};
}

}  // namespace doctor::cli
