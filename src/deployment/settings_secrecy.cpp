#include "deployment/settings_secrecy.hpp"

#include <algorithm>

#include "deployment/guess.hpp"
#include "deployment/settings_expression.hpp"

namespace doctor::deployment {
namespace {

/// A variable may be built from one that is built from another; real files stay far below this depth.
constexpr int most_rounds = 8;

class Secrecy {
 public:
  explicit Secrecy(const SettingSources& sources) : sources_{sources} {}

  std::set<std::string> find() {
    by_description();
    by_name_and_value();
    for (int round = 0; round < most_rounds; ++round) {
      const auto before = secrets_.size();
      by_flow();
      if (secrets_.size() == before) break;
    }
    return std::move(secrets_);
  }

 private:
  void learn(const SettingRule& rule) {
    if (is_secret(rule))
      secrets_.insert(rule.name);
    else
      open_.insert(rule.name);
  }

  void by_description() {
    for (const auto& rule : sources_.description->variables) learn(rule);
    for (const auto& service : sources_.description->services)
      for (const auto& rule : service.settings) learn(rule);
  }

  void judge(const std::string& name, const std::optional<std::string>& value) {
    const bool by_name = open_.count(name) == 0 && name_looks_secret(name);
    if (by_name || (value && value_looks_secret(*value))) secrets_.insert(name);
  }

  void by_name_and_value() {
    for (const auto& entry : sources_.dotenv->entries) judge(entry.name, entry.value);
    if (sources_.compose == nullptr) return;
    for (const auto& use : sources_.compose->uses) {
      const auto shell = sources_.shell->find(use.name);
      judge(use.name, shell == sources_.shell->end() ? std::nullopt : std::optional{shell->second});
    }
  }

  void by_flow() {
    for (const auto& entry : sources_.dotenv->entries) {
      const auto& used = entry.variables;
      if (std::any_of(used.begin(), used.end(), [&](const std::string& name) { return secrets_.count(name) > 0; }))
        secrets_.insert(entry.name);
      back(entry.expression, secrets_.count(entry.name) > 0);
    }
    if (sources_.compose == nullptr) return;
    for (const auto& service : sources_.compose->services)
      for (const auto& variable : service.environment)
        back(variable.expression, name_looks_secret(variable.name) || secrets_.count(variable.name) > 0);
  }

  void back(const std::string& expression, bool secret) {
    if (expression.find('$') == std::string::npos) return;
    for (auto& name : secret_references(expression, secret)) secrets_.insert(std::move(name));
  }

  const SettingSources& sources_;
  std::set<std::string> secrets_;
  std::set<std::string> open_;  ///< described as not secret
};

}  // namespace

std::set<std::string> secret_variables(const SettingSources& sources) {
  return Secrecy{sources}.find();
}

bool built_from_secret(const ServiceVariable& variable, const std::set<std::string>& secrets) {
  return std::any_of(variable.variables.begin(), variable.variables.end(),
                     [&](const std::string& name) { return secrets.count(name) > 0; });
}

}  // namespace doctor::deployment
