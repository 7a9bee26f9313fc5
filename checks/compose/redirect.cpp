#include "checks/compose/redirect.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace doctor::checks::compose_redirect {
namespace {

using namespace std::string_view_literals;
using Words = std::vector<std::string>;

bool is_shell(std::string_view word) {
  constexpr std::array shells{"sh"sv, "bash"sv, "ash"sv, "dash"sv, "zsh"sv};
  const auto name = word.substr(word.rfind('/') + 1);
  return std::find(shells.begin(), shells.end(), name) != shells.end();
}

/// What a shell among the words is given to run: all behind the option -c, which may be one of several (-ec).
std::string script_of(const Words& words) {
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    const auto& option = words[i + 1];
    if (!is_shell(words[i]) || !option.starts_with('-') || !option.ends_with('c')) continue;
    std::string script;
    for (std::size_t k = i + 2; k < words.size(); ++k) script += (script.empty() ? "" : " ") + words[k];
    const bool quoted = script.size() > 1 && (script.front() == '"' || script.front() == '\'');
    return quoted && script.back() == script.front() ? script.substr(1, script.size() - 2) : script;
  }
  return {};
}

/// A simple command: its words, and where its standard output goes.
struct Command {
  Words words;
  std::string redirect;  ///< "" to where that of the shell goes

  bool empty() const { return words.empty() && redirect.empty(); }
};

/// Divides a script into commands, as far as quotes, separators and redirections tell.
class Script {
 public:
  explicit Script(std::string_view text) : text_{text} {}

  std::vector<Command> commands() {
    while (at_ < text_.size()) step();
    end_command();
    return std::move(commands_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '>' || (c == '&' && next() == '>')) return redirect();
    ++at_;
    if (c == '\'' || c == '"') return quoted(c);
    if (c == ' ' || c == '\t') return end_word();
    if (c == ';' || c == '\n' || c == '|' || c == '&') return end_command();
    word_ += c;
  }

  char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  void quoted(char quote) {
    const auto end = std::min(text_.find(quote, at_), text_.size());
    word_ += text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    any_ = true;
  }

  /// [N]>[>|&] WORD, and &> WORD for both outputs.
  void redirect() {
    const bool both = text_[at_] == '&';
    if (both) ++at_;
    const auto descriptor = word_;
    const bool numbered = descriptor == "1" || descriptor == "2";
    if (numbered) word_.clear();
    end_word();
    const auto begin = at_++;
    while (at_ < text_.size() && (text_[at_] == '>' || text_[at_] == '|')) ++at_;
    const bool to_descriptor = at_ < text_.size() && text_[at_] == '&';
    const std::string sign{text_.substr(begin, at_ - begin)};
    if (to_descriptor) ++at_;
    const auto target = target_word();
    const bool file =
        !to_descriptor && !target.empty() && !target.starts_with("/dev/") && !target.starts_with("/proc/");
    if (descriptor != "2" || both) current_.redirect = file ? sign + " " + target : std::string{};
  }

  std::string target_word() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    const auto end = std::min(text_.find_first_of(" \t;|&\n", at_), text_.size());
    std::string target{text_.substr(at_, end - at_)};
    at_ = end;
    target.erase(std::remove_if(target.begin(), target.end(), [](char c) { return c == '"' || c == '\''; }),
                 target.end());
    return target;
  }

  void end_word() {
    if (!word_.empty() || any_) current_.words.push_back(std::move(word_));
    word_.clear();
    any_ = false;
  }

  void end_command() {
    end_word();
    if (!current_.empty()) commands_.push_back(std::move(current_));
    current_ = {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool any_ = false;
  Command current_;
  std::vector<Command> commands_;
};

}  // namespace

std::string output_file(const Service& service) {
  auto words = service.entrypoint;
  words.insert(words.end(), service.command.begin(), service.command.end());
  const auto script = script_of(words);
  const auto commands = Script{script}.commands();
  std::string file;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const auto& command = commands[i];
    const bool of_shell = command.words == Words{"exec"};
    if (of_shell || (i + 1 == commands.size() && !command.redirect.empty())) file = command.redirect;
  }
  return file;
}

}  // namespace doctor::checks::compose_redirect
