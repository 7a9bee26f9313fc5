#include "doctor/condition.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  const auto wanted = util::lower(word);
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& candidate) { return util::lower(candidate) == wanted; });
}

const SettingRule* rule_of(const std::string& name, const Deployment& deployment, const std::string& service) {
  if (const auto* setting = deployment.setting(service, name)) return &setting->rule;
  const auto* found = deployment.service(service);
  if (found == nullptr) return nullptr;
  for (const auto& rule : found->rule.settings)
    if (rule.name == name) return &rule;
  return nullptr;
}

}  // namespace

std::optional<std::string> deciding_value(const SettingCondition& condition, const Deployment& deployment,
                                          const std::string& service) {
  const auto* rule = rule_of(condition.setting, deployment, service);
  const auto fallback = rule == nullptr ? std::string{} : rule->fallback;
  const auto* setting = deployment.setting(service, condition.setting);
  if (setting == nullptr || !setting->value()) return fallback;
  if (setting->value()->is_secret()) return std::nullopt;
  const auto& text = setting->value()->text();
  const bool unknown = !rule->allowed.empty() && !contains(rule->allowed, text);
  return unknown ? fallback : text;
}

std::optional<bool> holds(const SettingCondition& condition, const Deployment& deployment, const std::string& service) {
  const auto value = deciding_value(condition, deployment, service);
  if (!value) return std::nullopt;
  return contains(condition.is, *value);
}

}  // namespace doctor
