#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string_view>

#include "cli/output.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// As the C library chooses the character set, without setlocale: libpq's messages must stay in the C locale.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = util::lower(variable(name));
    if (!value.empty()) return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

bool wants_colour(const OutputOptions& options) {
  if (options.colour != "auto") return options.colour == "always";
  return options.output.empty() && variable("NO_COLOR").empty() && variable("TERM") != "dumb" &&
         isatty(STDOUT_FILENO) != 0;
}

/// As wide as the terminal, but not so wide that lines are hard to read; 80 for a file. COLUMNS says otherwise.
int columns(const OutputOptions& options) {
  constexpr int usual = 80;
  constexpr int narrowest = 40;
  constexpr int widest = 120;
  int width = 0;
  const auto said = variable("COLUMNS");
  std::from_chars(said.data(), said.data() + said.size(), width);
  winsize size{};
  if (width <= 0 && options.output.empty() && isatty(STDOUT_FILENO) != 0 &&
      ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    width = size.ws_col;
  return width <= 0 ? usual : std::clamp(width, narrowest, widest);
}

}  // namespace

std::string checkout_root() {
  for (const char* name : {"GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"})
    if (const auto value = variable(name); value.starts_with('/')) return std::string{value};
  std::error_code unknown;
  return std::filesystem::current_path(unknown).string();
}

render::Style style_for(const OutputOptions& options) {
  render::Style style;
  style.width = columns(options);
  style.root = checkout_root();
  style.colour = wants_colour(options);
  style.utf8 = locale_is_utf8();
  style.verbose = options.verbose > 0;
  style.quiet = options.quiet;
  return style;
}

bool shows_progress(bool refused) {
  return !refused && variable("CI").empty() && variable("TERM") != "dumb" && isatty(STDERR_FILENO) != 0;
}

int deliver(const std::string& text, const OutputOptions& options, Streams streams, int code) {
  if (!options.output.empty()) {
    const auto problem = write_file(options.output, text);
    if (!problem) return code;
    streams.err << "doctor: " << *problem << '\n';
    return 2;
  }
  streams.out << text << std::flush;
  if (streams.out) return code;
  streams.err << "doctor: the result could not be written to standard output\n";
  return 2;
}

}  // namespace doctor::cli
