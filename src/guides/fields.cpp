#include "guides/fields.hpp"

#include <algorithm>
#include <charconv>

#include "util/text.hpp"

namespace doctor::guides::yaml {
namespace {

/// The text as a JSON string (RFC 8259, section 7). It is valid UTF-8.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view digits = "0123456789abcdef";
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 0xFU];
    } else {
      out += c;
    }
  }
  return out + '"';
}

template <class T>
bool parse(std::string_view text, T& value) {
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end;
}

bool is_json_number(std::string_view text) {
  std::int64_t whole = 0;
  double real = 0;
  const bool starts_well = !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
  const bool no_leading_zero = text.size() < 2 || text.front() != '0' || text[1] == '.';
  return starts_well && no_leading_zero && (parse(text, whole) || (parse(text, real) && text.back() != '.'));
}

std::string json_text(const Node& node) {
  if (node.kind == Node::Kind::null) return "null";
  if (!node.quoted && (node.text == "true" || node.text == "false" || is_json_number(node.text))) return node.text;
  return json_string(node.text);
}

std::string wanted_kind(Node::Kind kind) {
  Node example;
  example.kind = kind;
  return std::string{kind_name(example)};
}

}  // namespace

void Reader::problem(int line, int column, std::string message) {
  if (problems_.size() < most_problems) problems_.push_back({file_, line, column, std::move(message)});
}

void Reader::problem(const Node& node, std::string_view key, std::string message) {
  const auto* value = node.find(key);
  problem(value != nullptr ? *value : node, std::move(message));
}

void Reader::unknown_key(const Member& member, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), member.key) != known.end()) return;
  problem(member.line, member.column,
          "the key " + util::shown(member.key, 60) + " is not known here" + did_you_mean(member.key, known));
}

bool Reader::expect(const Node& node, Node::Kind kind, std::string_view what) {
  if (node.kind == kind) return true;
  problem(node, util::shown(what, 60) + " must be " + wanted_kind(kind) + ", and is " + std::string{kind_name(node)});
  return false;
}

void Reader::read(const Node& node, std::string_view what, bool& value) {
  if (!expect(node, Node::Kind::scalar, what)) return;
  if (node.text != "true" && node.text != "false")
    return problem(node, util::shown(what, 60) + " must be true or false");
  value = node.text == "true";
}

void Reader::read(const Node& node, std::string_view what, std::string& value) {
  if (expect(node, Node::Kind::scalar, what)) value = node.text;
}

void Reader::read(const Node& node, std::string_view what, std::chrono::milliseconds& value) {
  if (!expect(node, Node::Kind::scalar, what)) return;
  const auto unit_begins = std::min(node.text.find_first_not_of("0123456789"), node.text.size());
  const std::string unit = node.text.substr(unit_begins);
  const std::int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "m" ? 60'000 : 0;
  std::int64_t count = 0;
  if (factor == 0 || !parse(std::string_view{node.text}.substr(0, unit_begins), count) || count > 86'400'000 / factor)
    return problem(node, util::shown(what, 60) + " must be a duration of at most a day, such as 500ms, 8s or 2m");
  value = std::chrono::milliseconds{count * factor};
}

void Reader::read(const Node& node, std::string_view what, std::map<std::string, std::string>& values) {
  if (!expect(node, Node::Kind::mapping, what)) return;
  for (const auto& [pointer, line, column, value] : node.members) {
    if (!pointer.empty() && pointer.front() != '/')
      problem(line, column, util::shown(pointer, 60) + " is no JSON pointer: it begins with /");
    if (value.kind == Node::Kind::null || expect(value, Node::Kind::scalar, pointer))
      values[pointer] = json_text(value);
  }
}

void Reader::read(const Node& node, std::string_view what, std::map<std::string, std::vector<std::string>>& values) {
  if (!expect(node, Node::Kind::mapping, what)) return;
  for (const auto& member : node.members) read(member.value, member.key, values[member.key]);
}

void Reader::read(const Node& node, std::string_view what, FileOption& option) {
  if (node.kind == Node::Kind::sequence)
    read(node, what, option.values);
  else
    read(node, what, option.values.emplace_back());
}

std::int64_t Reader::integer(const Node& node, std::string_view what, std::int64_t least, std::int64_t most) {
  if (!expect(node, Node::Kind::scalar, what)) return std::max<std::int64_t>(least, 0);
  std::int64_t value = 0;
  if (!parse(std::string_view{node.text}, value) || value < least || value > most) {
    const bool is_open = most == std::numeric_limits<std::int64_t>::max();
    problem(node, util::shown(what, 60) + " must be a whole number" +
                      (is_open ? (least == 0 ? ", not negative" : "")
                               : " from " + std::to_string(least) + " to " + std::to_string(most)));
    return std::max<std::int64_t>(least, 0);
  }
  return value;
}

}  // namespace doctor::guides::yaml
