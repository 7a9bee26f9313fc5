#pragma once

#include <string>
#include <vector>

#include "docs/pages.hpp"

/// What a page tells its reader to type.
namespace doctor::test {

struct Shown {
  std::string text;  ///< one line of shell, without a comment behind it
  std::string page;
  int line = 0;  ///< of the block
};

/// Everything in the page's blocks that is a command of doctor or ./dev, in order:
/// - every line of a block `sh`
/// - in other blocks lines after "$ ", and lines that begin with `doctor COMMAND` or `./dev`
/// - the steps of GitHub and GitLab (YAML), of Jenkins (`sh '...'`), commands of Nagios and of units of systemd
/// - in what is shown as output, `doctor COMMAND ...` up to the end of its line or string
std::vector<Shown> commands_of(const Page& page);

/// Of a guide, whose other commands repair a broken deployment: the lines of its blocks that begin with `doctor`.
std::vector<Shown> doctors_commands_of(const Page& page);

/// Words of a command line: blanks separate, quotes hold together. Nothing is expanded.
std::vector<std::string> words_of(const std::string& line);

}  // namespace doctor::test
