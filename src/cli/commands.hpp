#pragma once

#include "cli/options.hpp"
#include "cli/run.hpp"

namespace doctor::cli {

/// Each runs one command and returns the exit code.
int check(const CheckCommand& command, Streams streams);
int config(const ConfigCommand& command, Streams streams);
int explain(const ExplainCommand& command, Streams streams);
int list(const ListCommand& command, Streams streams);

}  // namespace doctor::cli
