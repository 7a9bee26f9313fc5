#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"

/// What the readers of proxy configuration share.
namespace doctor::formats {

inline constexpr std::size_t most_config_bytes = 4 * 1024 * 1024;  ///< a file
inline constexpr std::size_t most_config_files = 500;
inline constexpr std::size_t most_config_depth = 50;  ///< of includes

/// How a reader gets at files. Paths are absolute and those that the proxy itself uses.
struct ConfigFiles {
  std::function<Outcome<std::string>(const std::string& path)> read;
  /// The names of the regular files directly in a directory, sorted. A directory that is missing is empty.
  std::function<Outcome<std::vector<std::string>>(const std::string& directory)> list;
};

/// Something about a configuration, at the place where it stands. Safe to print: input is cut and escaped.
struct ConfigProblem {
  Place place;  ///< the file as the proxy itself names it
  std::string reason;
};

}  // namespace doctor::formats
