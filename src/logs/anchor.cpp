#include "logs/anchor.hpp"

#include "util/text.hpp"

namespace doctor::logs {
namespace {

/// Walks a pattern and gathers the literal runs outside of groups. Whatever it does not know ends a run or the search.
class Walker {
 public:
  explicit Walker(std::string_view pattern) : rest_{pattern} {}

  /// The longest run of each alternative; empty when one of them has none that is sure.
  std::vector<std::string> walk() {
    while (!rest_.empty())
      if (!step()) return {};
    if (!end_alternative()) return {};
    return found_;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void end_run() {
    if (run_.size() > longest_.size()) longest_ = run_;
    run_.clear();
  }

  bool end_alternative() {
    end_run();
    found_.push_back(longest_);
    longest_.clear();
    return !found_.back().empty();
  }

  bool step() {
    const char c = take();
    switch (c) {
      case '|':
        return end_alternative();
      case '(':
        end_run();
        return skip_group();
      case '[':
        end_run();
        return skip_class() && skip_quantifier();
      case '\\':
        return escape();
      case '.':
        end_run();
        return skip_quantifier();
      case '^':
      case '$':
        end_run();
        return true;
      case '*':
      case '+':
      case '?':
      case '{':
      case ')':
        return false;  // not where this grammar has them
      default:
        return literal(c);
    }
  }

  bool escape() {
    if (rest_.empty()) return false;
    const char c = take();
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_word) return literal(c);
    constexpr std::string_view classes = "dDsSwW";
    constexpr std::string_view places = "bBAz";
    end_run();
    if (places.find(c) != std::string_view::npos) return true;
    return classes.find(c) != std::string_view::npos && skip_quantifier();
  }

  bool literal(char c) {
    if (rest_.empty() || std::string_view{"*+?{"}.find(rest_.front()) == std::string_view::npos) {
      run_ += c;
      return true;
    }
    if (static_cast<unsigned char>(c) >= 0x80) return false;  // the quantifier holds for a character of several bytes
    const bool repeated = rest_.front() == '+';
    if (repeated) run_ += c;
    end_run();
    return skip_quantifier();
  }

  bool skip_quantifier() {
    if (rest_.starts_with('{')) {
      const auto end = rest_.find('}');
      if (end == std::string_view::npos) return false;
      rest_.remove_prefix(end + 1);
    } else if (!rest_.empty() && std::string_view{"*+?"}.find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    } else {
      return true;
    }
    if (rest_.starts_with('?')) rest_.remove_prefix(1);
    return true;
  }

  /// Behind "[".
  bool skip_class() {
    if (rest_.starts_with('^')) take();
    if (rest_.starts_with(']')) take();
    while (!rest_.empty()) {
      const char c = take();
      if (c == '\\' && !rest_.empty()) take();
      if (c == '[' && rest_.starts_with(':')) {
        const auto end = rest_.find(":]");
        if (end == std::string_view::npos) return false;
        rest_.remove_prefix(end + 2);
        continue;
      }
      if (c == ']') return true;
    }
    return false;
  }

  /// Behind "(": what is in a group may be repeated, optional or one of several.
  bool skip_group() {
    if (rest_.starts_with('?') && !rest_.starts_with("?P<") && !rest_.starts_with("?:")) return false;  // flags
    std::size_t depth = 1;
    while (!rest_.empty()) {
      const char c = take();
      if (c == '\\') {
        if (rest_.empty() || rest_.front() == 'Q') return false;
        take();
      } else if (c == '[') {
        if (!skip_class()) return false;
      } else if (c == '(') {
        if (rest_.starts_with('?') && !rest_.starts_with("?P<") && !rest_.starts_with("?:")) return false;
        ++depth;
      } else if (c == ')' && --depth == 0) {
        return skip_quantifier();
      }
    }
    return false;
  }

  std::string_view rest_;
  std::string run_;
  std::string longest_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> anchors_of(std::string_view pattern, std::size_t least) {
  auto anchors = Walker{pattern}.walk();
  for (auto& anchor : anchors) {
    if (anchor.size() < least) return {};
    anchor = util::lower(anchor);
  }
  return anchors;
}

}  // namespace doctor::logs
