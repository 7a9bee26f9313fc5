#include "deployment/settings.hpp"

#include <algorithm>
#include <set>

#include "deployment/guess.hpp"
#include "deployment/reach.hpp"
#include "deployment/settings_chain.hpp"
#include "deployment/settings_secrecy.hpp"

namespace doctor::deployment {
namespace {

/// Of the variables that no description knows, no more than these of one service (and of the compose file, and of .env)
/// become settings: real deployments have tens.
constexpr int most_levels = 4;  // of values in .env that are built from one another
constexpr std::size_t most_undescribed = 1000;

/// The texts of a setting before it is known whether they are secret.
struct Texts {
  std::optional<std::string> configured;
  std::optional<std::string> running;
  std::optional<std::string> written;

  bool look_secret() const {
    const auto secret = [](const auto& text) { return text && value_looks_secret(*text); };
    return secret(configured) || secret(running) || secret(written);
  }
  std::string any() const { return running ? *running : configured ? *configured : written.value_or(""); }
};

std::optional<Value> value_of(const std::optional<std::string>& text, bool secret) {
  if (!text) return std::nullopt;
  return secret && !text->empty() ? Value::secret(*text) : Value::plain(*text);  // emptiness is no secret
}

void give_values(Setting& setting, const Texts& texts, bool secret) {
  setting.rule.secret = secret;
  setting.configured = value_of(texts.configured, secret);
  setting.running = value_of(texts.running, secret);
  setting.written = value_of(texts.written, secret);
}

std::optional<std::string> in(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::nullopt : std::optional{found->second};
}

class Builder {
 public:
  explicit Builder(const SettingSources& sources)
      : sources_{sources},
        secrets_{secret_variables(sources)},
        dotenv_{*sources.dotenv},
        chains_{sources_, dotenv_, secrets_} {}

  std::vector<Setting> build() {
    for (const auto& service : *sources_.services)
      if (service.enabled) add_service(service);
    add_compose_variables();
    add_unread_names();
    for (auto& setting : settings_) link(setting);
    return std::move(settings_);
  }

 private:
  const ComposeService* in_compose(const Service& service) const {
    if (sources_.compose == nullptr || service.process) return nullptr;
    for (const auto& candidate : sources_.compose->services)
      if (candidate.service.name == service.name) return &candidate;
    return nullptr;
  }

  const ServiceVariable* variable_of(const Service& service, const std::string& name) const {
    const auto* compose = in_compose(service);
    if (compose == nullptr) return nullptr;
    const ServiceVariable* last = nullptr;
    for (const auto& variable : compose->environment)
      if (variable.name == name) last = &variable;
    return last;
  }

  const RunningEnvironment* running_of(const std::string& service) const {
    const auto found = sources_.running.find(service);
    return found == sources_.running.end() ? nullptr : &found->second;
  }

  void add(Setting setting) {
    if (taken_.insert(setting.subject()).second) settings_.push_back(std::move(setting));
    names_.insert(settings_.back().name);
  }

  void add_service(const Service& service) {
    const bool compose = in_compose(service) != nullptr;
    for (const auto& rule : rules_in(service.rule.settings, compose ? "compose" : "process"))
      add(service_setting(service, rule, true));
    for (const auto& name : further_names(service)) {
      if (taken_.count("setting:" + service.name + "/" + name) > 0) continue;
      SettingRule rule;
      rule.name = name;
      add(service_setting(service, rule, false));
    }
  }

  /// The variables of a service that no description knows, sorted.
  std::set<std::string> further_names(const Service& service) const {
    std::set<std::string> names;
    if (const auto* compose = in_compose(service))
      for (const auto& variable : compose->environment) names.insert(variable.name);
    if (const auto* running = running_of(service.name))
      for (const auto& [name, value] : running->values)
        if (!running->only_known || is_known(name, value)) names.insert(name);
    while (names.size() > most_undescribed) names.erase(std::prev(names.end()));
    return names;
  }

  bool is_known(const std::string& name, const std::string& value) const {
    return dotenv_.find(name) != nullptr || !guessed_rule(name, value).role.empty();
  }

  Texts texts_of(const Service& service, const std::string& name, const ServiceVariable* variable) const {
    Texts texts;
    if (const auto* entry = dotenv_.find(name)) texts.written = entry->value;
    const auto* running = running_of(service.name);
    if (running != nullptr) texts.running = in(running->values, name);
    if (in_compose(service) == nullptr) {
      texts.configured = texts.written;
    } else if (variable != nullptr) {
      texts.configured = variable->value;
    } else if (running != nullptr) {
      texts.configured = running->of_image ? in(*running->of_image, name) : texts.running;
    }
    return texts;
  }

  Setting service_setting(const Service& service, const SettingRule& rule, bool described) const {
    const auto* variable = variable_of(service, rule.name);
    const auto texts = texts_of(service, rule.name, variable);
    Setting setting;
    setting.service = service.name;
    setting.name = rule.name;
    setting.described = described;
    setting.rule = described ? rule : guessed_rule(rule.name, texts.any());
    const bool flows = variable != nullptr && built_from_secret(*variable, secrets_);
    const bool kept_secret = variable != nullptr && variable->secret;
    const bool named = described ? is_secret(rule) : setting.rule.secret || kept_secret;
    give_values(setting, texts, named || flows || texts.look_secret() || secrets_.count(rule.name) > 0);
    place(setting, service, variable);
    return setting;
  }

  void place(Setting& setting, const Service& service, const ServiceVariable* variable) const {
    if (const auto* entry = dotenv_.find(setting.name)) setting.written_at = entry->place;
    const bool secret = setting.rule.secret;
    if (in_compose(service) != nullptr) {
      setting.reach = reach_of(variable, setting.name, sources_.dotenv->file);
      if (variable != nullptr) {
        setting.passed_at = variable->place;
        setting.chain = chains_.through_compose(*variable, secret);
      }
    } else {
      setting.chain = chains_.written(setting.name);
    }
    add_running_hops(setting, variable);
  }

  void add_running_hops(Setting& setting, const ServiceVariable* variable) const {
    const auto* running = running_of(setting.service);
    if (running == nullptr) return;
    if (variable == nullptr && setting.configured && !running->image.empty())
      setting.chain.push_back({"image", running->image, setting.configured->shown()});
    if (setting.running) setting.chain.push_back({running->kind, running->where, setting.running->shown()});
  }

  /// Everything of `name` as far as the compose file alone is concerned.
  Setting compose_setting(const SettingRule& rule, bool described) const {
    Setting setting;
    setting.service = compose_service;
    setting.name = rule.name;
    setting.described = described;
    Texts texts;
    const auto* entry = dotenv_.find(rule.name);
    if (entry != nullptr) {
      texts.written = entry->value;
      setting.written_at = entry->place;
    }
    const auto shell = sources_.compose == nullptr ? std::nullopt : in(*sources_.shell, rule.name);
    texts.configured = shell ? shell : texts.written;
    setting.rule = rule;
    if (!described) setting.rule.role.clear();
    const bool secret = is_secret(rule) || secrets_.count(rule.name) > 0 || texts.look_secret();
    give_values(setting, texts, secret);
    setting.chain = sources_.compose == nullptr ? chains_.written(rule.name) : chains_.origin(rule.name, rule.name);
    if (sources_.compose == nullptr) return setting;
    setting.reach = reach_in_compose(*sources_.compose, rule.name);
    if (const auto* use = first_use(*sources_.compose, rule.name)) {
      setting.passed_at = use->place;
      setting.chain.push_back(chains_.use(*use));
    }
    return setting;
  }

  void add_compose_variables() {
    const std::string mode = sources_.compose == nullptr ? "process" : "compose";
    for (auto rule : rules_in(sources_.description->variables, mode)) {
      if (mode == "process" && dotenv_.find(rule.name) == nullptr) continue;
      if (mode == "process") rule.required = false;
      add(compose_setting(rule, true));
    }
    if (sources_.compose == nullptr) return;
    std::set<std::string> used;
    for (const auto& use : sources_.compose->uses)
      if (in_force(*sources_.compose, use)) used.insert(use.name);
    while (used.size() > most_undescribed) used.erase(std::prev(used.end()));
    for (const auto& name : used)
      if (!only_passed_on(name)) add(compose_setting(named(name), false));
  }

  /// The compose file does nothing else with the variable than to give it to a service under the same name.
  bool only_passed_on(const std::string& name) const {
    for (const auto& use : sources_.compose->uses)
      if (use.name == name && use.path.find(".environment") == std::string::npos) return false;
    bool passed = false;
    for (const auto& service : *sources_.services) {
      const auto* compose = service.enabled ? in_compose(service) : nullptr;
      if (compose == nullptr) continue;
      for (const auto& variable : compose->environment) {
        if (reach_of(&variable, name, "") != Reach::passed || variable.kind == "pass-through") continue;
        if (variable.name != name) return false;
        passed = true;
      }
    }
    return passed;
  }

  /// Names in .env that nothing reads: perhaps misspelt, perhaps of something else. Docker reads its own.
  void add_unread_names() {
    const Service* first = nullptr;
    for (const auto& service : *sources_.services)
      if (service.enabled && in_compose(service) == nullptr && first == nullptr) first = &service;
    std::size_t left = most_undescribed;
    for (const auto& entry : sources_.dotenv->entries) {
      const bool of_docker = entry.name.starts_with("COMPOSE_") || entry.name.starts_with("DOCKER_");
      if (of_docker || names_.count(entry.name) > 0) continue;
      if (left-- == 0) break;
      if (sources_.compose == nullptr && first != nullptr)
        add(service_setting(*first, named(entry.name), false));
      else
        add(compose_setting(named(entry.name), false));
    }
  }

  static SettingRule named(const std::string& name) {
    SettingRule rule;
    rule.name = name;
    return rule;
  }

  const std::vector<std::string>* variables_of(const Setting& setting) const {
    const auto service = std::find_if(sources_.services->begin(), sources_.services->end(),
                                      [&](const Service& candidate) { return candidate.name == setting.service; });
    if (service != sources_.services->end())
      if (const auto* variable = variable_of(*service, setting.name)) return &variable->variables;
    const auto* entry = dotenv_.find(setting.name);
    return entry == nullptr ? nullptr : &entry->variables;
  }

  /// Fills in what the setting is built from, now that all settings exist.
  void link(Setting& setting) const {
    const auto* variables = variables_of(setting);
    if (variables != nullptr) link(setting, *variables, most_levels);
  }

  /// A variable that is no setting beside this one may be built from some in .env.
  void link(Setting& setting, const std::vector<std::string>& variables, int levels) const {
    for (const auto& name : variables) {
      auto subject = source_subject(setting, name);
      auto& known = setting.built_from;
      if (subject.empty() && levels > 0) link(setting, chains_.built_from(name), levels - 1);
      if (subject.empty() || std::find(known.begin(), known.end(), subject) != known.end()) continue;
      known.push_back(std::move(subject));
    }
  }

  std::string source_subject(const Setting& setting, const std::string& name) const {
    for (const auto& service : {std::string{compose_service}, setting.service}) {
      auto subject = "setting:" + service + "/" + name;
      if (subject != setting.subject() && taken_.count(subject) > 0) return subject;
    }
    return {};
  }

  const SettingSources& sources_;
  std::set<std::string> secrets_;
  DotenvIndex dotenv_;
  ChainMaker chains_;
  std::vector<Setting> settings_;
  std::set<std::string> taken_;  ///< subjects
  std::set<std::string> names_;
};

}  // namespace

std::vector<SettingRule> rules_in(const std::vector<SettingRule>& rules, const std::string& mode) {
  std::vector<SettingRule> result;
  const auto named = [&](const std::string& name) {
    return std::find_if(result.begin(), result.end(), [&](const SettingRule& rule) { return rule.name == name; });
  };
  for (const auto& rule : rules)
    if (rule.when.empty() || rule.when == mode) {
      if (named(rule.name) == result.end()) result.push_back(rule);
    }
  for (const auto& rule : rules) {
    if (named(rule.name) != result.end()) continue;
    SettingRule reduced;
    reduced.name = rule.name;
    reduced.role = rule.role;
    reduced.form = rule.form;
    reduced.secret = rule.secret;
    result.push_back(std::move(reduced));
  }
  return result;
}

void override_setting(Setting& setting, const std::string& text) {
  const bool secret = setting.rule.secret || value_looks_secret(text);
  Texts texts{text, std::nullopt, std::nullopt};
  if (setting.running) texts.running = text;
  setting.rule.secret = secret;
  setting.configured = value_of(texts.configured, secret);
  setting.running = value_of(texts.running, secret);
  if (secret && setting.written && !setting.written->is_secret())
    setting.written = Value::secret(setting.written->text());
  setting.chain.push_back({"flag", "--set", setting.configured ? setting.configured->shown() : std::string{}});
}

void apply_override(std::vector<Setting>& settings, const Override& change, const std::vector<Service>& services) {
  bool found = false;
  for (auto& setting : settings) {
    const bool meant = change.service.empty() || change.service == setting.service;
    if (!meant || setting.name != change.name) continue;
    override_setting(setting, change.value);
    found = true;
  }
  if (found) return;
  Setting setting;
  setting.service =
      change.service.empty() ? (services.empty() ? compose_service : services.front().name) : change.service;
  setting.name = change.name;
  setting.rule = guessed_rule(change.name, change.value);
  override_setting(setting, change.value);
  settings.push_back(std::move(setting));
}

std::vector<Setting> build_settings(const SettingSources& sources) {
  auto settings = Builder{sources}.build();
  for (const auto& change : sources.overrides) apply_override(settings, change, *sources.services);
  return settings;
}

}  // namespace doctor::deployment
