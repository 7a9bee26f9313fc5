#pragma once

#include "cli/options.hpp"
#include "cli/run.hpp"

namespace doctor::cli {

/// Each runs one command and returns the exit code.
int check(const CheckCommand& command, Streams streams);
int bundle(const BundleCommand& command, Streams streams);
/// The same on the recorded answers of the bundle `command.from`: nothing is contacted.
int analyze(const CheckCommand& command, Streams streams);
int config(const ConfigCommand& command, Streams streams);
int explain(const ExplainCommand& command, Streams streams);
int list(const ListCommand& command, Streams streams);
int diff(const DiffCommand& command, Streams streams);
int plan(const PlanCommand& command, Streams streams);
int schema(const SchemaCommand& command, Streams streams);
int completion(const CompletionCommand& command, Streams streams);
int init(const InitCommand& command, Streams streams);

/// What a shell's completion script asks for: the words that could stand at the end of `words`, a line each.
int complete_words(const std::vector<std::string>& words, Streams streams);

}  // namespace doctor::cli
