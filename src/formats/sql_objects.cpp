#include "doctor/format/sql_objects.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace doctor::formats {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A word (in lower case), a quoted name, or one character of anything else. Strings are the character '.
struct Token {
  std::string text;
  bool quoted = false;
  friend bool operator==(const Token& token, std::string_view word) { return !token.quoted && token.text == word; }
};

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : rest_{sql} {}

  std::optional<Token> next() {
    while (!rest_.empty()) {
      if (skip_blank() || skip_comment()) continue;
      if (rest_.front() == '\'') return string(false);
      if (rest_.front() == '"') return quoted();
      if (rest_.front() == '$' && skip_dollar_quote()) return Token{"'"};
      if (is_letter(rest_.front())) return word();
      return Token{std::string(1, take())};
    }
    return std::nullopt;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    line_start_ = c == '\n';
    return c;
  }
  void skip_to(std::size_t at) { rest_.remove_prefix(std::min(at, rest_.size())); }

  /// A command of psql (\i, \set) is a line of its own.
  bool skip_blank() {
    const char c = rest_.front();
    if (c == '\\' && line_start_) return skip_to(rest_.find('\n')), true;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' && c != '\0') return false;
    const bool kept = line_start_ && c != '\n';
    take();
    line_start_ = line_start_ || kept;
    return true;
  }

  bool skip_comment() {
    if (rest_.starts_with("--")) return skip_to(rest_.find('\n')), true;
    if (!rest_.starts_with("/*")) return false;
    for (int depth = 0; !rest_.empty();) {  // they nest
      if (rest_.starts_with("/*")) {
        ++depth;
        skip_to(2);
      } else if (rest_.starts_with("*/")) {
        skip_to(2);
        if (--depth == 0) break;
      } else {
        skip_to(1);
      }
    }
    return true;
  }

  Token string(bool escapes) {
    take();
    while (!rest_.empty()) {
      const char c = take();
      if (c == '\\' && escapes && !rest_.empty()) take();
      if (c != '\'') continue;
      if (rest_.empty() || rest_.front() != '\'') break;
      take();
    }
    return {"'"};
  }

  Token quoted() {
    take();
    std::string text;
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"') {
        if (rest_.empty() || rest_.front() != '"') break;
        take();
      }
      text += c;
    }
    return {std::move(text), true};
  }

  /// $tag$ ... $tag$; false: the dollar is something else.
  bool skip_dollar_quote() {
    std::size_t end = 1;
    while (end < rest_.size() && (is_letter(rest_[end]) || (end > 1 && is_digit(rest_[end])))) ++end;
    if (end == rest_.size() || rest_[end] != '$') return false;
    const auto tag = rest_.substr(0, end + 1);
    const auto close = rest_.find(tag, tag.size());
    skip_to(close == std::string_view::npos ? rest_.size() : close + tag.size());
    return true;
  }

  Token word() {
    std::size_t end = 0;
    while (end < rest_.size() && (is_letter(rest_[end]) || is_digit(rest_[end]) || rest_[end] == '$')) ++end;
    std::string text{rest_.substr(0, end)};
    std::transform(text.begin(), text.end(), text.begin(), lowered);
    skip_to(end);
    line_start_ = false;
    if (text == "e" && !rest_.empty() && rest_.front() == '\'') return string(true);
    return {std::move(text)};
  }

  std::string_view rest_;
  bool line_start_ = true;
};

/// A name as PostgreSQL takes it in text.
std::string written(const Token& token) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
  const auto& text = token.text;
  if (!text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

/// Reads one statement from left to right.
class Statement {
 public:
  explicit Statement(const std::vector<Token>& tokens) : tokens_{tokens} {}

  bool accept(std::string_view word) {
    if (!at(word)) return false;
    ++at_;
    return true;
  }
  bool at(std::string_view word) const { return at_ < tokens_.size() && tokens_[at_] == word; }
  bool accept_phrase(std::initializer_list<std::string_view> words) {
    const auto start = at_;
    for (const auto word : words)
      if (!accept(word)) return at_ = start, false;
    return true;
  }
  bool ended() const { return at_ >= tokens_.size(); }
  void skip() { ++at_; }

  bool at_name() const { return !ended() && (tokens_[at_].quoted || is_letter(tokens_[at_].text.front())); }
  /// "schema.name"; nothing when none stands here.
  std::optional<std::string> name() {
    if (!at_name()) return std::nullopt;
    auto text = written(tokens_[at_++]);
    while (accept("."))
      if (at_name()) text += "." + written(tokens_[at_++]);
    return text;
  }
  std::string column() { return at_name() ? tokens_[at_++].text : std::string{}; }

  /// To behind the next comma outside brackets; false: the statement ends first.
  bool next_item() {
    for (int depth = 0; !ended(); skip()) {
      if (at("(")) ++depth;
      if (at(")")) --depth;
      if (depth == 0 && accept(",")) return true;
    }
    return false;
  }

 private:
  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
};

class Script {
 public:
  void take(const std::vector<Token>& tokens) {
    Statement statement{tokens};
    if (statement.accept("create")) return create(statement);
    if (statement.accept_phrase({"alter", "table"})) return alter(statement);
    if (statement.accept("drop")) drop(statement);
  }
  std::vector<SqlObject> objects() { return std::move(objects_); }

 private:
  void add(SqlObject object) {
    if (objects_.size() == most_sql_objects || gone_.count(object.name + "\n" + object.column) > 0) return;
    if (std::find(objects_.begin(), objects_.end(), object) == objects_.end()) objects_.push_back(std::move(object));
  }
  void forget(const std::string& name, const std::string& column = {}) { gone_.insert(name + "\n" + column); }

  void create(Statement& statement) {
    if (statement.accept_phrase({"or", "replace"})) return;
    while (statement.accept("global") || statement.accept("local")) continue;
    if (statement.at("temp") || statement.at("temporary")) return;
    while (statement.accept("unlogged") || statement.accept("unique") || statement.accept("materialized") ||
           statement.accept("recursive"))
      continue;
    for (const std::string_view kind : {"table", "index", "view", "sequence"}) {
      if (!statement.accept(kind)) continue;
      statement.accept("concurrently");
      if (statement.accept_phrase({"if", "not", "exists"}) || statement.at("on")) return;
      if (auto name = statement.name()) add({std::string{kind}, std::move(*name), {}});
      return;
    }
  }

  void alter(Statement& statement) {
    statement.accept_phrase({"if", "exists"});
    statement.accept("only");
    const auto table = statement.name();
    if (!table) return;
    statement.accept("*");
    do {
      if (statement.accept("add")) add_column(statement, *table);
      if (statement.accept("drop")) drop_column(statement, *table);
      if (statement.accept("rename")) rename(statement, *table);
    } while (statement.next_item());
  }

  void add_column(Statement& statement, const std::string& table) {
    for (const std::string_view other : {"constraint", "primary", "unique", "check", "foreign", "exclude"})
      if (statement.at(other)) return;
    statement.accept("column");
    if (statement.accept_phrase({"if", "not", "exists"})) return;
    if (auto column = statement.column(); !column.empty()) add({"column", table, std::move(column)});
  }

  void drop_column(Statement& statement, const std::string& table) {
    if (statement.at("constraint")) return;
    statement.accept("column");
    statement.accept_phrase({"if", "exists"});
    forget(table, statement.column());
  }

  void rename(Statement& statement, const std::string& table) {
    if (statement.at("to")) return forget(table);
    if (statement.at("constraint")) return;
    statement.accept("column");
    forget(table, statement.column());
  }

  void drop(Statement& statement) {
    statement.accept("materialized");
    const bool known = statement.accept("table") || statement.accept("index") || statement.accept("view") ||
                       statement.accept("sequence");
    if (!known) return;
    statement.accept("concurrently");
    statement.accept_phrase({"if", "exists"});
    do {
      if (const auto name = statement.name()) forget(*name);
    } while (statement.next_item());
  }

  std::vector<SqlObject> objects_;
  std::set<std::string> gone_;
};

}  // namespace

std::vector<SqlObject> created_objects(std::string_view sql) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (sql.starts_with(byte_order_mark)) sql.remove_prefix(byte_order_mark.size());
  Lexer lexer{sql.substr(0, most_sql_bytes)};
  Script script;
  std::vector<Token> statement;
  while (auto token = lexer.next()) {
    if (!(*token == ";")) {
      statement.push_back(std::move(*token));
      continue;
    }
    script.take(statement);
    statement.clear();
  }
  script.take(statement);
  return script.objects();
}

}  // namespace doctor::formats
