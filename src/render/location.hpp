#pragma once

#include <string>

#include "diagnosis/report.hpp"
#include "render/render.hpp"

namespace doctor::render {

/// Where in a file a problem stands.
struct Location {
  std::string file;   ///< relative to root_of where it lies below it, else absolute
  int line = 0;       ///< 1-based; 0: the file as a whole
  bool below = true;  ///< the file lies below the root
};

/// What paths are relative to: the style's root when the deployment lies below it, else the deployment's directory.
std::string root_of(const diagnosis::Report& report, const Style& style);

/// The line that the evidence names (".env:3"), else the file that it or the subject names, else the first file that
/// was read: every format with places wants one.
Location location_of(const diagnosis::Report& report, const diagnosis::Problem& problem, const Style& style);

/// Bytes of a path as they stand in a URI (RFC 3986).
std::string uri_path(const std::string& path);

}  // namespace doctor::render
