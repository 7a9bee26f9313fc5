#include "redact/rules.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <re2/re2.h>

#include "redact/marker.hpp"

namespace doctor::redact {
namespace {

constexpr std::size_t most_expression = 1000;
constexpr std::int64_t most_memory = 4L * 1024 * 1024;
/// A longer line is looked at in parts that overlap.
constexpr std::size_t most_line = 64 * 1024;
constexpr std::size_t overlap = 4 * 1024;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);  // any byte may stand in a log
  options.set_max_mem(most_memory);
  return options;
}

}  // namespace

std::string problem_of(const Rule& rule) {
  if (rule.name.find(':') != std::string::npos || !is_marker_name(rule.name))
    return "its name must be of letters, digits and ._- only";
  if (rule.expression.empty()) return "its expression is empty";
  if (rule.expression.size() > most_expression) return "its expression is longer than 1000 characters";
  const RE2 compiled{rule.expression, options()};
  if (!compiled.ok()) return "its expression is not one of RE2: " + compiled.error();
  if (RE2::PartialMatch("", compiled)) return "its expression matches the empty text, and so everything";
  return {};
}

struct Rules::Compiled {
  std::unique_ptr<const RE2> expression;
  std::string name;

  void find(std::string_view text, std::size_t begin, std::size_t end, Spans& found) const {
    re2::StringPiece whole{text.data(), end};
    std::vector<re2::StringPiece> groups(expression->NumberOfCapturingGroups() > 0 ? 2 : 1);
    while (begin < end &&
           expression->Match(whole, begin, end, RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) {
      const auto& secret = groups.back().data() != nullptr && !groups.back().empty() ? groups.back() : groups.front();
      const auto at = static_cast<std::size_t>(secret.data() - text.data());
      if (!secret.empty()) found.push_back({at, at + secret.size(), name, false});
      const auto next = static_cast<std::size_t>(groups.front().data() - text.data()) + groups.front().size();
      begin = std::max(next, begin + 1);
    }
  }
};

Rules::Rules() = default;
Rules::~Rules() = default;
Rules::Rules(Rules&&) noexcept = default;
Rules& Rules::operator=(Rules&&) noexcept = default;

Rules::Rules(const std::vector<Rule>& rules) {
  for (const auto& rule : rules) {
    if (const auto problem = problem_of(rule); !problem.empty())
      throw std::logic_error("a rule cannot be used: " + problem);
    compiled_.push_back({std::make_unique<const RE2>(rule.expression, options()), rule.name});
  }
}

void Rules::find(std::string_view text, Spans& found) const {
  if (compiled_.empty()) return;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto line = std::min(text.find('\n', begin), text.size());
    for (auto part = begin; part < line; part += most_line - overlap) {
      const auto end = std::min(line, part + most_line);
      for (const auto& rule : compiled_) rule.find(text, part, end, found);
      if (end == line) break;
    }
    begin = line + 1;
  }
}

}  // namespace doctor::redact
