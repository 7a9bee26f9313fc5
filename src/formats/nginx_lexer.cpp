#include "formats/nginx_lexer.hpp"

#include "util/text.hpp"

namespace doctor::formats::nginx {
namespace {

constexpr std::size_t most_word_bytes = 4096;  // NGX_CONF_BUFFER

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char control_for(char c) {
  return c == 't' ? '\t' : c == 'r' ? '\r' : '\n';
}

/// A backslash is kept unless it stands before a quote, a backslash, or t, r, n.
std::string unescaped(std::string_view raw) {
  std::string word;
  word.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = raw[i] == '\\' && i + 1 < raw.size() ? raw[i + 1] : '\0';
    if (next == '"' || next == '\'' || next == '\\')
      word += raw[++i];
    else if (next == 't' || next == 'r' || next == 'n')
      word += control_for(raw[++i]);
    else
      word += raw[i];
  }
  return word;
}

}  // namespace

Token Lexer::fail(std::string reason) {
  error_ = std::move(reason);
  return Token::wrong;
}

char Lexer::take() {
  const char c = text_[at_++];
  if (c == '\n') {
    ++line_;
    column_ = 1;
  } else {
    ++column_;
  }
  return c;
}

void Lexer::skip_comment() {
  while (!ended() && text_[at_] != '\n') take();
}

void Lexer::skip_space() {
  while (!ended()) {
    if (is_space(text_[at_]))
      take();
    else if (text_[at_] == '#')
      skip_comment();
    else
      return;
  }
}

/// Up to the space, `;` or `{` that ends the word; that character stays.
bool Lexer::read_plain(std::size_t start) {
  bool variable = text_[start] == '$';
  if (take() == '\\' && !ended()) take();
  while (!ended()) {
    const char c = text_[at_];
    const bool brace_of_variable = c == '{' && variable;
    variable = c == '$';
    if (!brace_of_variable && (is_space(c) || c == ';' || c == '{')) {
      word_end_ = at_;
      return true;
    }
    take();
    if (c == '\\' && !ended()) take();
  }
  return false;
}

/// Up to the closing quote, which is taken. What follows it must be a space, `;`, `{` or `)`.
bool Lexer::read_quoted(char quote) {
  take();
  while (!ended()) {
    const char c = take();
    if (c == '\\' && !ended()) {
      take();
    } else if (c == quote) {
      word_end_ = at_ - 1;
      if (ended()) return true;
      const char next = text_[at_];
      if (is_space(next) || next == ';' || next == '{' || next == ')') return true;
      error_ = "unexpected \"" + util::shown(std::string_view{&next, 1}, 4) + "\"";
      return false;
    }
  }
  return false;
}

bool Lexer::read_word(std::vector<std::string>& words) {
  const char first = text_[at_];
  const bool quoted = first == '"' || first == '\'';
  const auto start = at_ + (quoted ? 1 : 0);
  const int line = line_;
  const bool whole = quoted ? read_quoted(first) : read_plain(start);
  if (!whole && error_.empty()) error_ = "unexpected end of file, expecting \";\" or \"}\"";
  if (whole && word_end_ - start >= most_word_bytes)
    error_ = "too long parameter \"" + util::shown(text_.substr(start, 10), 10) + "...\" started at line " +
             std::to_string(line);
  if (!error_.empty()) return false;
  words.push_back(unescaped(text_.substr(start, word_end_ - start)));
  return true;
}

Token Lexer::read_statement(std::vector<std::string>& words) {
  for (;;) {
    skip_space();
    if (ended()) return fail("unexpected end of file, expecting \";\" or \"}\"");
    const char c = text_[at_];
    if (c == '}') return fail("unexpected \"}\"");
    if (c == ';' || c == '{') {
      take();
      return c == ';' ? Token::statement : Token::block;
    }
    if (!read_word(words)) return Token::wrong;
  }
}

Token Lexer::next(std::vector<std::string>& words) {
  words.clear();
  error_.clear();
  skip_space();
  at_line_ = line_;
  at_column_ = column_;
  if (ended()) return Token::end;
  const char c = text_[at_];
  if (c == '}') {
    take();
    return Token::block_end;
  }
  if (c == ';' || c == '{') return fail(std::string{"unexpected \""} + c + "\"");
  return read_statement(words);
}

void Lexer::skip_lua_string(char quote) {
  while (!ended()) {
    const char c = take();
    if (c == quote || c == '\n') return;
    if (c == '\\' && !ended()) take();
  }
}

bool Lexer::skip_lua() {
  std::size_t depth = 1;
  while (!ended()) {
    const auto rest = text_.substr(at_);
    if (rest.starts_with("--") && !rest.starts_with("--[[")) {
      skip_comment();
    } else if (rest.starts_with("[[")) {
      while (!ended() && !text_.substr(at_).starts_with("]]")) take();
    } else {
      const char c = take();
      if (c == '"' || c == '\'') skip_lua_string(c);
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) return true;
    }
  }
  return false;
}

}  // namespace doctor::formats::nginx
