#include "doctor/format/dockerfile.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "util/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_lines = 100'000;
constexpr std::size_t most_stages = 1'000;
constexpr std::string_view blanks = " \t\r\f\v";

using Words = std::vector<std::string>;

struct Stage {
  std::set<std::size_t> needs;  ///< earlier stages
  std::vector<DockerfileSource> sources;
};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Blanks divide words; quotes hold them together and are taken away.
Words words_of(std::string_view text) {
  Words words;
  std::string word;
  bool any = false;
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0' ? c == quote : (c == '"' || c == '\'')) {
      quote = quote == '\0' ? c : '\0';
      any = true;
    } else if (quote == '\0' && (blanks.find(c) != std::string_view::npos || c == '\n')) {
      if (any) words.push_back(std::move(word));
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  return words;
}

/// The texts of a JSON array of texts; nothing when it is none. A text with an escape keeps its backslash.
std::optional<Words> json_words(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  Words words;
  std::string word;
  bool quoted = false;
  bool expects_text = true;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 2 < text.size()) {
      word.append({c, text[++i]});
    } else if (quoted && c != '"') {
      word += c;
    } else if (c == '"') {
      if (!quoted && !expects_text) return std::nullopt;
      if (quoted) words.push_back(std::move(word));
      word.clear();
      quoted = !quoted;
      expects_text = false;
    } else if (c == ',' && !expects_text) {
      expects_text = true;
    } else if (blanks.find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return quoted ? std::nullopt : std::optional{std::move(words)};
}

/// A path of the context as the builder takes it: never above the context. "" for the context itself.
std::string normalised(const std::string& path) {
  Words parts;
  for (auto& part : util::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(std::move(part));
    else if (!parts.empty())
      parts.pop_back();
  }
  return util::join(parts, "/");
}

bool can_be_judged(const std::string& path) {
  return path.find_first_of("$*?[]\\") == std::string::npos && path.find("://") == std::string::npos &&
         !path.starts_with("git@") && !path.starts_with("<<");
}

/// The name at which a heredoc ends, as in <<EOF, <<-EOF or <<"EOF"; "" for another word. `tabs`: they may stand
/// before it.
std::string heredoc(std::string_view word, bool& tabs) {
  const auto mark = word.find("<<");
  if (mark == std::string_view::npos || word.find_first_not_of("0123456789") != mark) return {};
  word.remove_prefix(mark + 2);
  tabs = word.starts_with('-');
  if (tabs) word.remove_prefix(1);
  const bool name = !word.empty() && (word.front() == '_' || (word.front() >= 'A' && word.front() <= 'Z') ||
                                      (word.front() >= 'a' && word.front() <= 'z'));
  return name && word.find('<') == std::string_view::npos ? std::string{word} : std::string{};
}

class Reader {
 public:
  Reader(std::string_view text, std::string file) : rest_{text}, file_{std::move(file)} {}

  Dockerfile read() {
    if (rest_.size() > most_config_bytes) return refused(0, "it is larger than 4 MB");
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
    read_directives();
    while (!rest_.empty()) {
      const auto instruction = next_instruction();
      if (number_ > most_lines) return refused(number_, "more than 100,000 lines");
      take(instruction);
      if (stages_.size() > most_stages) return refused(line_, "more than 1,000 stages");
    }
    return {needed_sources(), std::nullopt};
  }

 private:
  Dockerfile refused(std::size_t line, std::string reason) const {
    return {{}, ConfigProblem{{file_, static_cast<int>(line), 0}, std::move(reason)}};
  }

  std::string_view next_line() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return line;
  }

  /// "# escape=`" at the very begin.
  void read_directives() {
    while (!rest_.empty()) {
      const auto line = trimmed(rest_.substr(0, rest_.find('\n')));
      const auto equals = line.find('=');
      if (!line.starts_with('#') || equals == std::string_view::npos) return;
      const auto key = util::lower(trimmed(line.substr(1, equals - 1)));
      if (key.empty() || key.find_first_of(" \t") != std::string::npos) return;
      if (key == "escape" && trimmed(line.substr(equals + 1)) == "`") escape_ = '`';
      next_line();
    }
  }

  /// One instruction with its continuation lines, among which comments and empty lines do not count.
  std::string next_instruction() {
    std::string text;
    bool continues = true;
    while (continues && !rest_.empty()) {
      const auto line = next_line();
      const auto inner = trimmed(line);
      if (inner.empty() || inner.starts_with('#')) {
        continues = !text.empty();
        continue;
      }
      if (text.empty()) line_ = number_;
      continues = inner.back() == escape_;
      text += continues ? inner.substr(0, inner.size() - 1) : inner;
      text += ' ';
    }
    return text;
  }

  void take(const std::string& instruction) {
    const auto text = trimmed(instruction);
    const auto end = std::min(text.find_first_of(blanks), text.size());
    const auto keyword = util::lower(text.substr(0, end));
    auto rest = trimmed(text.substr(end));
    const bool copies = keyword == "copy" || keyword == "add";
    if (copies || keyword == "run") skip_heredocs(rest);
    if (keyword == "from") return begin(words_of(rest));
    if (stages_.empty() || (!copies && keyword != "run")) return;
    const bool foreign = take_flags(rest);
    if (copies && !foreign) take_sources(rest);
  }

  void skip_heredocs(std::string_view rest) {
    if (rest.find("<<") == std::string_view::npos) return;
    for (const auto& word : words_of(rest)) {
      bool tabs = false;
      const auto name = heredoc(word, tabs);
      while (!name.empty() && !rest_.empty()) {
        auto line = next_line();
        while (tabs && line.starts_with('\t')) line.remove_prefix(1);
        if (line == name) break;
      }
    }
  }

  /// FROM [--platform=P] IMAGE [AS NAME]
  void begin(const Words& words) {
    Words plain;
    for (const auto& word : words)
      if (!word.starts_with("--")) plain.push_back(util::lower(word));
    stages_.emplace_back();
    if (!plain.empty()) need(plain.front());
    if (plain.size() > 2 && plain[1] == "as") names_[plain[2]] = stages_.size() - 1;
    names_.emplace(std::to_string(stages_.size() - 1), stages_.size() - 1);
  }

  /// The last stage needs another one, unless the name is that of an image.
  void need(const std::string& name) {
    const auto found = names_.find(name);
    if (found != names_.end()) stages_.back().needs.insert(found->second);
  }

  /// Takes away the flags in front. True: a flag says that the rest comes from another stage or image.
  bool take_flags(std::string_view& rest) {
    bool foreign = false;
    while (rest.starts_with("--")) {
      const auto end = std::min(rest.find_first_of(blanks), rest.size());
      const auto flag = rest.substr(0, end);
      rest = trimmed(rest.substr(end));
      for (const auto& option : util::split(flag.substr(2), ',')) {
        const auto from = option.starts_with("mount=") ? option.substr(6) : option;
        if (!from.starts_with("from=")) continue;
        need(util::lower(from.substr(5)));
        foreign = true;
      }
    }
    return foreign;
  }

  void take_sources(std::string_view rest) {
    auto words = json_words(rest);
    if (!words) words = words_of(rest);
    if (!words->empty()) words->pop_back();  // where they go
    for (const auto& word : *words) {
      auto path = can_be_judged(word) ? normalised(word) : std::string{};
      if (!path.empty()) stages_.back().sources.push_back({std::move(path), static_cast<int>(line_)});
    }
  }

  std::vector<DockerfileSource> needed_sources() const {
    std::set<std::size_t> needed;
    if (!stages_.empty()) needed.insert(stages_.size() - 1);
    for (std::size_t i = stages_.size(); i-- > 0;)
      if (needed.count(i) > 0) needed.insert(stages_[i].needs.begin(), stages_[i].needs.end());
    std::vector<DockerfileSource> sources;
    for (const auto index : needed)
      sources.insert(sources.end(), stages_[index].sources.begin(), stages_[index].sources.end());
    return sources;
  }

  std::string_view rest_;
  std::string file_;
  char escape_ = '\\';
  std::size_t number_ = 0;  ///< of the line that was read last
  std::size_t line_ = 0;    ///< where the instruction begins
  std::vector<Stage> stages_;
  std::map<std::string, std::size_t> names_;  ///< of stages, and their numbers
};

}  // namespace

Dockerfile read_dockerfile(std::string_view text, const std::string& file) {
  return Reader{text, file}.read();
}

}  // namespace doctor::formats
