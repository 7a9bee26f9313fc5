#pragma once

#include <optional>
#include <string>

#include "guides/entry.hpp"
#include "guides/markdown.hpp"

namespace doctor::guides {

/// The step that a block of a Fix section is. Its info string says what: `sh risk=safe where=host` a command,
/// `env file={env_file}` an edit, `text` (or no fence) prose. Adds a problem when it says nothing, or something
/// unknown.
Step read_step(const Block& block, const std::string& file, Problems& problems);

}  // namespace doctor::guides
