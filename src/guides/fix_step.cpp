#include "guides/fix_step.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::guides {
namespace {

using Words = std::vector<std::string>;

const Words& risks() {
  static const Words words{"safe", "disruptive", "data-loss"};
  return words;
}

const Words& places() {
  static const Words words{"host", "container", "postgres", "client"};
  return words;
}

const Words& kinds_of_deployment() {
  static const Words words{"compose", "process", "kubernetes"};
  return words;
}

bool is_one_of(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Words words_of(const std::string& text) {
  Words words;
  for (auto& word : util::split(text, ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

class InfoString {
 public:
  InfoString(const Block& block, const std::string& file, Problems& problems)
      : block_{block}, file_{file}, problems_{problems} {}

  Step read() {
    const auto words = words_of(block_.info);
    if (words.empty()) {
      problem("a fenced step must say what it is, such as `sh risk=safe where=host` or `text`");
      return step_;
    }
    step_.language = words.front();
    for (std::size_t i = 1; i < words.size(); ++i) read_attribute(words[i]);
    finish(words.size() > 1);
    return step_;
  }

 private:
  void problem(std::string message) { problems_.push_back({file_, block_.line, 0, std::move(message)}); }

  void read_attribute(const std::string& word) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto value = equals == std::string::npos ? std::string{} : word.substr(equals + 1);
    if (name == "file" && !value.empty())
      step_.file = value;
    else if (name == "risk")
      read_word(name, value, risks(), step_.risk);
    else if (name == "where")
      read_word(name, value, places(), step_.where);
    else if (name == "when")
      read_word(name, value, kinds_of_deployment(), step_.when);
    else
      problem(util::shown(name, 40) + " is not known in an info string" +
              did_you_mean(name, {"file", "risk", "when", "where"}));
  }

  void read_word(const std::string& name, const std::string& value, const Words& known, std::string& target) {
    if (is_one_of(value, known))
      target = value;
    else
      problem(name + " must be one of " + util::join(known, ", ") + did_you_mean(value, known));
  }

  void finish(bool has_attributes) {
    const bool is_shell = is_one_of(step_.language, {"sh", "sql"});
    if (step_.language == "text" && !has_attributes) {
      step_ = Step{"text", block_.source, {}, {}, {}, {}};
      return;
    }
    if (is_shell && !step_.file.empty()) problem("a command edits no file; an edit's language is that of its file");
    if (!is_shell && step_.file.empty())
      problem("a step in " + util::shown(step_.language, 20) + " must say which file it edits: file=...");
    step_.kind = is_shell ? "command" : "edit";
    step_.text = block_.code;
    if (step_.where.empty()) step_.where = "host";
    if (step_.risk.empty()) step_.risk = "safe";
    if (step_.when.empty()) step_.when = implied_deployment();
    if (util::trim(step_.text).empty()) problem("an empty step");
    if (step_.language == "env") check_assignments();
  }

  /// A step that speaks to Docker is none where no compose file is, and one that speaks to a cluster none where no
  /// manifests are. systemd runs proxies and Docker itself on any host; a step that restarts the application by it must
  /// say when=process.
  std::string implied_deployment() const {
    const auto speaks_of = [&](std::string_view word) {
      return (step_.text + step_.file).find(word) != std::string::npos;
    };
    if (speaks_of("docker ") || speaks_of("{override_file}") || speaks_of("{compose_file}")) return "compose";
    return speaks_of("kubectl ") || speaks_of("helm ") ? "kubernetes" : "";
  }

  /// An env step is tested for its effect, so each of its lines must be one that can have an effect.
  void check_assignments() {
    for (const auto& line : util::split(step_.text, '\n')) {
      const auto text = util::trim(line);
      const auto equals = text.find('=');
      const bool is_note = text.empty() || text.front() == '#';
      if (is_note || (equals != std::string::npos && equals > 0 && text.find(' ') > equals)) continue;
      problem("a line of an env step is neither NAME=value nor a comment");
    }
  }

  const Block& block_;
  const std::string& file_;
  Problems& problems_;
  Step step_;
};

}  // namespace

Step read_step(const Block& block, const std::string& file, Problems& problems) {
  if (block.kind != Block::Kind::code) return Step{"text", block.source, {}, {}, {}, {}};
  return InfoString{block, file, problems}.read();
}

}  // namespace doctor::guides
