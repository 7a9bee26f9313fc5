#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_help.hpp"

namespace doctor::cli {

/// The script that a shell ("bash", "zsh", "fish") sources. It asks `doctor __complete` for every word, so that it
/// never has to be renewed. Nothing: there is no such shell.
std::optional<std::string> completion_script(std::string_view shell);

/// One word that could stand at the cursor.
struct Candidate {
  std::string word;
  std::string description;  ///< may be empty
};

/// What completion needs to know beyond the command line itself. Each is asked only when its words are wanted.
struct Vocabulary {
  std::function<std::vector<Candidate>()> checks;
  std::function<std::vector<Candidate>()> codes;
  std::function<std::vector<Candidate>()> systems;
  std::function<std::vector<Candidate>(const std::string& directory)> settings;  ///< "SERVICE.NAME"
  std::function<std::vector<Candidate>(const std::string& directory)> services;
};

struct Completion {
  std::vector<Candidate> candidates;
  std::string files;  ///< "file" or "directory": the shell's own completion of paths is meant; else empty
};

/// `words` are those after "doctor" up to the one at the cursor, which may be empty.
Completion complete(const std::vector<CommandHelp>& commands, const Vocabulary& vocabulary,
                    const std::vector<std::string>& words);

}  // namespace doctor::cli
