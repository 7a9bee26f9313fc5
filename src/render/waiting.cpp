#include "render/waiting.hpp"

#include <array>
#include <cstdio>

namespace doctor::render {
namespace {

std::string times(int count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

}  // namespace

std::string seconds_text(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", static_cast<double>(milliseconds) / 1000.0);
  return text.data();
}

std::string change_text(const diagnosis::Change& change) {
  return change.title.empty() ? change.subject : change.title + " (" + change.subject + ")";
}

std::vector<std::string> waiting_lines(const diagnosis::Report& report) {
  if (!report.waiting) return {};
  const auto& waiting = *report.waiting;
  std::vector<std::string> lines{seconds_text(waiting.waited_ms) + ", " + std::to_string(waiting.attempts) +
                                 (waiting.attempts == 1 ? " run" : " runs") +
                                 (waiting.reached ? "" : "; the limit came first")};
  if (report.interrupted_by != 0) lines.front() = seconds_text(waiting.waited_ms) + ", interrupted";
  for (const auto& change : waiting.became_healthy)
    lines.push_back("healthy after " + seconds_text(change.after_ms) + ": " + change_text(change));
  for (const auto& change : waiting.flapping)
    lines.push_back("flapping, came back " + times(change.times) + ": " + change_text(change));
  for (const auto& change : waiting.became_examined)
    lines.push_back("examined after " + seconds_text(change.after_ms) + ": " + change.subject +
                    ", at first not: " + change.title);
  for (const auto& change : waiting.starting) lines.push_back("never healthy: " + change_text(change));
  return lines;
}

}  // namespace doctor::render
