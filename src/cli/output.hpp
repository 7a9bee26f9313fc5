#pragma once

#include <optional>
#include <string>

namespace doctor::cli {

/// Writes `text` to `path`: to a new file beside it (0600), then renamed over it, so that the old file or the complete
/// new one is there, whatever happens. Anything at `path` but a regular file is refused. Returns what went wrong, or
/// nothing.
std::optional<std::string> write_file(const std::string& path, const std::string& text);

}  // namespace doctor::cli
