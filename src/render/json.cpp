#include <ostream>

#include <nlohmann/json.hpp>

#include "render/render.hpp"

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

template <class Items, class Convert>
Json array_of(const Items& items, Convert convert) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(convert(item));
  return array;
}

Json problem_json(const diagnosis::Problem& problem) {
  return {{"code", problem.code},
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
          {"evidence", array_of(problem.evidence, evidence_json)}};
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

Json summary_json(const diagnosis::Report& report, const Style& style) {
  const auto counts = diagnosis::count(report);
  return {{"error", counts.error},
          {"warning", counts.warning},
          {"info", counts.info},
          {"consequences", counts.consequences},
          {"passed", counts.passed},
          {"skipped", counts.skipped},
          {"unexamined", counts.unexamined},
          {"exit_code", diagnosis::exit_code(report, style.fail_on, style.allow_incomplete)}};
}

}  // namespace

void json(const diagnosis::Report& report, const Style& style, std::ostream& out) {
  const Json document{
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
  };
  out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace doctor::render
