#include <algorithm>
#include <memory>
#include <set>

#include "doctor/format/nginx.hpp"
#include "doctor/format/text.hpp"
#include "formats/nginx_directives.hpp"
#include "formats/nginx_lexer.hpp"
#include "formats/nginx_tree.hpp"
#include "util/text.hpp"

namespace doctor::formats {
namespace {

using nginx::Lexer;
using nginx::Token;

constexpr std::size_t most_directives = 100'000;
constexpr std::size_t most_blocks = 64;

constexpr std::size_t most_bytes = 64 * 1024 * 1024;  // all files together

/// A file under way, or one that waits for its turn. The text outlives the lexer's view of it.
struct Frame {
  std::string path;
  Place from;  ///< where it is included; no line: it is the main file
  std::size_t depth = 0;
  std::unique_ptr<const std::string> text{};
  Lexer lexer{""};
  std::size_t blocks = 0;  ///< open ones when the file began
};

/// A block that is not closed yet.
struct Open {
  int index = 0;
  char context = 'M';
  std::set<std::string, std::less<>> once{};  ///< directives that may not come again
};

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

/// The top-level names of a text decide what part of nginx.conf it is.
std::string context_of(std::string_view text) {
  Lexer lexer{text};
  std::vector<std::string> words;
  std::size_t depth = 0;
  bool http_level = false;
  bool server_level = false;
  for (;;) {
    const auto token = lexer.next(words);
    if (token == Token::end || token == Token::wrong) break;
    if (token == Token::block_end) {
      if (depth > 0) --depth;
      continue;
    }
    if (depth == 0) {
      const auto* rule = nginx::directive_rule(words.front());
      const std::string_view contexts = rule == nullptr || words.front() == "include" ? "" : rule->contexts;
      if (contexts.find('M') != std::string_view::npos && words.front() != "error_log") return "main";
      http_level = http_level || contexts.find('H') != std::string_view::npos;
      server_level = server_level || words.front() == "location" || words.front() == "listen";
    }
    if (token == Token::block) ++depth;
  }
  if (server_level) return "server";
  return http_level ? "http" : "main";
}

class Reader {
 public:
  Reader(std::string prefix, const ConfigFiles& files) : prefix_{std::move(prefix)}, files_{files} {
    config_.directives.emplace_back();
    config_.directives.front().block = true;
  }

  NginxConfig read(const std::string& path) {
    config_.directives.front().place.file = path;
    frames_.push_back({path, {}, 0});
    if (!begin()) return std::move(config_);
    if (!path.ends_with("/nginx.conf")) config_.context = context_of(*frames_.back().text);
    run();
    return std::move(config_);
  }

  NginxConfig read_text(std::string_view text, const std::string& name) {
    config_.directives.front().place.file = name;
    frames_.push_back({name, {}, 0});
    if (text.size() > most_config_bytes) {
      ProbeFailure failure;
      failure.kind = FailureKind::too_large;
      not_read(failure);
      return std::move(config_);
    }
    begin_with(std::string{text});
    config_.context = context_of(*frames_.back().text);
    run();
    return std::move(config_);
  }

 private:
  void run() {
    const char context = config_.context == "main" ? 'M' : config_.context == "http" ? 'H' : 'S';
    open_.push_back({0, context});
    while (!config_.refused && !frames_.empty()) step();
    if (!config_.refused) config_.refused = nginx::semantic_problem(config_);
  }

  void refuse(const Place& place, std::string reason) {
    if (!config_.refused) config_.refused = ConfigProblem{place, std::move(reason)};
  }

  Place here() const {
    const auto& frame = frames_.back();
    return {frame.path, frame.lexer.start_line(), frame.lexer.start_column()};
  }

  // Files

  void begin_with(std::string text) {
    auto& frame = frames_.back();
    bytes_ += text.size();
    frame.text = std::make_unique<const std::string>(std::move(text));
    frame.lexer = Lexer{*frame.text};
    frame.blocks = std::max<std::size_t>(open_.size(), 1);
    config_.files.push_back(frame.path);
  }

  /// Reads the file on top. False: there is nothing to read in it.
  bool begin() {
    const auto& frame = frames_.back();
    if (frame.depth > most_config_depth) {
      refuse(frame.from, "includes are nested deeper than 50");
      return false;
    }
    if (config_.files.size() >= most_config_files || bytes_ > most_bytes) {
      config_.unseen.push_back({frame.from, "more than 500 files or 64 MB are included"});
      frames_.pop_back();
      return false;
    }
    ProbeFailure missing;
    missing.kind = FailureKind::not_found;
    auto text = files_.read ? files_.read(frame.path) : Outcome<std::string>{Failed{missing}};
    if (text && text->size() <= most_config_bytes) {
      begin_with(std::move(*text));
      return true;
    }
    if (text) missing.kind = FailureKind::too_large;
    not_read(text ? missing : text.error());
    return false;
  }

  /// The file on top cannot be read.
  void not_read(const ProbeFailure& failure) {
    const auto frame = std::move(frames_.back());
    frames_.pop_back();
    const auto shown = util::shown(frame.path);
    const Place place = frame.from.line > 0 ? frame.from : Place{frame.path, 0, 0};
    if (failure.kind == FailureKind::not_found)
      return refuse(place, "open() \"" + shown + "\" failed (2: No such file or directory)");
    if (failure.kind == FailureKind::too_large) return refuse(place, "\"" + shown + "\" is larger than 4 MB");
    config_.unseen.push_back({place, shown + ": " + describe(failure)});
  }

  void include(const std::string& argument) {
    const auto place = here();
    const auto depth = frames_.back().depth + 1;
    const auto path = argument.starts_with('/') ? argument : prefix_ + "/" + argument;
    if (path.find_first_of("*?[") == std::string::npos) return frames_.push_back({path, place, depth});
    const auto directory = directory_of(path);
    const auto pattern = path.substr(directory.size() + 1);
    if (directory.find_first_of("*?[") != std::string::npos || pattern.find('[') != std::string::npos)
      return config_.unseen.push_back({place, "the pattern " + util::shown(argument, 60) + " is not followed"});
    auto names = files_.list ? files_.list(directory) : Outcome<std::vector<std::string>>{};
    if (!names && names.error().kind == FailureKind::not_found) return;
    if (!names) return config_.unseen.push_back({place, util::shown(directory) + ": " + describe(names.error())});
    // The files come in the order of their names, so the last one is put away first.
    for (auto name = names->rbegin(); name != names->rend(); ++name)
      if (!name->starts_with('.') && util::glob_match(pattern, *name))
        frames_.push_back({directory + "/" + *name, place, depth});
  }

  // Directives

  void step() {
    if (!frames_.back().text && !begin()) return;
    std::vector<std::string> words;
    auto& frame = frames_.back();
    switch (frame.lexer.next(words)) {
      case Token::wrong:
        return refuse({frame.path, frame.lexer.line(), 0}, frame.lexer.error());
      case Token::end:
        return end_file();
      case Token::block_end:
        return end_block();
      case Token::statement:
        return statement(std::move(words), false);
      case Token::block:
        return statement(std::move(words), true);
    }
  }

  void end_file() {
    const auto& frame = frames_.back();
    if (open_.size() > frame.blocks)
      return refuse({frame.path, frame.lexer.line(), 0}, "unexpected end of file, expecting \"}\"");
    frames_.pop_back();
  }

  void end_block() {
    const auto& frame = frames_.back();
    if (open_.size() <= frame.blocks) return refuse(here(), "unexpected \"}\"");
    open_.pop_back();
  }

  void statement(std::vector<std::string> words, bool block) {
    const auto name = words.front();
    words.erase(words.begin());
    if (name == "include" && !block && words.size() == 1) return include(words.front());
    if (auto problem = judge(name, words, block); !problem.empty()) return refuse(here(), std::move(problem));
    if (config_.directives.size() >= most_directives) return refuse(here(), "more than 100,000 directives");
    const int index = add(name, std::move(words), block);
    if (block && name.ends_with("_by_lua_block")) return pass_over_lua(index);
    if (!block) return;
    if (open_.size() >= most_blocks) return refuse(here(), "blocks are nested deeper than 64");
    open_.push_back({index, nginx::context_within(name, open_.back().context)});
  }

  int add(const std::string& name, std::vector<std::string> arguments, bool block) {
    const auto index = static_cast<int>(config_.directives.size());
    NginxDirective directive;
    directive.name = name;
    directive.arguments = std::move(arguments);
    directive.place = here();
    directive.parent = open_.back().index;
    directive.block = block;
    config_.directives.push_back(std::move(directive));
    config_.directives[static_cast<std::size_t>(open_.back().index)].children.push_back(index);
    return index;
  }

  void pass_over_lua(int index) {
    const auto place = config_.directives[static_cast<std::size_t>(index)].place;
    config_.unseen.push_back({place, "the Lua of " + util::shown(at(index).name, 60) + " is not read"});
    auto& lexer = frames_.back().lexer;
    if (!lexer.skip_lua())
      refuse({frames_.back().path, lexer.line(), 0},
             "unexpected end of file, expecting terminating characters for Lua");
  }

  const NginxDirective& at(int index) const { return config_.directives[static_cast<std::size_t>(index)]; }

  /// What nginx says of a directive as it reads it; empty: nothing.
  std::string judge(const std::string& name, const std::vector<std::string>& arguments, bool block) {
    auto& around = open_.back();
    if (around.context == '*' || around.context == '?') return {};
    if (name == "load_module") loads_modules_ = true;
    const auto* rule = nginx::directive_rule(name);
    if (rule == nullptr) return judge_unknown(name);
    const bool is_server = name == "server" && around.context == 'H';
    const auto shown = "\"" + name + "\" directive ";
    if (rule->contexts.find(around.context) == std::string_view::npos) return shown + "is not allowed here";
    const bool wants_block = is_server || rule->kind == 'b';
    if (block && !wants_block) return "directive \"" + name + "\" is not terminated by \";\"";
    if (!block && wants_block) return "directive \"" + name + "\" has no opening \"{\"";
    if (is_server && !arguments.empty()) return "invalid number of arguments in \"server\" directive";
    if (name == "server" && !is_server && arguments.empty())
      return "invalid number of arguments in \"server\" directive";
    if (auto problem = nginx::argument_problem(*rule, arguments); !problem.empty()) return problem;
    const bool once = rule->kind != 'a' && rule->kind != 'b';
    const bool single_block = name == "http" || name == "events";
    if ((once || single_block) && !around.once.insert(name).second) return shown + "is duplicate";
    if (name == "root" || name == "alias") return judge_root(name, around);
    return {};
  }

  /// root and alias are one setting.
  static std::string judge_root(const std::string& name, const Open& around) {
    const auto* other = name == "root" ? "alias" : "root";
    if (around.once.count(other) == 0) return {};
    return "\"" + name + "\" directive is duplicate, \"" + other + "\" directive was specified earlier";
  }

  /// A module that this reader does not know may have it; a misspelt name has none.
  std::string judge_unknown(const std::string& name) const {
    if (loads_modules_ || nginx::in_known_family(name) || name.find("_by_lua") != std::string::npos) return {};
    const auto problem = "unknown directive \"" + util::shown(name, 60) + "\"";
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    return !plain || !nginx::near_directive(name).empty() ? problem : std::string{};
  }

  std::string prefix_;
  const ConfigFiles& files_;
  NginxConfig config_;
  std::vector<Frame> frames_;
  std::vector<Open> open_;
  std::size_t bytes_ = 0;
  bool loads_modules_ = false;
};

}  // namespace

NginxConfig read_nginx(const std::string& path, const std::string& prefix, const ConfigFiles& files) {
  return Reader{prefix, files}.read(path);
}

NginxConfig read_nginx(std::string_view text, const std::string& name) {
  const ConfigFiles none;
  return Reader{"", none}.read_text(text, name);
}

}  // namespace doctor::formats
