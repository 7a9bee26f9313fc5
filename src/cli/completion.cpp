#include "cli/completion.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace doctor::cli {
namespace {

// Each script hands over the words and shows what comes back: lines of WORD TAB DESCRIPTION, and at the end a line
// ":file", ":directory" or ":" that says whether paths are meant, too.

constexpr std::string_view bash_script = R"(# doctor: completion for bash. source <(doctor completion bash)
_doctor() {
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}") line kind=
  local current=${COMP_WORDS[COMP_CWORD]}
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cword all
    _get_comp_words_by_ref -n =: -c current -w all -i cword
    words=("${all[@]:1:cword}")
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) kind=${line#:} ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null)
  case $kind in
    file) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current") ;;
    directory) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current") ;;
  esac
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace
  declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
  return 0
}
complete -F _doctor doctor
)";

constexpr std::string_view zsh_script = R"(#compdef doctor
# doctor: completion for zsh. Put it as _doctor into a directory of $fpath, or: source <(doctor completion zsh)
_doctor() {
  local line kind=
  local -a found
  while IFS= read -r line; do
    case $line in
      :*) kind=${line#:} ;;
      *$'\t'*) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
      *) found+=("${line//:/\\:}") ;;
    esac
  done < <("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#found} )) && _describe doctor found
  case $kind in
    file) _files ;;
    directory) _files -/ ;;
  esac
}
if [[ ${funcstack[1]} == _doctor ]]; then _doctor "$@"; else compdef _doctor doctor; fi
)";

constexpr std::string_view fish_script = R"(# doctor: completion for fish. doctor completion fish | source
function __doctor_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':file'
                __fish_complete_path (commandline -ct)
            case ':directory'
                __fish_complete_directories (commandline -ct)
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c doctor -f -a '(__doctor_complete)'
)";

enum class Words { none, checks, codes, systems, settings, services, file, directory };

/// What the value of an option is made of, when it is no fixed choice.
Words words_for(const std::string& option) {
  static constexpr std::array<std::pair<std::string_view, Words>, 20> known{
      {{"--only", Words::checks},    {"--skip", Words::checks},       {"--ignore", Words::codes},
       {"--system", Words::systems}, {"--set", Words::settings},      {"--url", Words::services},
       {"--env-file", Words::file},  {"--compose-file", Words::file}, {"--proxy-config", Words::file},
       {"--output", Words::file},    {"--from", Words::file},         {"--bundle", Words::file},
       {"--baseline", Words::file},  {"--guides", Words::directory},  {"--plugins", Words::directory},
       {"DIR", Words::directory},    {"CODE", Words::codes},          {"BUNDLE", Words::file},
       {"BEFORE", Words::file},      {"AFTER", Words::file}}};
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == option; });
  return found == known.end() ? Words::none : found->second;
}

bool is_named(const OptionHelp& option, const std::string& name) {
  return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
}

const OptionHelp* option_of(const CommandHelp& command, const std::string& name) {
  const auto found = std::find_if(command.options.begin(), command.options.end(), [&](const OptionHelp& option) {
    return !option.positional && is_named(option, name);
  });
  return found == command.options.end() ? nullptr : &*found;
}

/// The words before the cursor, understood as far as completion needs them.
struct Line {
  const OptionHelp* pending = nullptr;  ///< its value is being typed
  std::vector<std::string> positionals;
  std::vector<const OptionHelp*> used;
};

Line read_line(const CommandHelp& command, const std::vector<std::string>& before) {
  Line line;
  bool only_positionals = false;
  for (const auto& word : before) {
    if (line.pending != nullptr) {
      line.pending = nullptr;
    } else if (!only_positionals && word == "--") {
      only_positionals = true;
    } else if (!only_positionals && word.starts_with('-')) {
      const auto equals = word.find('=');
      const auto* option = option_of(command, word.substr(0, equals));
      if (option == nullptr) continue;
      line.used.push_back(option);
      if (!option->value.empty() && equals == std::string::npos) line.pending = option;
    } else {
      line.positionals.push_back(word);
    }
  }
  return line;
}

class Completer {
 public:
  Completer(const Vocabulary& vocabulary, const CommandHelp& command, const Line& line)
      : vocabulary_{vocabulary}, command_{command}, line_{line} {}

  Completion at(const std::string& current) const {
    if (line_.pending != nullptr) return values(*line_.pending, "", current);
    if (current.starts_with('-')) return options(current);
    return positional(current);
  }

 private:
  Completion options(const std::string& current) const {
    if (const auto equals = current.find('='); equals != std::string::npos) {
      const auto* option = option_of(command_, current.substr(0, equals));
      if (option == nullptr || option->value.empty()) return {};
      return values(*option, current.substr(0, equals + 1), current.substr(equals + 1));
    }
    Completion completion;
    for (const auto& option : command_.options) {
      const bool used = std::find(line_.used.begin(), line_.used.end(), &option) != line_.used.end();
      if (option.positional || (used && !option.repeatable)) continue;
      for (const auto& name : option.names)
        if (name.starts_with(current)) completion.candidates.push_back({name, option.description});
    }
    return completion;
  }

  Completion positional(const std::string& current) const {
    std::size_t index = 0;
    for (const auto& option : command_.options) {
      if (!option.positional) continue;
      if (index++ == line_.positionals.size()) return values(option, "", current);
    }
    return {};
  }

  std::string directory() const {
    for (const auto& option : command_.options)
      if (option.positional)
        return is_named(option, "DIR") && !line_.positionals.empty() ? line_.positionals.front() : ".";
    return ".";
  }

  /// Of a list "a,b,c" the last part is completed.
  Completion values(const OptionHelp& option, std::string prefix, std::string current) const {
    if (const auto comma = current.rfind(','); option.repeatable && comma != std::string::npos) {
      prefix += current.substr(0, comma + 1);
      current.erase(0, comma + 1);
    }
    Completion completion;
    for (auto& candidate : words(option, current, completion.files))
      if (candidate.word.starts_with(current))
        completion.candidates.push_back({prefix + candidate.word, std::move(candidate.description)});
    return completion;
  }

  std::vector<Candidate> words(const OptionHelp& option, const std::string& current, std::string& files) const {
    std::vector<Candidate> found;
    for (const auto& choice : option.choices) found.push_back({choice, ""});
    if (!found.empty()) return found;
    switch (words_for(option.names.back())) {
      case Words::checks:
        return vocabulary_.checks();
      case Words::codes:
        return vocabulary_.codes();
      case Words::systems:
        return vocabulary_.systems();
      case Words::services:
        return vocabulary_.services(directory());
      case Words::settings:
        return current.find('=') == std::string::npos ? vocabulary_.settings(directory()) : found;
      case Words::file:
        files = "file";
        return found;
      case Words::directory:
        files = "directory";
        return found;
      case Words::none:
        return found;
    }
    return found;
  }

  const Vocabulary& vocabulary_;
  const CommandHelp& command_;
  const Line& line_;
};

Completion commands_at(const std::vector<CommandHelp>& commands, const std::string& current) {
  Completion completion;
  for (const auto& command : commands)
    if (command.name.starts_with(current)) completion.candidates.push_back({command.name, command.summary});
  for (const auto* option : {"--help", "--version"})
    if (!current.empty() && std::string{option}.starts_with(current)) completion.candidates.push_back({option, ""});
  return completion;
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return std::string{bash_script};
  if (shell == "zsh") return std::string{zsh_script};
  if (shell == "fish") return std::string{fish_script};
  return std::nullopt;
}

Completion complete(const std::vector<CommandHelp>& commands, const Vocabulary& vocabulary,
                    const std::vector<std::string>& words) {
  if (words.size() <= 1) return commands_at(commands, words.empty() ? std::string{} : words.front());
  const auto command = std::find_if(commands.begin(), commands.end(),
                                    [&](const CommandHelp& known) { return known.name == words.front(); });
  if (command == commands.end()) return {};
  const auto line = read_line(*command, {words.begin() + 1, words.end() - 1});
  return Completer{vocabulary, *command, line}.at(words.back());
}

}  // namespace doctor::cli
