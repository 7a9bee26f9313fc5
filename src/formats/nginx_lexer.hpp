#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Words and braces of nginx's configuration language, as ngx_conf_read_token takes them.
namespace doctor::formats::nginx {

enum class Token { statement, block, block_end, end, wrong };

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_{text} {}

  /// Reads the next directive up to its `;` or `{`. `words` is empty only at a `}` or the end.
  Token next(std::vector<std::string>& words);

  /// Passes over a block of Lua whose `{` was just read. False: it does not end.
  bool skip_lua();

  int line() const { return line_; }           ///< of the last character read
  int start_line() const { return at_line_; }  ///< of the first word of the last token
  int start_column() const { return at_column_; }
  const std::string& error() const { return error_; }  ///< after Token::wrong, in nginx's words

 private:
  Token fail(std::string reason);
  Token read_statement(std::vector<std::string>& words);
  bool read_word(std::vector<std::string>& words);
  bool read_plain(std::size_t start);
  bool read_quoted(char quote);
  void skip_space();
  void skip_comment();
  void skip_lua_string(char quote);
  char take();
  bool ended() const { return at_ >= text_.size(); }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
  int at_line_ = 1;
  int at_column_ = 1;
  std::size_t word_end_ = 0;
  std::string error_;
};

}  // namespace doctor::formats::nginx
