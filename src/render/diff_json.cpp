#include <ostream>

#include <nlohmann/json.hpp>

#include "render/diff.hpp"
#include "render/json_array.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

using Json = nlohmann::ordered_json;

Json side_json(const bundle::Side& side) {
  return {{"name", side.name},
          {"kind", side.kind},
          {"label", side.label},
          {"time", side.time},
          {"version", side.version},
          {"system", side.report.system},
          {"complete", side.report.complete}};
}

Json evidence_json(const bundle::EvidenceChange& change) {
  return {{"name", change.name}, {"before", change.before}, {"after", change.after}};
}

Json finding_json(const bundle::FindingChange& change) {
  const auto& problem = change.problem;
  return {{"code", problem.code},
          {"entry", problem.entry},
          {"severity", problem.severity},
          {"severity_before", change.before},
          {"check", problem.check},
          {"subject", problem.subject},
          {"fingerprint", problem.fingerprint},
          {"title", problem.title},
          {"root", problem.root},
          {"caused_by", problem.caused_by},
          {"reason", change.reason},
          {"evidence", array_of(change.evidence, evidence_json)}};
}

Json fact_json(const bundle::FactChange& change) {
  return {{"subject", change.subject},
          {"name", change.name},
          {"before", change.before.empty() ? Json{} : Json(change.before)},
          {"after", change.after.empty() ? Json{} : Json(change.after)},
          {"concerns", change.concerns}};
}

}  // namespace

void diff_json(const bundle::Side& before, const bundle::Side& after, const bundle::Diff& diff, int exit_code,
               std::ostream& out) {
  const Json document{
      {"schema", "doctor-diff/v1"},
      {"before", side_json(before)},
      {"after", side_json(after)},
      {"exit_code", exit_code},
      {"new", array_of(diff.failing, finding_json)},
      {"worse", array_of(diff.worse, finding_json)},
      {"better", array_of(diff.better, finding_json)},
      {"unchanged", array_of(diff.unchanged, finding_json)},
      {"resolved", array_of(diff.resolved, finding_json)},
      {"not_looked_at", array_of(diff.unknown, finding_json)},
      {"newly_unexamined",
       array_of(diff.unexamined,
                [](const diagnosis::Unexamined& item) {
                  return Json{{"subject", item.subject}, {"check", item.check}, {"reason", item.reason}};
                })},
      {"facts", array_of(diff.facts, fact_json)},
  };
  out << util::json_shown(document.dump(2, ' ', false, Json::error_handler_t::replace)) << '\n';
}

}  // namespace doctor::render
