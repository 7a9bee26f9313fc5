#include "cli/recorded.hpp"

#include <ctime>
#include <utility>

#include "probes/replayer_template.hpp"
#include "util/bounded_json.hpp"

namespace doctor::cli {
namespace {

constexpr std::size_t most_report = 16UL * 1024 * 1024;

/// A bundle and who answers from it.
struct Replay {
  explicit Replay(bundle::Opened bundle)
      : opened{std::move(bundle)},
        replaying{opened.tape, [this](const std::string& text) { return patterns.redact(text); }},
        list{opened.tape, [this](const std::string& text) { return patterns.redact(text); }},
        run{opened.tape, [this](const std::string& text) { return patterns.redact(text); }},
        plugins{list, run} {}

  bundle::Opened opened;
  redact::Redactor patterns;  ///< the secrets of the deployment are gone, and nobody knows them here
  probes::ReplayingProbes replaying;
  probes::Replayer<probes::PluginsQuestion> list;
  probes::Replayer<probes::PluginRunQuestion> run;
  plugins::Source plugins;
};

}  // namespace

std::optional<std::chrono::system_clock::time_point> moment(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

RecordedRun recorded_run(const bundle::Opened& opened) {
  RecordedRun run{moment(opened.manifest.created), std::nullopt};
  const auto report = util::bounded_json(opened.report, most_report);
  if (!report) return run;
  try {
    const auto& told = report->at("run");
    if (const auto started = moment(told.at("started").get<std::string>())) run.started = started;
    run.took_ms = told.at("duration_ms").get<std::int64_t>();
  } catch (const nlohmann::json::exception&) {
    return run;  // of another form: what is known stays
  }
  return run;
}

Patient patient_of(bundle::Opened opened) {
  const auto replay = std::make_shared<Replay>(std::move(opened));
  return {{replay, &replay->opened.deployment}, {replay, &replay->replaying.probes()}, {replay, &replay->plugins}};
}

}  // namespace doctor::cli
