#include "checks/compose/build.hpp"

#include <set>
#include <utility>

#include "doctor/codes/compose.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::compose_build {
namespace {

constexpr std::size_t most_sources = 200;  ///< of one Dockerfile that are looked for

BuildFacts look_at(const Service& service, const Context& context) {
  BuildFacts facts{service.name,
                   context.deployment.shown_path(service.dockerfile),
                   context.ask(TextQuestion{service.dockerfile}),
                   {},
                   {},
                   {}};
  if (!facts.text) return facts;
  facts.read = formats::read_dockerfile(facts.text->text, facts.dockerfile);
  std::set<std::string> asked;
  for (const auto& source : facts.read.sources) {
    if (asked.size() >= most_sources || !asked.insert(source.path).second) continue;
    const auto path = (service.build == "/" ? std::string{} : service.build) + "/" + source.path;
    const auto state = context.ask(FileQuestion{path});
    if (!state)
      facts.failures.push_back(formats::describe(state.error()));
    else if (state->kind == "missing")
      facts.missing.push_back(source);
  }
  return facts;
}

std::string names_of(const std::vector<formats::DockerfileSource>& sources) {
  constexpr std::size_t most = 5;
  std::vector<std::string> names;
  for (const auto& source : sources)
    if (names.size() < most) names.push_back(formats::shown(source.path, 80));
  const auto more = sources.size() - names.size();
  return formats::join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

}  // namespace

std::vector<BuildFacts> observe(const Context& context) {
  std::vector<BuildFacts> facts;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& service : context.deployment.services) {
    if (!service.enabled || service.container || service.process || service.dockerfile.empty()) continue;
    if (seen.emplace(service.build, service.dockerfile).second) facts.push_back(look_at(service, context));
  }
  return facts;
}

void judge(const BuildFacts& facts, Judgement& out) {
  const auto subject = "file:" + facts.dockerfile;
  if (!facts.text) {
    const bool absent = facts.text.error().kind == FailureKind::not_found;
    auto& list = absent ? out.skipped : out.unexamined;
    return list.push_back(
        {subject, facts.dockerfile + (absent ? " is not there" : ": " + formats::describe(facts.text.error()))});
  }
  if (facts.read.refused)
    return out.unexamined.push_back({subject, facts.dockerfile + ": " + facts.read.refused->reason});
  if (!facts.failures.empty()) out.unexamined.push_back({subject, facts.failures.front()});
  if (facts.missing.empty()) return;
  const auto& first = facts.missing.front();
  const Place place{facts.dockerfile, first.line, 0};
  out.findings.emplace_back(codes::compose_build_source_missing, subject,
                            std::vector<Evidence>{{"service", facts.service, {}, {}},
                                                  {"dockerfile", facts.dockerfile, {}, {}},
                                                  {"source", names_of(facts.missing), place.text(), "host"},
                                                  {"line", std::to_string(first.line), facts.dockerfile, {}}});
}

}  // namespace doctor::checks::compose_build
