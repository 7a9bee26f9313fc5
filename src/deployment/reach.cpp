#include "deployment/reach.hpp"

#include <algorithm>

namespace doctor::deployment {

Reach reach_of(const ServiceVariable* variable, const std::string& name, const std::string& env_file) {
  if (variable == nullptr) return Reach::not_passed;
  if (variable->kind == "pass-through") return Reach::passed;
  if (variable->kind == "env-file" && variable->place.file == env_file) return Reach::passed;
  const auto& names = variable->variables;
  return std::find(names.begin(), names.end(), name) != names.end() ? Reach::passed : Reach::pinned;
}

bool in_force(const ComposeProject& project, const VariableUse& use) {
  static constexpr std::string_view prefix = "services.";
  if (!use.path.starts_with(prefix)) return true;
  const auto rest = std::string_view{use.path}.substr(prefix.size());
  return std::none_of(project.services.begin(), project.services.end(), [&](const ComposeService& service) {
    const auto& name = service.service.name;
    const bool inside = rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == '.');
    return inside && !service.service.enabled;
  });
}

const VariableUse* first_use(const ComposeProject& project, const std::string& name) {
  for (const auto& use : project.uses)
    if (use.name == name && in_force(project, use)) return &use;
  return nullptr;
}

Reach reach_in_compose(const ComposeProject& project, const std::string& name) {
  if (project.services.empty()) return Reach::unknown;
  if (first_use(project, name) != nullptr) return Reach::passed;
  const bool used =
      std::any_of(project.uses.begin(), project.uses.end(), [&](const VariableUse& use) { return use.name == name; });
  return used ? Reach::unknown : Reach::not_passed;
}

}  // namespace doctor::deployment
