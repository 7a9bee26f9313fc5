#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "bundle/collect_texts.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr auto none = std::string_view::npos;

/// "  - KEY: value" taken apart.
struct Entry {
  std::size_t indent = 0;  ///< of the key
  std::string_view head;   ///< everything before the value
  std::string key;
  std::string_view value;  ///< without blanks at its ends
};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == none) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

std::string unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  return std::string{text};
}

/// Where a key begins: behind the dashes of sequences.
std::size_t key_begin(std::string_view line) {
  auto at = indent_of(line);
  while (line.substr(at).starts_with("- ")) at += 2 + indent_of(line.substr(at + 2));
  return at;
}

/// `KEY: value`, or `KEY=value` as an item of a sequence.
std::optional<Entry> entry_of(std::string_view line) {
  const auto begin = key_begin(line);
  const auto text = line.substr(begin);
  if (text.empty() || text.front() == '#') return std::nullopt;
  const bool item = begin > indent_of(line);
  auto end = text.find(':');
  while (end != none && end + 1 < text.size() && text[end + 1] != ' ' && text[end + 1] != '\t' && text[end + 1] != '\r')
    end = text.find(':', end + 1);
  const auto equals = text.find('=');
  if (item && equals != none && equals < end) end = equals;
  if (end == none) return std::nullopt;
  auto key = unquoted(text.substr(0, end));
  if (key.starts_with('"') || key.starts_with('\'')) key.erase(0, 1);  // - "KEY=value"
  const auto value = trimmed(text.substr(end + 1));
  const auto at = value.empty() ? line.size() : static_cast<std::size_t>(value.data() - line.data());
  return Entry{begin, line.substr(0, at), std::move(key), value};
}

/// Names as environments and charts have them. Others, such as secretKeyRef, name things.
bool is_variable(const std::string& key) {
  static constexpr std::array<std::string_view, 12> words{
      "password",      "passwd",    "token",       "apikey",        "api_key",       "secret_key",
      "client_secret", "secretkey", "private_key", "adminPassword", "redisPassword", "postgresPassword"};
  const bool upper = key.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos &&
                     key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
  return upper || std::find(words.begin(), words.end(), key) != words.end();
}

class YamlRewriter {
 public:
  YamlRewriter(std::string_view text, const Values& values) : text_{text}, values_{values} {}

  std::string run() {
    std::vector<std::string> lines = util::split(text_, '\n');
    for (std::size_t begin = 0; begin < lines.size();) {
      auto end = begin + 1;
      while (end < lines.size() && !lines[end].starts_with("---")) ++end;
      document(lines, begin, end);
      begin = end;
    }
    return util::join(lines, "\n");
  }

 private:
  void document(std::vector<std::string>& lines, std::size_t begin, std::size_t end) {
    const bool secret = std::any_of(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                                    lines.begin() + static_cast<std::ptrdiff_t>(end),
                                    [](const std::string& line) { return is_kind_secret(line); });
    hidden_.reset();
    data_.reset();
    for (auto i = begin; i < end; ++i) one(lines[i], secret);
  }

  static bool is_kind_secret(const std::string& line) {
    const auto entry = entry_of(line);
    return entry && entry->key == "kind" && unquoted(entry->value.substr(0, entry->value.find(" #"))) == "Secret";
  }

  void one(std::string& line, bool secret) {
    if (trimmed(line).empty()) return;
    const auto indent = indent_of(line);
    if (hidden_ && indent > hidden_->indent) {
      line = line.substr(0, indent) + Values::marker(hidden_->name) + carriage_return(line);
      return;
    }
    hidden_.reset();
    if (data_ && indent <= *data_) data_.reset();
    const auto entry = entry_of(line);
    if (!entry) return;
    if (secret && (entry->key == "data" || entry->key == "stringData") && entry->value.empty()) data_ = entry->indent;
    const bool in_data = data_ && entry->indent > *data_;
    if (!in_data && !(is_variable(entry->key) && values_.is_secret(entry->key))) return;
    replace(line, *entry, in_data);
  }

  static std::string carriage_return(std::string_view line) { return line.ends_with('\r') ? "\r" : ""; }

  /// A value may go on in the following lines, further in: a block, or a long scalar.
  void replace(std::string& line, const Entry& entry, bool in_data) {
    hidden_ = Hidden{entry.indent, entry.key};
    const auto value = entry.value;
    if (value.empty() || value.starts_with('|') || value.starts_with('>') || value.starts_with('#')) return;
    if (!in_data && value.starts_with('*') && value.find(' ') == none) return;  // an alias
    const auto end = value.back() == '"' || value.back() == '\'' ? value.substr(value.size() - 1) : "";
    const auto open = !end.empty() && value.size() > 1 && value.front() == end.front() ? end : "";
    const std::string bare{value.substr(open.size(), value.size() - open.size() - end.size())};
    const auto shown = in_data ? Values::marker(entry.key) : values_.shown(entry.key, bare);
    line = std::string{entry.head}.append(open).append(shown).append(end) + carriage_return(line);
  }

  struct Hidden {
    std::size_t indent = 0;
    std::string name;
  };

  std::string_view text_;
  const Values& values_;
  std::optional<Hidden> hidden_;     ///< lines further in belong to a secret value
  std::optional<std::size_t> data_;  ///< inside of the data of a Secret
};

}  // namespace

std::string shown_yaml(std::string_view text, const Values& values) {
  return YamlRewriter{text, values}.run();
}

}  // namespace doctor::bundle
