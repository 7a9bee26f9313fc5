#pragma once

#include <optional>
#include <string>

namespace doctor::cli {

/// Writes `text` to `path` as a util::WholeFile: the old file or the complete new one is there, whatever happens.
/// Returns what went wrong, or nothing.
std::optional<std::string> write_file(const std::string& path, const std::string& text);

/// The same for a file that must not be there yet, mode 0644.
std::optional<std::string> write_new_file(const std::string& path, const std::string& text);

}  // namespace doctor::cli
