#include <algorithm>

#include "bundle/collect_texts.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::string_view blanks = " \t\v\f\r";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '[' || c == ']';
  });
}

/// "NAME=VALUE" taken apart; the parts together are the text.
struct Statement {
  std::string_view head;   ///< blanks, "export ", name and separator, and the blanks behind it
  std::string_view name;   ///< empty: it is no statement
  std::string_view value;  ///< with its quotes
};

Statement statement_at(std::string_view text) {
  auto rest = without_blanks(text);
  constexpr std::string_view word = "export";
  if (rest.starts_with(word) && rest.size() > word.size() && blanks.find(rest[word.size()]) != std::string_view::npos)
    rest = without_blanks(rest.substr(word.size()));
  const auto end = rest.find_first_of("=:\n");
  if (end == std::string_view::npos || rest[end] == '\n') return {};
  const auto named = rest.substr(0, end);
  const auto name = named.substr(0, named.find_last_not_of(blanks) + 1);
  if (!is_name(name)) return {};
  const auto value = without_blanks(rest.substr(end + 1));
  return {text.substr(0, text.size() - value.size()), name, value};
}

/// The length of a quoted value with its quotes; 0: the quote is not closed.
std::size_t quoted_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == text.front())
      return i + 1;
  }
  return 0;
}

class Rewriter {
 public:
  Rewriter(std::string_view text, const Values& values) : rest_{text}, values_{values} {}

  std::string run() {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (rest_.starts_with(mark)) take(mark.size());
    while (!rest_.empty()) line();
    return std::move(out_);
  }

 private:
  void take(std::size_t count) {
    out_ += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  std::string_view current() const { return rest_.substr(0, std::min(rest_.find('\n'), rest_.size())); }

  void end_line() {
    if (!rest_.empty()) take(1);
  }

  void line() {
    const auto text = without_blanks(current());
    if (text.empty())
      take(current().size());
    else if (text.starts_with('#'))
      comment();
    else if (const auto statement = statement_at(rest_); !statement.name.empty())
      assign(statement);
    else
      odd(text);
    end_line();
  }

  /// A setting that was commented out still has its value.
  void comment() {
    const auto text = current();
    const auto begin = std::min(text.find_first_not_of("# \t"), text.size());
    const auto statement = statement_at(text.substr(begin));
    const bool setting = !statement.name.empty() && statement.head.find('=') != std::string_view::npos;
    out_ += text.substr(0, begin);
    if (setting)
      out_.append(statement.head).append(shown(statement.name, plain_part(statement.value)));
    else
      out_ += text.substr(begin);
    rest_.remove_prefix(text.size());
  }

  /// A bare name, which takes the shell's value, or what nobody can read.
  void odd(std::string_view text) {
    const std::string name{text.substr(0, text.find_last_not_of(blanks) + 1)};
    out_ += values_.knows(name) ? std::string{current()} : Values::marker("line");
    rest_.remove_prefix(current().size());
  }

  void assign(const Statement& statement) {
    out_ += statement.head;
    rest_.remove_prefix(statement.head.size());
    const auto value = rest_;
    if (value.empty() || value.front() == '\n') return;
    if (value.front() == '"' || value.front() == '\'') return quoted(std::string{statement.name});
    const auto text = current();
    const auto plain = plain_part(text);
    out_.append(shown(statement.name, plain)).append(text.substr(plain.size()));
    rest_.remove_prefix(text.size());
  }

  /// An unquoted value without the comment behind it.
  static std::string_view plain_part(std::string_view text) {
    text = text.substr(0, text.find(" #"));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
  }

  void quoted(const std::string& name) {
    const auto length = quoted_length(rest_);
    if (length == 0) {  // Docker Compose refuses the file; nobody knows where the value ends
      out_.append(rest_.substr(0, 1)).append(Values::marker(name));
      rest_.remove_prefix(current().size());
      return;
    }
    const auto value = rest_.substr(1, length - 2);
    const std::string quote{rest_.front()};
    auto visible = shown(name, value);
    if (visible != value) visible.append(static_cast<std::size_t>(std::count(value.begin(), value.end(), '\n')), '\n');
    out_ += quote + visible + quote;
    rest_.remove_prefix(length);
    behind_quote();
  }

  /// Docker Compose reads a further statement there; everybody else a comment at most.
  void behind_quote() {
    const auto text = without_blanks(current());
    if (text.empty() || text.starts_with('#')) return take(current().size());
    out_ += " " + Values::marker("line");
    rest_.remove_prefix(current().size());
  }

  std::string shown(std::string_view name, std::string_view value) const {
    return values_.shown(std::string{name}, std::string{value});
  }

  std::string_view rest_;
  const Values& values_;
  std::string out_;
};

}  // namespace

std::string shown_env_file(std::string_view text, const Values& values) {
  return Rewriter{text, values}.run();
}

}  // namespace doctor::bundle
