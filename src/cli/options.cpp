#include "cli/options.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "cli/help.hpp"
#include "cli/options_layers.hpp"
#include "cli/options_parts.hpp"
#include "cli/terminal.hpp"
#include "cli/version.hpp"
#include "render/formats.hpp"
#include "util/text.hpp"

// CLI11 is seen by options*.cpp and option_kinds.cpp only.
namespace doctor::cli {
namespace {

constexpr std::string_view footer =
    "Exit codes of check: 0 no finding at or above --fail-on, 1 there is one, 2 wrong usage,\n"
    "3 nothing failed but something could not be examined, 130/143 interrupted.\n"
    "Of bundle: 0 it was written, 2 it could not be, 4 a secret would have been in it, 130/143 interrupted.\n"
    "Every option can be given as an environment variable: --fail-on is DOCTOR_FAIL_ON.";

/// The commands, in the order of --help.
struct Commands {
  CheckCommand check;
  BundleCommand bundle;
  CheckCommand analyze;
  ConfigCommand config;
  ExplainCommand explain;
  ListCommand list;
  PlanCommand plan;
  DiffCommand diff;
  InitCommand init;
  SchemaCommand schema;
  CompletionCommand completion;
};

void add_commands(CLI::App& app, Commands& commands) {
  auto* check = app.add_subcommand("check", "Examine a deployment: root causes, evidence and fixes that work");
  add_check(*check, commands.check);
  add_bundle(*app.add_subcommand("bundle", "Examine a deployment and write what support needs to one file, redacted"),
             commands.bundle);
  add_analyze(*app.add_subcommand("analyze", "Examine a bundle as check examined the deployment; nothing is contacted"),
              commands.analyze);
  auto* config = app.add_subcommand("config", "Show every setting, where it comes from and whether it arrives");
  add_target(*config, commands.config.target);
  add_guides(*config, commands.config.target.guides);
  add_output(*config, commands.config.output, {"human", "json"});
  add_pager(*config, commands.config.output);
  config->add_flag("--options", commands.config.options, "Show doctor's own options instead, and where each is from");
  add_plan(*app.add_subcommand("plan", "Show what check would read, connect to and ask, without doing it"),
           commands.plan);
  add_diff(*app.add_subcommand("diff", "Compare two bundles or reports: what is new, what is gone, what changed"),
           commands.diff);
  auto* explain = app.add_subcommand("explain", "Show the guide entry of a code");
  explain->add_option("CODE", commands.explain.code, "Code of a finding, such as database-auth-failed")->required();
  add_guides(*explain, commands.explain.guides);
  add_output(*explain, commands.explain.output, {"human"});
  add_pager(*explain, commands.explain.output);
  auto* list = app.add_subcommand("list", "List checks, systems or guide entries");
  list->add_option("WHAT", commands.list.what, "checks, systems or entries")
      ->required()
      ->check(CLI::IsMember({"checks", "systems", "entries"}));
  add_guides(*list, commands.list.guides);
  add_output(*list, commands.list.output, {"human", "json", "markdown"});
  add_init(*app.add_subcommand("init", "Write a doctor.yaml that describes an application of your own"), commands.init);
  add_schema(*app.add_subcommand("schema", "Print the JSON Schema of what doctor writes, or list the schemas"),
             commands.schema);
  auto* completion = app.add_subcommand("completion", "Print the script that completes doctor's words in a shell");
  completion->add_option("SHELL", commands.completion.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.add_subcommand("version", "Show the version");
  for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) arrange(*command);
}

std::optional<Command> chosen(const CLI::App& app, const Commands& commands) {
  if (app.got_subcommand("check")) return commands.check;
  if (app.got_subcommand("bundle")) return commands.bundle;
  if (app.got_subcommand("analyze")) return commands.analyze;
  if (app.got_subcommand("config")) return commands.config;
  if (app.got_subcommand("plan")) return commands.plan;
  if (app.got_subcommand("diff")) return commands.diff;
  if (app.got_subcommand("explain")) return commands.explain;
  if (app.got_subcommand("list")) return commands.list;
  if (app.got_subcommand("init")) return commands.init;
  if (app.got_subcommand("schema")) return commands.schema;
  if (app.got_subcommand("completion")) return commands.completion;
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
  std::string operator()(const CompletionCommand&) const { return {}; }
  std::string operator()(const InitCommand&) const { return {}; }
  std::string operator()(const SchemaCommand&) const { return {}; }
  std::string operator()(const VersionCommand&) const { return {}; }
};

/// `-o -` is standard output, by an old custom.
struct DashIsStandardOutput {
  template <class Command>
  void operator()(Command& command) const {
    if constexpr (requires { command.output.output; })
      if (command.output.output == "-") command.output.output.clear();
  }
};

/// No file is ever meant by a dash.
struct DashProblem {
  std::string operator()(const CheckCommand& command) const { return of(command.bundle_file); }
  std::string operator()(const BundleCommand& command) const { return of(command.bundle.file); }
  template <class Command>
  std::string operator()(const Command&) const {
    return {};
  }
  static std::string of(const std::string& file) {
    return file == "-" ? "a bundle is written to a file: '-' is none" : std::string{};
  }
};

bool is_format(const std::string& name) {
  const auto names = render::format_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Commands that examine a deployment know which doctor.yaml is its own.
struct ProjectFile {
  const std::string& path;
  template <class Command>
  void operator()(Command& command) const {
    if constexpr (requires { command.target.project_file; }) command.target.project_file = path;
  }
};

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool has_option(const CLI::App& command, const std::string& name) {
  return command.get_option_no_throw(name) != nullptr;
}

/// "--wait is an option of check", where the chosen command has none of that name and others do.
std::string other_commands_option(const CLI::App& app, const std::string& name) {
  std::vector<std::string> others;
  for (const auto* command : commands_of(app))
    if (!command->get_group().empty() && has_option(*command, name)) others.push_back(command->get_name());
  return others.empty() ? std::string{} : " It is an option of " + util::join(others, ", ") + ".";
}

/// What could have been meant where `word` was written.
std::string suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  const auto* current = app.get_subcommands().empty() ? &app : app.get_subcommands().front();
  const auto name = word.substr(0, word.find('='));
  if (word.starts_with("--")) {
    if (auto other = other_commands_option(app, name); !other.empty()) return other;
    const auto format = name.substr(2);  // --junit, as other programs have it
    const auto* option = current->get_option_no_throw("--format");
    if (option != nullptr && is_format(format)) return " Did you mean --format " + format + "?";
  }
  if (word.starts_with('-')) {
    for (const auto* candidate : current->get_options())
      for (const auto& known : candidate->get_lnames()) names.push_back("--" + known);
  } else if (current == &app) {
    for (const auto* command : commands_of(app)) names.push_back(command->get_name());
  }
  const auto nearest = util::nearest(name, names);
  return nearest.empty() ? std::string{} : " Did you mean " + nearest + "?";
}

/// What is wrong with the first word that has no place.
std::string unexpected(const CLI::App& app, const std::string& word) {
  const auto named = "'" + util::shown(word, 200) + "'";
  const auto used = app.get_subcommands();
  const auto of = used.empty() ? std::string{"doctor"} : "doctor " + used.front()->get_name();
  if (word.starts_with('-')) return of + " has no option " + named + "." + suggestion(app, word);
  if (used.empty()) return "there is no command " + named + "." + suggestion(app, word);
  return of + " takes nothing more, but there is " + named + ".";
}

int refuse(const CLI::App& app, const CLI::ParseError& error, std::ostream& err) {
  const auto rest = app.remaining(true);
  const auto used = app.get_subcommands();
  err << "doctor: " << (rest.empty() ? util::shown(error.what(), 400) + '.' : unexpected(app, rest.front()));
  if (used.empty())
    err << "\nRun 'doctor --help' for the commands, 'doctor check --help' for the options of one.\n";
  else
    err << "\nRun 'doctor " << used.front()->get_name() << " --help' for what it takes.\n";
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
    out << (used.empty() ? app.help() : help_text(help_of_command(*used.front()), terminal_columns()));
    return {std::nullopt, 0};
  } catch (const CLI::CallForVersion& call) {
    out << call.what() << '\n';
    return {std::nullopt, 0};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, refuse(app, error, err)};
  }
  if (app.get_subcommands().empty()) {
    err << app.help();
    return {std::nullopt, 2};
  }
  std::string project_file;
  try {
    auto settled = settle(app);
    project_file = std::move(settled.project);
    commands.config.values = std::move(settled.values);
  } catch (const BadInput& bad) {
    err << "doctor: " << bad.message << '\n';
    return {std::nullopt, 2};
  }
  auto command = chosen(app, commands);
  if (!command) throw std::logic_error{"a command is not known to chosen()"};
  std::visit(ProjectFile{project_file}, *command);
  std::visit(DashIsStandardOutput{}, *command);
  auto problem = std::visit(OutputProblem{}, *command);
  if (problem.empty()) problem = std::visit(DashProblem{}, *command);
  if (problem.empty()) return {std::move(command), 0};
  err << "doctor: " << problem << ".\n";
  return {std::nullopt, 2};
}

std::vector<CommandHelp> command_help() {
  CLI::App app;
  Commands commands;
  add_commands(app, commands);
  return help_of(app);
}

}  // namespace doctor::cli
