#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/render.hpp"

namespace doctor::render {

/// A way to write a finished report.
struct Format {
  std::string_view name;  ///< as --format and --report say it
  void (*write)(const diagnosis::Report& report, const Style& style, std::ostream& out);
  std::string_view what;  ///< for whom, a few words
};

/// All of them, those for people first.
const std::vector<Format>& formats();

std::vector<std::string> format_names();

/// The exit code of a run whose result was written in that format: the report's own (contract), the same for all of
/// them. Only `nagios` ends as a plugin does: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
int exit_code(std::string_view format, const diagnosis::Report& report, const std::string& fail_on,
              bool allow_incomplete);

/// The format of that name, or none.
const Format* find_format(std::string_view name);

}  // namespace doctor::render
