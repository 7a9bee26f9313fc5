#include "render/accepted.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;

std::string named(const Problem& problem) {
  return problem.title + " (" + problem.subject + ")";
}

std::string why(const diagnosis::Ignore& entry) {
  if (entry.file.empty()) return entry.source;
  return util::shown(entry.reason, 300) + ", until " + entry.expires;
}

std::string followers(const Report& report, const Problem& root) {
  const auto count = std::count_if(report.problems.begin(), report.problems.end(), [&](const Problem& other) {
    return other.ignored && !other.ignored_by &&
           std::find(other.caused_by.begin(), other.caused_by.end(), root.fingerprint) != other.caused_by.end();
  });
  if (count == 0) return {};
  return "; hides " + std::to_string(count) + (count == 1 ? " that follows" : " that follow");
}

}  // namespace

std::vector<std::string> ignored_lines(const Report& report) {
  std::vector<std::string> lines;
  for (const auto& problem : report.problems)
    if (problem.ignored && problem.ignored_by)
      lines.push_back(named(problem) + ": " + why(*problem.ignored_by) + followers(report, problem));
  return lines;
}

std::vector<std::string> known_lines(const Report& report) {
  std::vector<std::string> lines;
  for (const auto& problem : report.problems)
    if (problem.known && problem.root && !problem.ignored) lines.push_back(problem.severity + ": " + named(problem));
  return lines;
}

std::vector<std::string> resolved_lines(const Report& report) {
  std::vector<std::string> lines;
  if (!report.baseline) return lines;
  for (const auto& item : report.baseline->resolved) lines.push_back(item.title + " (" + item.subject + ")");
  return lines;
}

std::string not_ignored_note(const Problem& problem) {
  if (!problem.ignored_by || problem.ignored) return {};
  return "An entry asks to ignore this (" + problem.ignored_by->source +
         "), yet what follows from it is worse than the " + problem.severity_alone + " that it was written for.";
}

bool has_counting(const Report& report) {
  return std::any_of(report.problems.begin(), report.problems.end(),
                     [](const Problem& problem) { return problem.root && !problem.ignored && !problem.known; });
}

}  // namespace doctor::render
