#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_help.hpp"
#include "cli/option_groups.hpp"
#include "cli/option_kinds.hpp"
#include "cli/options.hpp"

/// Groups of options that commands share. Only options*.cpp include this.
namespace doctor::cli {

/// What is examined: DIR and how to read it.
void add_target(CLI::App& app, TargetOptions& target);

/// How the result is shown, and where; `formats` are those that the command knows.
void add_output(CLI::App& app, OutputOptions& output, std::vector<std::string> formats);

/// For results that may be long and are read by people.
void add_pager(CLI::App& app, OutputOptions& output);

/// Pages of the user's own beside those that are built in.
void add_guides(CLI::App& app, std::vector<std::string>& guides);

/// What the description of --format begins with; the formats follow.
inline constexpr std::string_view format_description = "Output format: ";

/// What an option is told to take.
OptionHelp help_of(const CLI::Option& option);

/// What one command is told to take.
CommandHelp help_of_command(const CLI::App& command);

/// What the commands of `app` are told to take.
std::vector<CommandHelp> help_of(const CLI::App& app);

/// All of `doctor init`.
void add_init(CLI::App& app, InitCommand& command);

/// All of `doctor schema`.
void add_schema(CLI::App& app, SchemaCommand& command);

/// All of `doctor check`.
void add_check(CLI::App& app, CheckCommand& command);

/// All of `doctor bundle`.
void add_bundle(CLI::App& app, BundleCommand& command);

/// All of `doctor plan`.
void add_plan(CLI::App& app, PlanCommand& command);

/// All of `doctor diff`.
void add_diff(CLI::App& app, DiffCommand& command);

/// `doctor analyze`: what of `doctor check` makes sense for a bundle.
void add_analyze(CLI::App& app, CheckCommand& command);

}  // namespace doctor::cli
