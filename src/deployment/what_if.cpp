#include "deployment/what_if.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "deployment/effect.hpp"
#include "deployment/interpolation.hpp"
#include "deployment/reconnect.hpp"
#include "deployment/settings.hpp"
#include "redact/secret_reader.hpp"

namespace doctor::deployment {
namespace {

constexpr std::size_t most_bytes = 64UL * 1024;  // of a value
constexpr int most_rounds = 8;                   // a value may be built from one that is built from another

class Changer {
 public:
  Changer(const Deployment& recorded, std::vector<Override> overrides)
      : recorded_{recorded}, overrides_{std::move(overrides)}, after_{recorded} {}

  WhatIf run() {
    for (const auto& change : overrides_) {
      apply_override(after_.settings, change, after_.services);
      for (auto& setting : after_.settings) {
        if (!is_meant(change, setting)) continue;
        if (recorded_.setting(setting.subject()) == nullptr)
          setting.running = setting.configured;  // nobody waits for it
        note_override(setting);
      }
    }
    for (int round = 0; round < most_rounds && follow(); ++round) {
    }
    reconnect(after_, recorded_);
    hide_unknown();
    auto changed = in_order();
    return {std::move(after_), std::move(changed)};
  }

 private:
  /// Of a name that nobody had, a setting was added.
  static bool is_meant(const Override& change, const Setting& setting) {
    return setting.name == change.name && (change.service.empty() || change.service == setting.service);
  }

  void note_override(Setting& setting) {
    // An edit where it has an effect is an edit of what is written there.
    if (setting.written && (setting.reach == Reach::passed || setting.reach == Reach::unknown))
      setting.written = setting.value();
    ChangedSetting changed;
    changed.subject = setting.subject();
    changed.shown = setting.value() ? setting.value()->shown() : std::string{};
    changed.note = note(setting);
    changed_[changed.subject] = std::move(changed);
  }

  std::string note(const Setting& setting) const {
    const auto* before = recorded_.setting(setting.subject());
    if (before == nullptr) return "nothing in this deployment is known to read it";
    if (is_same(*before, setting)) return "it has this value already";
    const auto& env_file = recorded_.env_file;
    if (setting.reach == Reach::pinned && setting.passed_at)
      return "editing " + env_file + " would have no effect: " + setting.passed_at->text() + " sets it";
    if (setting.reach == Reach::not_passed && !edit_effect(recorded_, setting.name).reaches)
      return "editing " + env_file + " would have no effect: " + recorded_.compose_file + " does not pass it on";
    const auto effect = edit_effect(recorded_, setting.name);
    return effect.reaches ? std::string{} : "editing " + env_file + " would have no effect: " + effect.instead;
  }

  static bool is_same(const Setting& before, const Setting& after) {
    const auto& one = before.value();
    const auto& other = after.value();
    return one && other && !one->is_secret() && !other->is_secret() && one->text() == other->text();
  }

  /// Whether a setting changed that was not known to.
  bool follow() {
    bool any = false;
    for (auto& setting : after_.settings) {
      if (changed_.count(setting.subject()) > 0 || !is_built_from_changed(setting)) continue;
      rebuild(setting);
      any = true;
    }
    return any;
  }

  bool is_built_from_changed(const Setting& setting) const {
    return std::any_of(setting.built_from.begin(), setting.built_from.end(),
                       [&](const std::string& subject) { return changed_.count(subject) > 0; });
  }

  void rebuild(Setting& setting) {
    ChangedSetting changed;
    changed.subject = setting.subject();
    changed.by_flag = false;
    if (const auto value = evaluated(setting)) {
      override_setting(setting, *value);
      changed.shown = setting.value()->shown();
    } else {
      changed.is_known = false;
    }
    changed_[changed.subject] = std::move(changed);
  }

  bool is_in_env_file(const Hop& hop) const { return hop.where.starts_with(recorded_.env_file + ":"); }

  /// The expression that the compose file has for it, else .env, when it is recorded whole.
  std::optional<std::string> expression(const Setting& setting) const {
    const bool of_compose = setting.service != compose_service;  // what that has there is a use of it
    const std::string* found = nullptr;
    for (const auto& hop : setting.chain) {
      const bool built = hop.kind == "interpolation" || hop.kind == "default" || hop.kind == "literal";
      if (built && (of_compose || is_in_env_file(hop)) && hop.expression.find('$') != std::string::npos)
        found = &hop.expression;
    }
    return found == nullptr ? std::nullopt : whole(*found);
  }

  /// What .env has for a variable that goes into `user`: "NAME=https://${DOMAIN}", or without the name for its own.
  std::optional<std::string> written_expression(const Setting& user, const std::string& name) const {
    for (const auto& hop : user.chain) {
      if (hop.kind != "interpolation" || !is_in_env_file(hop)) continue;
      if (hop.expression.starts_with(name + "=")) return whole(hop.expression.substr(name.size() + 1));
      const auto equals = hop.expression.find('=');
      const bool of_another = equals < hop.expression.find('$') && equals < hop.expression.find(':');
      if (name == user.name && !of_another) return whole(hop.expression);
    }
    return std::nullopt;
  }

  static std::optional<std::string> whole(const std::string& expression) {
    return expression.find("[redacted") == std::string::npos ? std::optional{expression} : std::nullopt;
  }

  std::optional<std::string> evaluated(const Setting& setting) const {
    const auto text = expression(setting);
    return text ? evaluated(setting, *text, most_rounds) : std::nullopt;
  }

  std::optional<std::string> evaluated(const Setting& setting, const std::string& text, int rounds) const {
    bool all_known = true;
    std::map<std::string, std::string> values;
    const auto lookup = [&](const std::string& name) -> const std::string* {
      const auto value = known(setting, name, rounds);
      if (!value) all_known = false;
      if (!value || !*value) return nullptr;
      return &(values[name] = **value);
    };
    const auto built = interpolate(text, lookup, most_bytes);
    if (!all_known || built.error) return std::nullopt;
    return built.text;
  }

  /// What a variable of an expression stands for: nothing when that is not known, an empty optional when it is not set.
  std::optional<std::optional<std::string>> known(const Setting& user, const std::string& name, int rounds) const {
    for (const auto* service : {compose_service, user.service.c_str()}) {
      const auto* setting = after_.setting(service, name);
      if (setting == nullptr || setting->subject() == user.subject()) continue;
      const auto changed = changed_.find(setting->subject());
      if (changed != changed_.end() && !changed->second.is_known) return std::nullopt;
      if (!setting->configured) return std::optional<std::string>{};
      if (setting->configured->is_secret() && changed == changed_.end()) return std::nullopt;
      return SecretReader::reveal(*setting->configured);
    }
    const auto written = rounds > 0 ? written_expression(user, name) : std::nullopt;
    auto value = written ? evaluated(user, *written, rounds - 1) : std::nullopt;
    return value ? std::optional{std::optional{*std::move(value)}} : std::nullopt;
  }

  /// What it was is wrong, and what it is nobody knows. Where it leads is still the best guess.
  void hide_unknown() {
    for (auto& setting : after_.settings) {
      const auto changed = changed_.find(setting.subject());
      if (changed == changed_.end() || changed->second.is_known) continue;
      for (auto* one : {&setting.configured, &setting.running, &setting.written})
        if (*one) *one = Value::secret("[redacted]");
    }
  }

  std::vector<ChangedSetting> in_order() {
    std::vector<ChangedSetting> ordered;
    for (const auto& setting : after_.settings)
      if (const auto found = changed_.find(setting.subject()); found != changed_.end())
        ordered.push_back(std::move(found->second));
    return ordered;
  }

  const Deployment& recorded_;
  std::vector<Override> overrides_;
  Deployment after_;
  std::map<std::string, ChangedSetting> changed_;
};

}  // namespace

Read<WhatIf> what_if(const Deployment& recorded, const std::vector<std::string>& overrides) {
  auto read = parse_overrides(overrides, recorded.services);
  if (!read) return tl::unexpected{read.error()};
  return Changer{recorded, std::move(*read)}.run();
}

}  // namespace doctor::deployment
