#include "cli/what_if.hpp"

#include <ostream>
#include <utility>

#include "cli/target.hpp"
#include "deployment/what_if.hpp"
#include "diagnosis/what_if.hpp"
#include "probes/overridden.hpp"

namespace doctor::cli {
namespace {

probes::Overridden overridden(const std::vector<deployment::ChangedSetting>& changed) {
  probes::Overridden settings;
  for (const auto& setting : changed) (setting.is_known ? settings.known : settings.unknown).insert(setting.subject);
  return settings;
}

std::vector<diagnosis::WhatIf::Change> changes(const std::vector<deployment::ChangedSetting>& changed) {
  std::vector<diagnosis::WhatIf::Change> told;
  for (const auto& setting : changed)
    told.push_back({setting.subject, setting.by_flag, setting.is_known, setting.shown, setting.note});
  return told;
}

/// One that knows the new values: of the recorded secrets there is nothing to know.
redact::Redactor redactor_for_new(const Deployment& deployment,
                                  const std::vector<deployment::ChangedSetting>& changed) {
  Deployment part;
  part.services = deployment.services;
  part.data_sources = deployment.data_sources;
  part.redis = deployment.redis;
  for (const auto& setting : changed)
    if (const auto* found = setting.is_known ? deployment.setting(setting.subject) : nullptr)
      part.settings.push_back(*found);
  return redactor_for(part);
}

/// Keeps all that the probes need.
struct Tried {
  Tried(const Patient& recorded, deployment::WhatIf what_if)
      : before{recorded},
        deployment{std::make_shared<const Deployment>(std::move(what_if.deployment))},
        probes{*before.probes, deployment, overridden(what_if.changed)} {}

  Patient before;
  std::shared_ptr<const Deployment> deployment;
  probes::OverriddenProbes probes;
};

}  // namespace

std::optional<WhatIfRun> what_if(const CheckCommand& command, const Checks& checks, const Patient& recorded,
                                 const Instruments& instruments, Streams streams) {
  auto after = deployment::what_if(*recorded.deployment, command.target.set);
  if (!after) {
    streams.err << "doctor: " << after.error().message << '\n';
    return std::nullopt;
  }
  const auto told = changes(after->changed);
  auto redactor = redactor_for_new(after->deployment, after->changed);
  const auto tried = std::make_shared<Tried>(recorded, *std::move(after));
  const Instruments knowing{instruments.begin,     instruments.guides, redactor,
                            instruments.interrupt, instruments.log,    instruments.accepted};
  const auto before = examine(command, checks, recorded, instruments, streams.err);
  auto report =
      examine(command, checks, {{tried, tried->deployment.get()}, {tried, &tried->probes.probes()}, recorded.plugins},
              knowing, streams.err);
  return WhatIfRun{diagnosis::what_if(before, std::move(report), told), std::move(redactor)};
}

}  // namespace doctor::cli
