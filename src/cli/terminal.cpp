#include "cli/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <ostream>
#include <string_view>

#include "cli/output.hpp"
#include "util/text.hpp"

namespace doctor::cli {

std::string_view own_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

namespace {

/// As the C library chooses the character set, without setlocale: libpq's messages must stay in the C locale.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = util::lower(own_variable(name));
    if (!value.empty()) return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

bool wants_colour(const OutputOptions& options) {
  if (options.colour != "auto") return options.colour == "always";
  return options.output.empty() && own_variable("NO_COLOR").empty() && own_variable("TERM") != "dumb" &&
         isatty(STDOUT_FILENO) != 0;
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// Terminals say nowhere that they know links. Those that do are told by what they set; FORCE_HYPERLINK overrules.
bool terminal_knows_links() {
  constexpr int first_vte = 5000;
  if (const auto forced = own_variable("FORCE_HYPERLINK"); !forced.empty()) return forced != "0";
  if (!own_variable("CI").empty() || own_variable("TERM") == "dumb") return false;
  int vte = 0;
  const auto version = own_variable("VTE_VERSION");
  std::from_chars(version.data(), version.data() + version.size(), vte);
  return vte >= first_vte || !own_variable("WT_SESSION").empty() || !own_variable("KONSOLE_VERSION").empty() ||
         is_one_of(own_variable("TERM"), {"xterm-kitty", "xterm-ghostty", "alacritty", "foot"}) ||
         is_one_of(own_variable("TERM_PROGRAM"), {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"});
}

/// This machine's name, where names of files may be links: on a terminal, in a report with colour.
std::string link_host(const OutputOptions& options, bool colour) {
  if (!colour || !options.output.empty() || isatty(STDOUT_FILENO) == 0 || !terminal_knows_links()) return {};
  utsname machine{};
  return uname(&machine) == 0 ? machine.nodename : "localhost";
}

/// As wide as the terminal, but not so wide that lines are hard to read; 80 for a file. COLUMNS says otherwise.
int columns(const OutputOptions& options) {
  constexpr int usual = 80;
  constexpr int narrowest = 40;
  constexpr int widest = 120;
  int width = 0;
  const auto said = own_variable("COLUMNS");
  std::from_chars(said.data(), said.data() + said.size(), width);
  winsize size{};
  if (width <= 0 && options.output.empty() && isatty(STDOUT_FILENO) != 0 &&
      ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    width = size.ws_col;
  return width <= 0 ? usual : std::clamp(width, narrowest, widest);
}

/// `doctor check | head`: whoever stopped reading needs no message about it.
bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

std::size_t terminal_columns() {
  return static_cast<std::size_t>(columns({}));
}

std::string checkout_root() {
  for (const char* name : {"GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"})
    if (const auto value = own_variable(name); value.starts_with('/')) return std::string{value};
  std::error_code unknown;
  return std::filesystem::current_path(unknown).string();
}

render::Style style_for(const OutputOptions& options) {
  render::Style style;
  style.width = columns(options);
  style.root = checkout_root();
  style.colour = wants_colour(options);
  style.link_host = link_host(options, style.colour);
  style.utf8 = locale_is_utf8();
  style.verbose = options.verbose > 0;
  style.quiet = options.quiet;
  return style;
}

bool shows_progress(bool refused) {
  return !refused && own_variable("CI").empty() && own_variable("TERM") != "dumb" && isatty(STDERR_FILENO) != 0;
}

std::size_t progress_columns() {
  constexpr std::size_t least = 20;
  constexpr std::size_t usual = 80;
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? std::max<std::size_t>(size.ws_col, least) : usual;
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
  if (reader_is_gone()) return 2;
  streams.err << "doctor: the result could not be written to standard output\n";
  return 2;
}

}  // namespace doctor::cli
