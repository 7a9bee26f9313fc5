#include "deployment/effect.hpp"

#include <algorithm>

#include "deployment/settings.hpp"

namespace doctor::deployment {
namespace {

/// A variable of doctor's shell wins over .env, as in Docker Compose.
bool taken_from_shell(const Setting& setting) {
  return std::any_of(setting.chain.begin(), setting.chain.end(), [&](const Hop& hop) {
    return hop.kind == "shell" && hop.where == "shell variable " + setting.name;
  });
}

constexpr int most_levels = 4;  // of values in .env that are built from one another

/// A value of .env that reaches a service is built from it.
bool is_part_of_passed(const Deployment& deployment, const std::string& name, int levels = most_levels) {
  const auto subject = "setting:" + std::string{compose_service} + "/" + name;
  return std::any_of(deployment.settings.begin(), deployment.settings.end(), [&](const Setting& setting) {
    const auto& parts = setting.built_from;
    if (setting.name == name || std::find(parts.begin(), parts.end(), subject) == parts.end()) return false;
    if (setting.reach == Reach::passed) return !taken_from_shell(setting);
    return levels > 0 && setting.service == compose_service && is_part_of_passed(deployment, setting.name, levels - 1);
  });
}

Effect stopped(std::string why, Place pinned = {}) {
  return {false, std::move(why), std::move(pinned)};
}

}  // namespace

Effect edit_effect(const Deployment& deployment, const std::string& name) {
  const bool cluster = deployment.compose_file.empty() && !deployment.manifests.empty();
  if (deployment.compose_file.empty() && !cluster) return {true, "", {}};
  if (is_part_of_passed(deployment, name)) return {true, "", {}};
  Effect worst = stopped(cluster ? "the pods get " + name + " from the manifests"
                                 : deployment.compose_file + " does not use " + name);
  for (const auto& setting : deployment.settings) {
    if (setting.name != name) continue;
    if (setting.reach == Reach::unknown) return {true, "", {}};
    if (setting.reach == Reach::passed && !taken_from_shell(setting)) return {true, "", {}};
    if (setting.reach == Reach::passed)
      worst = stopped("the shell exports " + name + ", which wins over " + deployment.env_file);
    else if (setting.reach == Reach::pinned && setting.passed_at)
      worst = stopped(
          setting.passed_at->text() + " sets " + name + (cluster ? "" : " without looking at " + deployment.env_file),
          *setting.passed_at);
  }
  return worst;
}

}  // namespace doctor::deployment
