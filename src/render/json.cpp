#include <ostream>

#include <nlohmann/json.hpp>

#include "render/json_array.hpp"
#include "render/render.hpp"
#include "util/text.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

/// Keys in the order of the contract, for people who read it.
using Json = nlohmann::ordered_json;

Json fix_json(const diagnosis::FixStep& step) {
  return {{"kind", step.kind},       {"text", step.text},           {"command", step.command},
          {"content", step.content}, {"file", step.file},           {"where", step.where},
          {"risk", step.risk},       {"effective", step.effective}, {"instead", step.instead}};
}

Json evidence_json(const Evidence& evidence) {
  return {
      {"name", evidence.name}, {"value", evidence.value}, {"source", evidence.source}, {"vantage", evidence.vantage}};
}

Json ignore_json(const diagnosis::Ignore& entry) {
  return {{"reason", entry.reason}, {"expires", entry.expires}, {"source", entry.source}};
}

Json problem_json(const diagnosis::Problem& problem) {
  Json object{{"code", problem.code},
              {"entry", problem.entry},
              {"severity", problem.severity},
              {"check", problem.check},
              {"subject", problem.subject},
              {"fingerprint", problem.fingerprint},
              {"title", problem.title},
              {"root", problem.root},
              {"caused_by", problem.caused_by},
              {"ignored", problem.ignored},
              {"symptom", problem.symptom},
              {"cause", problem.cause},
              {"fix", array_of(problem.fix, fix_json)},
              {"verify", problem.verify},
              {"evidence", array_of(problem.evidence, evidence_json)},
              {"baseline", problem.known}};
  if (problem.ignored_by) object["ignored_by"] = ignore_json(*problem.ignored_by);
  return object;
}

Json change_json(const diagnosis::Change& change) {
  return {{"entry", change.entry},
          {"subject", change.subject},
          {"title", change.title},
          {"after_ms", change.after_ms},
          {"times", change.times}};
}

Json examined_json(const diagnosis::Change& change) {
  return {
      {"check", change.entry}, {"subject", change.subject}, {"reason", change.title}, {"after_ms", change.after_ms}};
}

Json wait_json(const diagnosis::Waiting& waiting) {
  return {{"waited_ms", waiting.waited_ms},
          {"attempts", waiting.attempts},
          {"reached", waiting.reached},
          {"became_healthy", array_of(waiting.became_healthy, change_json)},
          {"flapping", array_of(waiting.flapping, change_json)},
          {"starting", array_of(waiting.starting, change_json)},
          {"became_examined", array_of(waiting.became_examined, examined_json)}};
}

Json timings_json(const diagnosis::Timings& timings) {
  const auto part = [](const diagnosis::Timings::Part& one) {
    return Json{{"name", one.name}, {"duration_ms", one.took_ms}};
  };
  const auto kind = [](const diagnosis::Timings::ProbeKind& one) {
    return Json{{"probe", one.probe},
                {"asked", one.asked},
                {"duration_ms", one.took_ms},
                {"longest_ms", one.longest_ms},
                {"slowest", one.slowest}};
  };
  return {{"parts", array_of(timings.parts, part)}, {"probes", array_of(timings.probes, kind)}};
}

Json recording_json(const diagnosis::Recording& recording) {
  return {{"file", recording.file}, {"version", recording.version}, {"label", recording.label}};
}

Json baseline_json(const diagnosis::BaselineResult& baseline) {
  const auto resolved = [](const diagnosis::Resolved& item) {
    return Json{
        {"entry", item.entry}, {"subject", item.subject}, {"fingerprint", item.fingerprint}, {"title", item.title}};
  };
  return {{"file", baseline.file}, {"started", baseline.started}, {"resolved", array_of(baseline.resolved, resolved)}};
}

Json not_looked_at_json(const diagnosis::Unexamined& item) {
  return {{"subject", item.subject}, {"check", item.check}, {"reason", item.reason}};
}

Json check_json(const diagnosis::CheckSummary& check) {
  return {{"id", check.id},
          {"status", check.status},
          {"reason", check.reason},
          {"duration_ms", check.took_ms},
          {"healthy", check.healthy}};
}

Json event_json(const diagnosis::Event& event) {
  auto time = util::timestamp(event.at);  // "2026-03-01 10:12:05 UTC" as RFC 3339 has it
  constexpr std::size_t between = 10;
  time[between] = 'T';
  return {{"time", time.substr(0, time.rfind(' ')) + "Z"},
          {"kind", event.kind},
          {"subject", event.subject},
          {"text", event.text},
          {"source", event.source},
          {"failure", event.failure},
          {"just_before", event.just_before}};
}

Json what_if_item_json(const diagnosis::WhatIf::Item& item) {
  return {
      {"entry", item.entry}, {"severity", item.severity}, {"subject", item.subject}, {"fingerprint", item.fingerprint},
      {"title", item.title}, {"root", item.root},         {"reason", item.reason}};
}

Json what_if_json(const diagnosis::WhatIf& what_if) {
  const auto change = [](const diagnosis::WhatIf::Change& item) {
    return Json{{"setting", item.setting},
                {"given", item.by_flag},
                {"known", item.is_known},
                {"value", item.value},
                {"note", item.note}};
  };
  return {{"changes", array_of(what_if.changes, change)},
          {"resolved", array_of(what_if.resolved, what_if_item_json)},
          {"expected_to_go", array_of(what_if.expected, what_if_item_json)},
          {"new", array_of(what_if.fresh, what_if_item_json)},
          {"remaining", array_of(what_if.remaining, what_if_item_json)},
          {"unknown", array_of(what_if.unknown, what_if_item_json)},
          {"unexamined", array_of(what_if.unexamined, not_looked_at_json)}};
}

Json summary_json(const diagnosis::Report& report, const Style& style) {
  const auto counts = diagnosis::count(report);
  return {{"error", counts.error},
          {"warning", counts.warning},
          {"info", counts.info},
          {"consequences", counts.consequences},
          {"passed", counts.passed},
          {"skipped", counts.skipped},
          {"unexamined", counts.unexamined},
          {"ignored", counts.ignored},
          {"baseline", counts.known},
          {"exit_code", diagnosis::exit_code(report, style.fail_on, style.allow_incomplete)}};
}

Json document_json(const diagnosis::Report& report, const Style& style) {
  Json document{
      {"schema", "doctor-report/v1"},
      {"tool", {{"name", "doctor"}, {"version", report.version}}},
      {"run", {{"started", report.started}, {"duration_ms", report.took_ms}, {"complete", report.complete}}},
      {"deployment", {{"system", report.system}, {"directory", report.directory}, {"sources", report.sources}}},
      {"summary", summary_json(report, style)},
      {"findings", array_of(report.problems, problem_json)},
      {"ruled_out", array_of(report.ruled_out,
                             [](const auto& item) {
                               return Json{{"subject", item.subject}, {"evidence", item.evidence}};
                             })},
      {"unexamined", array_of(report.unexamined, not_looked_at_json)},
      {"skipped", array_of(report.skipped, not_looked_at_json)},
      {"checks", array_of(report.checks, check_json)},
      {"timeline", array_of(report.timeline, event_json)},
  };
  if (report.recording) document["run"]["recording"] = recording_json(*report.recording);
  if (report.waiting) document["run"]["wait"] = wait_json(*report.waiting);
  if (report.timings) document["run"]["timings"] = timings_json(*report.timings);
  if (report.baseline) document["baseline"] = baseline_json(*report.baseline);
  if (report.what_if) document["what_if"] = what_if_json(*report.what_if);
  return document;
}

std::string dumped(const Json& document, int indent) {
  return util::json_shown(document.dump(indent, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

void json(const diagnosis::Report& report, const Style& style, std::ostream& out) {
  out << dumped(document_json(report, style), 2) << '\n';
}

void jsonl(const diagnosis::Report& report, const Style& style, std::ostream& out) {
  const auto document = document_json(report, style);
  const auto line = [&out](std::string_view type, const Json& object) {
    Json typed{{"type", type}};
    typed.update(object);
    out << dumped(typed, -1) << '\n';
  };
  Json run;
  for (const char* key : {"schema", "tool", "run", "deployment", "summary"}) run[key] = document.at(key);
  line("run", run);
  for (const auto& finding : document.at("findings")) line("finding", finding);
  for (const auto& item : document.at("unexamined")) line("unexamined", item);
}

}  // namespace doctor::render
