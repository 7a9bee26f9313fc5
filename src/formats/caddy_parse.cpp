#include <algorithm>
#include <array>
#include <map>

#include "doctor/format/caddy.hpp"
#include "doctor/format/text.hpp"
#include "util/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_directives = 100'000;
constexpr std::size_t most_blocks = 64;
constexpr std::size_t most_bytes = 64 * 1024 * 1024;

struct Word {
  std::string text;
  Place place;
  bool quoted = false;
  bool is(std::string_view sign) const { return !quoted && text == sign; }
};

/// The words of a file by line. A quoted word may hold line breaks; a backslash at the end joins lines.
class Lexer {
 public:
  Lexer(std::string_view text, std::string file) : text_{text}, file_{std::move(file)} {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  /// False: nothing is left.
  bool next_line(std::vector<Word>& words) {
    words.clear();
    while (!ended()) {
      const char c = text_[at_];
      if (c == '\n') {
        take();
        if (!words.empty()) return true;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        take();
      } else if (c == '\\' && text_.substr(at_ + 1).starts_with("\n")) {
        take();
        take();
      } else if (c == '#') {
        while (!ended() && text_[at_] != '\n') take();
      } else {
        words.push_back(read());
      }
    }
    return !words.empty();
  }

 private:
  bool ended() const { return at_ >= text_.size(); }

  char take() {
    const char c = text_[at_++];
    column_ = c == '\n' ? 1 : column_ + 1;
    if (c == '\n') ++line_;
    return c;
  }

  Word read() {
    Word word;
    word.place = {file_, line_, column_};
    const char first = text_[at_];
    word.quoted = first == '"' || first == '`';
    if (word.quoted) take();
    while (!ended()) {
      const char c = text_[at_];
      if (word.quoted && c == first) {
        take();
        break;
      }
      if (!word.quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) break;
      take();
      if (c == '\\' && first == '"' && !ended() && text_[at_] == '"')
        word.text += take();
      else
        word.text += c;
    }
    return word;
  }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

constexpr std::array<std::string_view, 42> known{
    "abort",         "acme_server", "basic_auth",   "basicauth",    "bind",           "encode",
    "error",         "file_server", "forward_auth", "fs",           "handle",         "handle_errors",
    "handle_path",   "header",      "import",       "intercept",    "invoke",         "log",
    "log_append",    "log_name",    "log_skip",     "map",          "method",         "metrics",
    "php_fastcgi",   "push",        "redir",        "request_body", "request_header", "respond",
    "reverse_proxy", "rewrite",     "root",         "route",        "skip_log",       "templates",
    "tls",           "tracing",     "try_files",    "uri",          "vars",           "log_level"};

/// Directives whose blocks hold directives.
bool holds_directives(std::string_view name) {
  return name == "handle" || name == "handle_path" || name == "route" || name == "handle_errors";
}

struct Open {
  int index = 0;
  bool directives = false;  ///< what stands in it are directives of a site
};

using Lines = std::vector<std::vector<Word>>;

class Reader {
 public:
  explicit Reader(const ConfigFiles& files) : files_{files} { config_.directives.emplace_back(); }

  CaddyConfig read(const std::string& path) {
    config_.directives.front().place.file = path;
    const auto text = load(path, {path, 0, 0});
    if (!text) return std::move(config_);
    waiting_.push_back({lines_of(*text, path), 0, 0});
    while (!waiting_.empty() && !config_.refused) step();
    // Caddy takes the last brace of a file for every block that is still open.
    if (!open_.empty() && !implicit_ && !ends_with_brace_) refuse(last_, "unexpected EOF: a block is not closed");
    return std::move(config_);
  }

 private:
  /// Lines that are under way, such as those of an imported file or snippet.
  struct Batch {
    Lines lines;
    std::size_t next = 0;
    std::size_t depth = 0;
  };

  void refuse(const Place& place, std::string reason) {
    if (!config_.refused) config_.refused = ConfigProblem{place, std::move(reason)};
  }

  std::optional<std::string> load(const std::string& path, const Place& place) {
    if (++count_ > most_config_files || bytes_ > most_bytes) {
      config_.unseen.push_back({place, "more than 500 files or 64 MB are imported"});
      return std::nullopt;
    }
    auto text = files_.read ? files_.read(path) : Outcome<std::string>{std::string{}};
    if (text && text->size() <= most_config_bytes) {
      bytes_ += text->size();
      return std::move(*text);
    }
    if (text || text.error().kind == FailureKind::too_large)
      refuse(place, util::shown(path) + " is larger than 4 MB");
    else if (text.error().kind == FailureKind::not_found)
      refuse(place, "File to import not found: " + util::shown(path));
    else
      config_.unseen.push_back({place, util::shown(path) + ": " + describe(text.error())});
    return std::nullopt;
  }

  static Lines lines_of(const std::string& text, const std::string& file) {
    Lines lines;
    Lexer lexer{text, file};
    std::vector<Word> words;
    while (lexer.next_line(words)) lines.push_back(words);
    return lines;
  }

  void step() {
    auto& batch = waiting_.back();
    if (batch.next == batch.lines.size()) {
      waiting_.pop_back();
      return;
    }
    const auto words = batch.lines[batch.next++];
    last_ = words.back().place;
    ends_with_brace_ = words.back().is("}");
    if (words.front().is("}")) return close(words);
    if (words.front().is("import") && words.size() > 1) return import(words, batch.depth);
    line(words);
  }

  void close(const std::vector<Word>& words) {
    if (open_.empty() || implicit_) return refuse(words.front().place, "unexpected '}'");
    open_.pop_back();
    if (words.size() > 1) refuse(words[1].place, "unexpected word behind '}'");
  }

  // Lines

  void line(const std::vector<Word>& words) {
    const bool block = words.back().is("{");
    if (open_.empty() && words.front().text.starts_with("(") && words.front().text.ends_with(")") && block)
      return keep_snippet(words.front().text.substr(1, words.front().text.size() - 2));
    if (open_.empty()) return open_site(words, block);
    if (open_.back().directives && !judge(words.front())) return;
    const int index = add(words, block ? words.size() - 1 : words.size(), open_.back().index);
    if (!block) return;
    if (open_.size() >= most_blocks) return refuse(words.back().place, "blocks are nested deeper than 64");
    open_.push_back({index, open_.back().directives && holds_directives(words.front().text)});
  }

  bool judge(const Word& word) {
    if (word.text.starts_with("@") || std::find(known.begin(), known.end(), word.text) != known.end()) return true;
    static const std::vector<std::string> names{known.begin(), known.end()};
    if (word.text.size() <= 40 && util::nearest(word.text, names).empty()) return true;  // perhaps of a plugin
    refuse(word.place, "unrecognized directive: " + util::shown(word.text, 40));
    return false;
  }

  /// The lines of a snippet are kept for `import`.
  void keep_snippet(const std::string& name) {
    auto& batch = waiting_.back();
    std::size_t depth = 1;
    Lines lines;
    while (batch.next < batch.lines.size()) {
      const auto& words = batch.lines[batch.next++];
      if (words.front().is("}") && --depth == 0) {
        snippets_[name] = std::move(lines);
        return;
      }
      if (words.back().is("{")) ++depth;
      lines.push_back(words);
    }
    refuse(last_, "unexpected EOF: a block is not closed");
  }

  void open_site(const std::vector<Word>& words, bool block) {
    const bool global = words.size() == 1 && block;
    const int index = add(words, block ? words.size() - 1 : words.size(), 0);
    auto& site = config_.directives.back();
    if (global) site.name = "{";
    for (auto* text : {&site.name}) trim_comma(*text);
    for (auto& text : site.arguments) trim_comma(text);
    if (block) return open_.push_back({index, !global});
    // Addresses may go on behind a comma, and the braces of a single site may be left out.
    if (words.back().text.ends_with(",")) return join_next(index);
    implicit_ = true;
    open_.push_back({index, true});
  }

  static void trim_comma(std::string& text) {
    if (text.ends_with(",")) text.pop_back();
  }

  void join_next(int index) {
    auto& batch = waiting_.back();
    while (batch.next < batch.lines.size()) {
      const auto& words = batch.lines[batch.next++];
      const bool block = words.back().is("{");
      for (const auto& word : words)
        if (!word.is("{")) {
          auto text = word.text;
          trim_comma(text);
          config_.directives[static_cast<std::size_t>(index)].arguments.push_back(text);
        }
      if (block) return open_.push_back({index, true});
      if (!words.back().text.ends_with(",")) break;
    }
    refuse(last_, "expected another address or '{'");
  }

  int add(const std::vector<Word>& words, std::size_t count, int parent) {
    const auto index = static_cast<int>(config_.directives.size());
    if (config_.directives.size() >= most_directives) refuse(words.front().place, "more than 100,000 directives");
    CaddyDirective directive;
    directive.place = words.front().place;
    directive.parent = parent;
    if (count > 0) directive.name = words.front().text;
    for (std::size_t i = 1; i < count; ++i) directive.arguments.push_back(words[i].text);
    config_.directives.push_back(std::move(directive));
    config_.directives[static_cast<std::size_t>(parent)].children.push_back(index);
    return index;
  }

  // Imports

  void import(const std::vector<Word>& words, std::size_t depth) {
    const auto& place = words[0].place;
    if (depth >= most_config_depth) return refuse(place, "imports are nested deeper than 50");
    const auto& what = words[1].text;
    if (const auto snippet = snippets_.find(what); snippet != snippets_.end()) {
      imported_ += snippet->second.size();
      if (imported_ > most_directives) return refuse(place, "more than 100,000 directives");
      return waiting_.push_back({snippet->second, 0, depth + 1});
    }
    if (what.find('{') != std::string::npos) return;  // a placeholder of a snippet's argument
    const auto slash = place.file.rfind('/');
    const auto path =
        what.starts_with('/') || slash == std::string::npos ? what : place.file.substr(0, slash + 1) + what;
    if (path.find_first_of("*?[") != std::string::npos) return import_matching(path, place, depth);
    if (auto text = load(path, place)) waiting_.push_back({lines_of(*text, path), 0, depth + 1});
  }

  void import_matching(const std::string& path, const Place& place, std::size_t depth) {
    const auto slash = path.rfind('/');
    const auto directory = path.substr(0, slash);
    const auto pattern = path.substr(slash + 1);
    if (slash == std::string::npos || directory.find_first_of("*?[") != std::string::npos || !files_.list)
      return config_.unseen.push_back({place, "the pattern " + util::shown(path, 60) + " is not followed"});
    const auto names = files_.list(directory);
    if (!names) return;
    Lines lines;
    for (const auto& name : *names) {
      if (name.starts_with('.') || !util::glob_match(pattern, name)) continue;
      const auto text = load(directory + "/" + name, place);
      if (!text) continue;
      for (auto& line : lines_of(*text, directory + "/" + name)) lines.push_back(std::move(line));
    }
    waiting_.push_back({std::move(lines), 0, depth + 1});
  }

  const ConfigFiles& files_;
  CaddyConfig config_;
  std::vector<Batch> waiting_;
  std::vector<Open> open_;
  std::map<std::string, Lines> snippets_;
  Place last_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::size_t imported_ = 0;
  bool implicit_ = false;
  bool ends_with_brace_ = false;
};

}  // namespace

CaddyConfig read_caddy(const std::string& path, const ConfigFiles& files) {
  return Reader{files}.read(path);
}

}  // namespace doctor::formats
