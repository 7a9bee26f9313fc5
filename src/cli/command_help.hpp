#pragma once

#include <string>
#include <vector>

/// The command line as data: what --help, completion and the manual page tell is told from one place.
namespace doctor::cli {

struct OptionHelp {
  std::vector<std::string> names;    ///< "-o", "--output"; of a positional argument its name, "DIR"
  std::string value;                 ///< what it takes, "DURATION"; empty: nothing, it is a switch
  std::string description;           ///< one sentence without a full stop
  std::string fallback;              ///< its default; may be empty
  std::string environment;           ///< "DOCTOR_OUTPUT"; may be empty
  std::vector<std::string> choices;  ///< the words that it takes; empty: others
  std::string group{};               ///< heading of --help that it stands below
  bool repeatable = false;
  bool positional = false;
  bool is_required = false;
};

struct CommandHelp {
  std::string name;
  std::string summary;  ///< one sentence without a full stop
  std::vector<OptionHelp> options;
};

/// All commands that --help shows, in its order.
std::vector<CommandHelp> command_help();

}  // namespace doctor::cli
