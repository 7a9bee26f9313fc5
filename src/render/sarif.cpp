#include <algorithm>
#include <map>
#include <ostream>

#include <nlohmann/json.hpp>

#include "render/location.hpp"
#include "render/markdown_text.hpp"
#include "render/reading.hpp"
#include "render/waiting.hpp"
#include "util/text.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;
using Json = nlohmann::ordered_json;

/// Plain text of a message (SARIF 2.1.0, 3.11): braces are doubled, and no link begins in it.
std::string message(std::string_view text) {
  std::string out;
  for (const char c : util::shown_lines(text)) {
    if (c == '{' || c == '}') out += c;
    if (c == '(' && !out.empty() && out.back() == ']') out += ' ';
    out += c;
  }
  return out;
}

std::string level_of(const std::string& severity) {
  return severity == "info" ? "note" : severity == "warning" ? "warning" : "error";
}

/// The roots that count, those of the baseline, and those that are ignored.
std::vector<const Problem*> all_roots(const Report& report) {
  std::vector<const Problem*> all;
  for (const auto& problem : report.problems)
    if (problem.root) all.push_back(&problem);
  return all;
}

/// One for each entry, with the place of each in the list.
class Rules {
 public:
  explicit Rules(const std::vector<const Problem*>& problems) {
    for (const auto* problem : problems) {
      if (!index_.emplace(problem->entry, index_.size()).second) continue;
      rules_.push_back({{"id", problem->entry},
                        {"shortDescription", {{"text", message(problem->title)}}},
                        {"help", {{"text", message("doctor explain " + problem->entry)}}},
                        {"defaultConfiguration", {{"level", level_of(problem->severity)}}},
                        {"properties", {{"tags", {problem->check}}, {"code", problem->code}}}});
    }
  }

  std::size_t index_of(const Problem& problem) const { return index_.at(problem.entry); }
  const Json& list() const { return rules_; }

 private:
  std::map<std::string, std::size_t> index_;
  Json rules_ = Json::array();
};

Json location(const Report& report, const Problem& problem, const Style& style) {
  const auto place = location_of(report, problem, style);
  Json artifact{{"uri", (place.below ? "" : "file://") + uri_path(place.file)}};
  if (place.below) artifact["uriBaseId"] = "%SRCROOT%";
  Json physical{{"artifactLocation", artifact}};
  if (place.line > 0) physical["region"] = {{"startLine", place.line}};
  return {{"physicalLocation", physical},
          {"logicalLocations", Json::array({{{"fullyQualifiedName", problem.subject}}})}};
}

Json result(const Report& report, const Problem& problem, const Rules& rules, const Style& style) {
  Json object{{"ruleId", problem.entry},
              {"ruleIndex", rules.index_of(problem)},
              {"level", level_of(problem.severity)},
              {"message", {{"text", message(explained(report, problem))}}},
              {"locations", Json::array({location(report, problem, style)})},
              {"partialFingerprints", {{"doctorFinding/v1", problem.fingerprint}}},
              {"properties", {{"subject", problem.subject}, {"check", problem.check}}}};
  if (report.baseline) object["baselineState"] = problem.known ? "unchanged" : "new";
  if (problem.ignored)
    object["suppressions"] = Json::array(
        {{{"kind", "external"}, {"justification", problem.ignored_by ? problem.ignored_by->reason : std::string{}}}});
  return object;
}

Json invocation(const Report& report, const Style& style) {
  auto notifications = Json::array();
  for (const auto& item : report.unexamined)
    notifications.push_back({{"level", "warning"},
                             {"message", {{"text", message("not examined: " + item.subject + ": " + item.reason)}}},
                             {"properties", {{"check", item.check}}}});
  if (const auto waited = waiting_lines(report); !waited.empty())
    notifications.push_back(
        {{"level", "note"}, {"message", {{"text", message("waited " + util::join(waited, "\n"))}}}});
  return {{"executionSuccessful", report.complete && report.interrupted_by == 0},
          {"startTimeUtc", report.started},
          {"exitCode", diagnosis::exit_code(report, style.fail_on, style.allow_incomplete)},
          {"toolExecutionNotifications", notifications}};
}

}  // namespace

void sarif(const Report& report, const Style& style, std::ostream& out) {
  const auto problems = all_roots(report);
  const Rules rules{problems};
  auto results = Json::array();
  for (const auto* problem : problems) results.push_back(result(report, *problem, rules, style));
  Json run{{"tool", {{"driver", {{"name", "doctor"}, {"version", report.version}, {"rules", rules.list()}}}}},
           {"invocations", Json::array({invocation(report, style)})},
           {"originalUriBaseIds", {{"%SRCROOT%", {{"uri", "file://" + uri_path(root_of(report, style)) + "/"}}}}},
           {"columnKind", "utf16CodeUnits"},
           {"results", results}};
  const Json document{
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  out << util::json_shown(document.dump(2, ' ', false, Json::error_handler_t::replace)) << '\n';
}

}  // namespace doctor::render
