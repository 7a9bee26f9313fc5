#include <algorithm>
#include <map>

#include "deployment/compose.hpp"
#include "deployment/interpolation.hpp"
#include "util/text.hpp"

// The syntax is what Docker Compose v2 accepts, which is neither POSIX shell nor any published standard: statements may
// follow a closing quote on the same line, ':' separates as '=' does, and a bare NAME asks the shell.

namespace doctor::deployment {
namespace {

constexpr std::size_t most_bytes = 4'000'000;
constexpr std::size_t most_value = 64 * 1024;
constexpr std::size_t most_expanded = 1'000'000;
constexpr std::size_t most_problems = 100;
constexpr std::size_t most_entries = 50'000;

struct Rune {
  std::uint32_t code = 0xfffd;
  std::size_t size = 1;
};

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

Rune rune_at(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (size == 0 || at + size > text.size()) return {};
  std::uint32_t code = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(text, at + i) & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte_at(text, at + i) & 0x3fU);
  }
  return {code, size};
}

/// White space that does not end a line.
bool is_blank(std::uint32_t c) {
  return c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == ' ' || c == 0x85 || c == 0xa0;
}

bool is_space(std::uint32_t c) {
  return c == '\n' || is_blank(c) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
         c == 0x202f || c == 0x205f || c == 0x3000;
}

/// Letters and digits of any script, approximated by leaving out the blocks of punctuation and symbols.
bool is_foreign_letter(std::uint32_t c) {
  if (c < 0xc0) return c == 0xaa || c == 0xb2 || c == 0xb3 || c == 0xb5 || c == 0xb9 || c == 0xba || c >= 0xbc;
  const bool symbol = c == 0xbf || c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f) ||
                      (c >= 0x20a0 && c <= 0x20ff) || (c >= 0x2190 && c <= 0x245f) || (c >= 0x2500 && c <= 0x2bff) ||
                      (c >= 0x3000 && c <= 0x3020) || (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfe00 && c <= 0xfe6f) ||
                      (c >= 0xff00 && c <= 0xff0f) || (c >= 0xfff0 && c <= 0xffff) || (c >= 0x1f000 && c <= 0x1faff);
  return !symbol;
}

bool is_name_rune(std::uint32_t c) {
  if (c >= 0x80) return is_foreign_letter(c);
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' ||
         c == '-' || c == '[' || c == ']';
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (byte_at(text, start) & 0xc0U) == 0x80) --start;
    const Rune last = rune_at(text, start);
    if (start + last.size != text.size() || !is_space(last.code)) break;
    text.remove_suffix(last.size);
  }
  return text;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  out += static_cast<char>(0xc0U | (code >> 6U));
  out += static_cast<char>(0x80U | (code & 0x3fU));
}

/// Reads the digits behind "\0", at most three, and returns how many they are. Three octal digits are a character;
/// of anything else Docker Compose drops the zero and keeps the rest.
std::size_t octal_escape(std::string_view text, std::size_t at, std::string& out) {
  std::size_t count = 0;
  unsigned value = 0;
  bool octal = true;
  while (count < 3 && at + count < text.size() && text[at + count] >= '0' && text[at + count] <= '9') {
    const auto digit = static_cast<unsigned>(text[at + count] - '0');
    octal = octal && digit < 8;
    value = value * 8 + digit;
    ++count;
  }
  if (octal && count == 3 && value <= 255) {
    append_utf8(out, value);
  } else {
    out.append("\\").append(text.substr(at, count));
  }
  return count;
}

/// The escapes of a double-quoted value. "\$" becomes "$$", which interpolation turns into a dollar sign; what is not
/// an escape stays as it is.
std::string unescape(std::string_view text) {
  static constexpr std::string_view letters = "abfnrtv\\\"";
  static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    if (next == '$') {
      out += "$$";
    } else if (const auto known = letters.find(next); known != std::string_view::npos) {
      out += meanings[known];
    } else if (next == '0') {
      i += octal_escape(text, i + 1, out);
    } else {
      out += '\\';
      out += next;
    }
  }
  return out;
}

/// Line and column of an offset; asked in rising order.
class Positions {
 public:
  explicit Positions(std::string_view text) : text_{text} {}

  Place place(const std::string& file, std::size_t offset) {
    for (; at_ < offset && at_ < text_.size(); ++at_) {
      if (text_[at_] != '\n') continue;
      ++line_;
      start_ = at_ + 1;
    }
    return {file, line_, static_cast<int>(offset - start_) + 1};
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  int line_ = 1;
};

class DotenvParser {
 public:
  DotenvParser(std::string_view text, const Environment& shell, Dotenv& out)
      : text_{text}, shell_{shell}, out_{out}, positions_{text} {}

  void run() {
    while (next_statement() && !stopped_) statement();
    report_duplicates();
  }

 private:
  /// Moves to the next character that is neither white space nor part of a comment. False at the end.
  bool next_statement() {
    while (at_ < text_.size()) {
      const Rune rune = rune_at(text_, at_);
      if (rune.code == '#') {
        skip_line();
      } else if (is_space(rune.code)) {
        at_ += rune.size;
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(rune_at(text_, at_).code)) at_ += rune_at(text_, at_).size;
  }

  void skip_export() {
    static constexpr std::string_view word = "export";
    if (text_.substr(at_, word.size()) != word || at_ + word.size() >= text_.size()) return;
    const char next = text_[at_ + word.size()];
    if (next != ' ' && next != '\t' && next != '\n' && next != '\f' && next != '\r') return;
    at_ += word.size();
    skip_blanks();
  }

  void statement() {
    skip_export();
    const std::size_t start = at_;
    place_ = positions_.place(out_.file, start);
    const std::size_t end = name_end(start);
    if (end == text_.size()) {
      // Without a line end Docker Compose takes the word for the value of a nameless variable, and drops it.
      at_ = end;
      return;
    }
    const char separator = text_[end];
    if (separator != '=' && separator != ':' && separator != '\n') return broken("unexpected character in a name");
    const std::string_view name = trim_end(text_.substr(start, end - start));
    if (name.find(' ') != std::string_view::npos) return broken("a name holds a space");
    at_ = end + 1;
    skip_blanks();
    if (separator == '\n') return add({std::string{name}, std::nullopt, "", {}, place_});
    value(std::string{name});
  }

  /// The first character behind `start` that no name may hold, or the end of the text.
  std::size_t name_end(std::size_t start) const {
    std::size_t end = start;
    while (end < text_.size()) {
      const Rune rune = rune_at(text_, end);
      if (!is_blank(rune.code) && !is_name_rune(rune.code)) break;
      end += rune.size;
    }
    return end;
  }

  void value(std::string name) {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote == '"' || quote == '\'') return quoted(std::move(name), quote);
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view raw = text_.substr(at_, end - at_);
    raw = trim_end(raw.substr(0, raw.find(" #")));
    at_ = std::min(end + 1, text_.size());
    expand(std::move(name), raw, std::string{raw});
  }

  void quoted(std::string name, char quote) {
    std::string content;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\' && i + 1 < text_.size()) {
        ++i;
        if (text_[i] != quote) content += '\\';
        content += text_[i];
      } else if (text_[i] == quote) {
        const std::string_view raw = text_.substr(at_ + 1, i - at_ - 1);
        at_ = i + 1;
        if (quote == '"') return expand(std::move(name), raw, unescape(content));
        return add_value(std::move(name), raw, std::move(content), {});
      } else {
        content += text_[i];
      }
    }
    broken("a quote is not closed");
  }

  void expand(std::string name, std::string_view raw, const std::string& content) {
    if (content.size() > most_value) return add_value(std::move(name), raw, content, {});
    const VariableLookup lookup = [this](const std::string& variable) -> const std::string* {
      if (const auto found = shell_.find(variable); found != shell_.end()) return &found->second;
      const auto found = values_.find(variable);
      return found != values_.end() ? &found->second : nullptr;
    };
    Interpolated expanded = interpolate(content, lookup, most_value);
    if (expanded.error) problem("env-file-invalid", std::string{reason(expanded.error->kind)});
    add_value(std::move(name), raw, std::move(expanded.text), variable_names(expanded.uses));
  }

  void add_value(std::string name, std::string_view raw, std::string content, std::vector<std::string> variables) {
    if (raw.size() > most_value || content.size() > most_value) {
      problem("env-file-invalid", "a value is longer than 64 KB");
      return;
    }
    expanded_ += content.size();
    if (expanded_ > most_expanded) {
      problem("env-file-invalid", "the values are longer than 1 MB after expansion");
      stopped_ = true;
      return;
    }
    if (name.empty()) return;
    values_[name] = content;
    add({std::move(name), std::move(content), std::string{raw}, std::move(variables), place_});
  }

  void add(DotenvEntry entry) {
    if (entry.name.empty()) return;
    if (out_.entries.size() >= most_entries) {
      problem("env-file-invalid", "there are more than 50,000 variables");
      stopped_ = true;
      return;
    }
    out_.entries.push_back(std::move(entry));
  }

  void broken(std::string reason) {
    problem("env-file-invalid", std::move(reason));
    skip_line();
  }

  void problem(const std::string& code, std::string reason) {
    if (out_.problems.size() >= most_problems) return;
    out_.problems.push_back({code,
                             "file:" + out_.file,
                             place_,
                             {{"file", out_.file}, {"where", place_.text()}, {"reason", std::move(reason)}}});
  }

  void report_duplicates() {
    std::map<std::string, std::pair<const DotenvEntry*, const DotenvEntry*>> seen;
    for (const auto& entry : out_.entries) {
      const auto [found, fresh] = seen.try_emplace(entry.name, &entry, nullptr);
      if (!fresh) found->second.second = &entry;
    }
    for (const auto& [name, places] : seen) {
      if (places.second == nullptr || out_.problems.size() >= most_problems) continue;
      out_.problems.push_back({"env-key-duplicated",
                               "file:" + out_.file,
                               places.second->place,
                               {{"setting", name},
                                {"file", out_.file},
                                {"where", places.second->place.text()},
                                {"first", places.first->place.text()}}});
    }
  }

  std::string_view text_;
  const Environment& shell_;
  Dotenv& out_;
  Positions positions_;
  Environment values_;
  Place place_;
  std::size_t at_ = 0;
  std::size_t expanded_ = 0;
  bool stopped_ = false;
};

void whole_file_problem(Dotenv& dotenv, const std::string& code, std::map<std::string, std::string> evidence) {
  evidence["file"] = dotenv.file;
  dotenv.problems.push_back({code, "file:" + dotenv.file, {dotenv.file, 0, 0}, std::move(evidence)});
}

bool is_utf16(std::string_view text) {
  return text.substr(0, 2) == std::string_view{"\xff\xfe"} || text.substr(0, 2) == std::string_view{"\xfe\xff"};
}

}  // namespace

const DotenvEntry* Dotenv::find(const std::string& name) const {
  const auto found =
      std::find_if(entries.rbegin(), entries.rend(), [&](const DotenvEntry& entry) { return entry.name == name; });
  return found == entries.rend() ? nullptr : &*found;
}

Dotenv parse_dotenv(std::string_view text, const std::string& file, const Environment& shell) {
  Dotenv dotenv;
  dotenv.file = file;
  dotenv.exists = true;
  if (text.size() > most_bytes) {
    whole_file_problem(dotenv, "env-file-oversized",
                       {{"size", "more than " + util::bytes(most_bytes)}, {"limit", util::bytes(most_bytes)}});
    return dotenv;
  }
  if (is_utf16(text) || text.find('\0') != std::string_view::npos) {
    const char* reason = is_utf16(text) ? "the text is UTF-16; it must be UTF-8" : "there is a NUL character in it";
    whole_file_problem(dotenv, "env-file-not-text", {{"reason", reason}});
    return dotenv;
  }
  static constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  DotenvParser{text, shell, dotenv}.run();
  return dotenv;
}

}  // namespace doctor::deployment
