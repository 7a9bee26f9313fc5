#include "render/reading.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <sstream>
#include <utility>

#include "render/accepted.hpp"
#include "render/human_problem.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;

std::string number_of(int count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

std::string origin(const Evidence& evidence) {
  std::string from = evidence.source;
  if (!evidence.vantage.empty() && evidence.vantage != "host")
    from += (from.empty() ? "seen from " : ", seen from ") + evidence.vantage;
  return from;
}

std::string seconds(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", static_cast<double>(milliseconds) / 1000.0);
  return text.data();
}

std::vector<const Problem*> roots_that(const Report& report, bool are_ignored) {
  std::vector<const Problem*> found;
  for (const auto& problem : report.problems)
    if (problem.root && (problem.ignored || problem.known) == are_ignored) found.push_back(&problem);
  return found;
}

}  // namespace

std::vector<const Problem*> roots(const Report& report) {
  return roots_that(report, false);
}

std::vector<const Problem*> ignored(const Report& report) {
  return roots_that(report, true);
}

bool fails(const Problem& problem, const Style& style) {
  Report alone;
  alone.problems.push_back(problem);
  return diagnosis::exit_code(alone, style.fail_on, true) == 1;
}

std::string explained(const Report& report, const Problem& root) {
  Style plain;
  plain.utf8 = true;
  std::ostringstream text;
  print_explanation(Printer{plain, text}, report, root);
  return util::shown(root.title, std::string::npos) + "\n" +
         text.str().substr(0, text.str().find_last_not_of('\n') + 1);
}

std::vector<const Problem*> consequences(const Report& report, const Problem& root) {
  std::vector<const Problem*> found;
  for (const auto& other : report.problems) {
    const auto& causes = other.caused_by;
    if (other.ignored && !root.ignored) continue;
    if (std::find(causes.begin(), causes.end(), root.fingerprint) != causes.end()) found.push_back(&other);
  }
  return found;
}

bool is_explained(const Problem& problem) {
  return !problem.check.starts_with("plugin:");
}

const Problem* same_above(const Report& report, const Problem& problem) {
  for (const auto& other : report.problems) {
    if (&other == &problem) return nullptr;
    if (other.root && !other.ignored && !other.known && other.entry == problem.entry && other.cause == problem.cause)
      return &other;
  }
  return nullptr;
}

std::vector<Observations> observations(const std::vector<Evidence>& evidence) {
  std::vector<Observations> groups;
  const Evidence* before = nullptr;
  for (const auto& item : evidence) {
    if (before == nullptr || origin(*before) != origin(item)) groups.push_back({{}, origin(item)});
    if (!item.value.empty()) {
      groups.back().items.push_back(item);
      auto& name = groups.back().items.back().name;
      std::replace(name.begin(), name.end(), '_', ' ');
    }
    before = &item;
  }
  groups.erase(
      std::remove_if(groups.begin(), groups.end(), [](const Observations& group) { return group.items.empty(); }),
      groups.end());
  return groups;
}

std::string step_note(const diagnosis::FixStep& step) {
  std::vector<std::string> notes;
  if (step.where == "container") notes.emplace_back("inside the container");
  if (step.where == "postgres") notes.emplace_back("in psql");
  if (step.where == "client") notes.emplace_back("on the client");
  if (!step.risk.empty() && step.risk != "safe") notes.push_back(step.risk);
  return util::join(notes, ", ");
}

std::vector<Reason> reasons(const std::vector<diagnosis::Unexamined>& items) {
  std::vector<Reason> found;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& item : items)
    if (seen.emplace(item.subject, item.reason).second) found.push_back({item.subject, item.reason});
  return found;
}

std::string verdict(const Report& report) {
  if (has_counting(report)) return {};
  const std::string scope = report.unexamined.empty() ? "" : " in what could be examined";
  return (report.problems.empty() ? "No fault found" : "No new fault found") + scope + ".";
}

std::string findings_line(const Report& report) {
  const auto counts = diagnosis::count(report);
  std::string text = number_of(counts.error, "error", "errors");
  if (counts.consequences > 0)
    text += " and " + std::to_string(counts.consequences) + " that follow" + (counts.consequences == 1 ? "s" : "");
  text += ", " + number_of(counts.warning, "warning", "warnings");
  if (counts.info > 0) text += ", " + number_of(counts.info, "note", "notes");
  if (counts.known > 0) text += ", " + std::to_string(counts.known) + " in the baseline";
  if (counts.ignored > 0) text += ", " + std::to_string(counts.ignored) + " ignored";
  return text;
}

std::string checks_line(const Report& report) {
  const auto counts = diagnosis::count(report);
  std::string text = "checks: " + std::to_string(counts.passed) + " passed";
  if (counts.skipped > 0) text += ", " + std::to_string(counts.skipped) + " skipped";
  if (counts.unexamined > 0) text += "; " + std::to_string(counts.unexamined) + " not examined";
  return text + " in " + seconds(report.took_ms);
}

std::string took(std::int64_t milliseconds) {
  return milliseconds < 100 ? std::to_string(milliseconds) + " ms" : seconds(milliseconds);
}

std::string recording_line(const Report& report) {
  if (!report.recording) return {};
  const auto& recording = *report.recording;
  std::string text = "From the bundle " + recording.file;
  if (!recording.label.empty()) text += " (" + recording.label + ")";
  if (!recording.version.empty()) text += ", made by doctor " + recording.version;
  return text + ".";
}

}  // namespace doctor::render
