#include "deployment/match_processes.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

bool is_one_of(const std::vector<std::string>& values, const std::string& value) {
  return std::any_of(values.begin(), values.end(),
                     [&](const std::string& known) { return util::lower(known) == util::lower(value); });
}

/// What the application takes the value for: one that it does not know is as good as none.
bool fulfils(const ServiceRule& rule, std::string value) {
  const auto& condition = *rule.process.when;
  for (const auto& setting : rule.settings) {
    if (setting.name != condition.setting) continue;
    const bool unknown = !setting.allowed.empty() && !is_one_of(setting.allowed, value);
    if ((value.empty() || unknown) && !setting.fallback.empty()) value = setting.fallback;
  }
  return is_one_of(condition.is, value);
}

/// "dist/main.js" is found in "node dist/main.js" and in "node /opt/app/dist/main.js".
bool names(const std::string& word, const std::string& argument) {
  return word == argument || (argument.front() != '/' && word.ends_with("/" + argument));
}

}  // namespace

bool is_process_of(const ServiceRule& rule, const FoundProcess& process) {
  const auto& argument = rule.process.argument;
  const bool named = argument.empty() || std::any_of(process.arguments.begin(), process.arguments.end(),
                                                     [&](const std::string& word) { return names(word, argument); });
  if (!named || !rule.process.when) return named;
  if (!process.environment) return !rule.optional;
  const auto found = process.environment->find(rule.process.when->setting);
  return fulfils(rule, found == process.environment->end() ? "" : found->second);
}

bool is_expected(const ServiceRule& rule, const Dotenv& dotenv) {
  if (rule.process.exe.empty()) return false;
  const auto* entry = rule.process.when ? dotenv.find(rule.process.when->setting) : nullptr;
  if (entry == nullptr) return !rule.optional;
  return fulfils(rule, entry->value.value_or(""));
}

}  // namespace doctor::deployment
