#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bundle/deployment_json.hpp"
#include "bundle/tape_redaction.hpp"
#include "probes/recorder.hpp"
#include "redact/secret_reader.hpp"
#include "support/catch.hpp"
#include "support/scenarios.hpp"

using namespace doctor;

namespace {

Judgement judged(const CheckInfo& check, const Deployment& deployment, Probes& probes) {
  const Context context{deployment, probes, Deadline::after(std::chrono::seconds{10}),
                        [](const std::string&) { return std::optional<std::string>{}; }};
  return check.run(context);
}

redact::Redactor redactor_for(const Deployment& deployment) {
  std::vector<redact::KnownSecret> known;
  for (const auto& setting : deployment.settings)
    for (const auto* value : {&setting.configured, &setting.running, &setting.written})
      if (*value && (*value)->is_secret()) known.push_back({setting.name, SecretReader::reveal(**value)});
  std::vector<std::string> ordinary;
  for (const auto& service : deployment.services) ordinary.push_back(service.name);
  return redact::Redactor{known, ordinary};
}

/// What a judgement says, as far as a bundle must say the same.
std::vector<std::string> said(const Judgement& judgement, const redact::Redactor& redactor) {
  std::vector<std::string> lines;
  for (const auto& finding : judgement.findings) {
    auto line = finding.code + " " + finding.entry + " " + finding.subject;
    for (const auto& item : finding.evidence)
      line += "; " + item.name + "=" + redactor.redact(item.value) + " from " + redactor.redact(item.source);
    lines.push_back(std::move(line));
  }
  for (const auto& item : judgement.unexamined)
    lines.push_back("unexamined " + item.subject + ": " + redactor.redact(item.reason));
  for (const auto& item : judgement.skipped)
    lines.push_back("skipped " + item.subject + ": " + redactor.redact(item.reason));
  for (const auto& item : judgement.healthy)
    lines.push_back("healthy " + item.subject + ": " + redactor.redact(item.figure));
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// A check of a world, and everything that it was told.
struct Recorded {
  Recorded(const CheckInfo& check, const test::Scenario& scenario) {
    scenario.arrange(world);
    auto live = world.fakes.probes();
    probes::RecordingProbes recording{live, tape};
    judgement = judged(check, world.deployment, recording.probes());
  }

  test::World world;
  probes::Tape tape;
  Judgement judgement;
};

/// What a bundle keeps of it, read again.
struct Reloaded {
  Reloaded(const Recorded& recorded, const redact::Redactor& redactor) {
    const auto document = bundle::to_json(recorded.world.deployment, redactor);
    const auto answers = bundle::redacted(recorded.tape, redactor).tape.to_json();
    CHECK(redactor.find_known(document).empty());
    CHECK(redactor.find_known(answers).empty());
    auto read = bundle::deployment_from_json(document);
    REQUIRE(read);
    deployment = *std::move(read);
    auto read_tape = probes::Tape::from_json(answers);
    REQUIRE(read_tape);
    tape.emplace(*std::move(read_tape));
  }

  Judgement judged_by(const CheckInfo& check) const {
    const redact::Redactor patterns;
    probes::ReplayingProbes replaying{*tape, [&](const std::string& text) { return patterns.redact(text); }};
    return judged(check, deployment, replaying.probes());
  }

  Deployment deployment;
  std::optional<probes::Tape> tape;
};

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& line : all) text += "\n  " + line;
  return text;
}

}  // namespace

TEST_CASE("what was recorded of any scenario and redacted is judged as it was", "[replay]") {
  for (const auto& set : test::scenario_sets()) {
    const auto& check = test::check_named(set.check);
    for (const auto& scenario : set.scenarios) {
      INFO(set.check << ": " << scenario.name);
      const Recorded recorded{check, scenario};
      const auto redactor = redactor_for(recorded.world.deployment);
      const auto now = said(recorded.judgement, redactor);
      const auto later = said(Reloaded{recorded, redactor}.judged_by(check), redactor);
      INFO("then:" << lines(now) << "\nfrom the bundle:" << lines(later));
      CHECK(now == later);
    }
  }
}

TEST_CASE("what is not in a bundle does not look like health", "[replay]") {
  const probes::Tape nothing;
  for (const auto& set : test::scenario_sets()) {
    const auto& check = test::check_named(set.check);
    for (const auto& scenario : set.scenarios) {
      INFO(set.check << ": " << scenario.name);
      const Recorded recorded{check, scenario};
      if (recorded.tape.size() == 0) continue;  // it judges the deployment alone
      probes::ReplayingProbes replaying{nothing};
      const auto judgement = judged(check, recorded.world.deployment, replaying.probes());
      CHECK(judgement.findings.size() + judgement.unexamined.size() + judgement.skipped.size() > 0);
    }
  }
}
