#include "deployment/interpolation.hpp"

#include <algorithm>
#include <set>

namespace doctor::deployment {
namespace {

constexpr int deepest_nesting = 100;
constexpr std::size_t most_uses = 1'000;

bool starts_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool continues_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

std::string_view name_at(std::string_view text, std::size_t start) {
  if (start >= text.size() || !starts_name(text[start])) return {};
  std::size_t end = start + 1;
  while (end < text.size() && continues_name(text[end])) ++end;
  return text.substr(start, end - start);
}

/// The operator at `start`, or "".
std::string_view operation_at(std::string_view text, std::size_t start) {
  const std::size_t colon = start < text.size() && text[start] == ':' ? 1 : 0;
  if (start + colon >= text.size()) return {};
  const char c = text[start + colon];
  return c == '-' || c == '+' || c == '?' ? text.substr(start, colon + 1) : std::string_view{};
}

/// Where the brace that opens `text` (at index 1) is closed. Docker Compose does not look at the character behind an
/// opening brace; this reader follows it.
std::size_t closing_brace(std::string_view text) {
  int open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}' && --open == 0) return i;
    if (text[i] == '{') {
      ++open;
      ++i;
    }
  }
  return std::string_view::npos;
}

/// The last closing brace of each line, looked up once a line.
class LastBraces {
 public:
  explicit LastBraces(std::string_view text) : text_{text} {}

  /// npos: no brace between `from` and the end of its line.
  std::size_t behind(std::size_t from) {
    if (from >= end_) {
      end_ = std::min(text_.find('\n', from), text_.size());
      brace_ = text_.substr(from, end_ - from).rfind('}');
      if (brace_ != std::string_view::npos) brace_ += from;
    }
    return brace_ == std::string_view::npos || brace_ < from ? std::string_view::npos : brace_;
  }

 private:
  std::string_view text_;
  std::size_t end_ = 0;
  std::size_t brace_ = std::string_view::npos;
};

/// `${A:?...}` messages with values left out: nested expressions keep their names only.
std::string message_as_written(std::string_view text) {
  std::string message;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t open = i + 1 < text.size() && text[i] == '$' && text[i + 1] == '{' ? 2 : 0;
    const auto name = open != 0 ? name_at(text, i + 2) : std::string_view{};
    if (name.empty()) {
      message += text[i++];
      continue;
    }
    message.append("${").append(name).append("}");
    const auto close = closing_brace(text.substr(i));
    i = close == std::string_view::npos ? text.size() : i + close + 1;
  }
  return message;
}

class Interpolator {
 public:
  Interpolator(const VariableLookup& lookup, std::size_t most) : lookup_{lookup}, most_{most} {}

  Interpolated result;

  void run(std::string_view text, std::string& out, int depth) {
    LastBraces braces{text};
    std::size_t position = 0;
    while (position < text.size() && !stopped_) {
      const auto dollar = std::min(text.find('$', position), text.size());
      append(out, text.substr(position, dollar - position));
      if (dollar == text.size()) return;
      position = expression(text, dollar, braces, out, depth);
    }
  }

 private:
  void fail(InterpolationError::Kind kind, std::string_view variable = {}, std::string message = {}) {
    if (!result.error) result.error = InterpolationError{kind, std::string{variable}, std::move(message)};
    if (kind == InterpolationError::Kind::too_deep || kind == InterpolationError::Kind::too_long) stopped_ = true;
  }

  void append(std::string& out, std::string_view text) {
    if (out.size() + text.size() > most_) return fail(InterpolationError::Kind::too_long);
    out.append(text);
  }

  /// Reads the expression at `dollar` and returns the position behind it.
  std::size_t expression(std::string_view text, std::size_t dollar, LastBraces& braces, std::string& out, int depth) {
    const char next = dollar + 1 < text.size() ? text[dollar + 1] : '\0';
    if (next == '$') {
      append(out, "$");
      return dollar + 2;
    }
    if (next == '{') return braced(text, dollar, braces, out, depth);
    const auto name = name_at(text, dollar + 1);
    if (name.empty()) {
      append(out, "$");
      return dollar + 1;
    }
    plain(name, out);
    return dollar + 1 + name.size();
  }

  const std::string* use(std::string_view name, std::string_view operation) {
    const std::string* value = lookup_(std::string{name});
    if (result.uses.size() < most_uses)
      result.uses.push_back({std::string{name}, std::string{operation}, value != nullptr, false});
    return value;
  }

  void plain(std::string_view name, std::string& out) {
    if (const std::string* value = use(name, "")) append(out, *value);
  }

  std::size_t malformed(std::size_t dollar, std::string& out) {
    fail(InterpolationError::Kind::malformed);
    append(out, "${");
    return dollar + 2;
  }

  std::size_t braced(std::string_view text, std::size_t dollar, LastBraces& braces, std::string& out, int depth) {
    const auto name = name_at(text, dollar + 2);
    if (name.empty()) return malformed(dollar, out);
    const std::size_t behind = dollar + 2 + name.size();
    if (behind < text.size() && text[behind] == '}') {
      plain(name, out);
      return behind + 1;
    }
    const auto operation = operation_at(text, behind);
    if (operation.empty()) return malformed(dollar, out);
    const std::size_t start = behind + operation.size();
    const std::size_t last = braces.behind(start);
    if (last == std::string_view::npos) return malformed(dollar, out);
    const std::size_t close = closing_brace(text.substr(dollar, last - dollar + 1));
    const std::size_t end = close == std::string_view::npos ? last : dollar + close;
    operate(name, operation, text.substr(start, end - start), out, depth);
    return end + 1;
  }

  /// The operand is evaluated even when it is not taken, as in Docker Compose: an error in it counts.
  void operate(std::string_view name, std::string_view operation, std::string_view operand, std::string& out,
               int depth) {
    if (depth >= deepest_nesting) return fail(InterpolationError::Kind::too_deep);
    const std::size_t index = result.uses.size();
    const std::string* value = use(name, operation);
    std::string evaluated;
    run(operand, evaluated, depth + 1);
    const bool counts = value != nullptr && (operation.size() == 1 || !value->empty());
    const char kind = operation.back();
    if (kind == '?' && !counts) {
      return fail(InterpolationError::Kind::required, name, message_as_written(operand));
    }
    if (kind == '-' && !counts && index < result.uses.size()) result.uses[index].defaulted = true;
    const bool take_operand = kind == '-' ? !counts : kind == '+' && counts;
    if (take_operand) return append(out, evaluated);
    if (value != nullptr) append(out, *value);
  }

  const VariableLookup& lookup_;
  std::size_t most_;
  bool stopped_ = false;
};

}  // namespace

Interpolated interpolate(std::string_view text, const VariableLookup& lookup, std::size_t most) {
  Interpolator interpolator{lookup, most};
  std::string out;
  interpolator.run(text, out, 0);
  interpolator.result.text = std::move(out);
  return std::move(interpolator.result);
}

std::string_view reason(InterpolationError::Kind kind) {
  switch (kind) {
    case InterpolationError::Kind::malformed:
      return "a ${...} expression is malformed; a dollar sign that is meant as such is written $$";
    case InterpolationError::Kind::required:
      return "a required variable has no value";
    case InterpolationError::Kind::too_deep:
      return "expressions are nested more than 100 levels deep";
    case InterpolationError::Kind::too_long:
      return "a value is too long after expansion";
  }
  return {};
}

std::vector<std::string> variable_names(const std::vector<InterpolationUse>& uses) {
  std::vector<std::string> names;
  std::set<std::string_view> known;
  for (const auto& use : uses) {
    if (known.insert(use.name).second) names.push_back(use.name);
  }
  return names;
}

}  // namespace doctor::deployment
