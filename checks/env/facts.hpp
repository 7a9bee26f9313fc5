#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/env/scope.hpp"
#include "doctor/check.hpp"

/// What the check `env` observes.
namespace doctor::checks::env_facts {

struct SettingFacts {
  Setting setting;
  env_scope::Owner owner;
  bool required = false;                                 ///< by its rule, its condition included
  std::optional<bool> accompanied;                       ///< whether the setting that it needs has the value for that
  std::uint16_t port = 0;                                ///< that its container is made for, of a listen-address; or 0
  std::vector<std::uint16_t> targets;                    ///< ports of the container that are published
  std::vector<std::string> url_settings;                 ///< names of the URLs that it is pasted into
  std::map<std::string, Outcome<SecretAnswer>> answers;  ///< by predicate

  /// Whether the process that runs, or would be started now, has the variable.
  bool given() const { return owner.runs ? setting.running.has_value() : setting.configured.has_value(); }
  /// What that is; only of a setting that is given.
  const Value& current() const { return owner.runs ? *setting.running : *setting.configured; }

  bool holds(const std::string& predicate) const;
  bool fails(const std::string& predicate) const;
  std::string reason(const std::string& predicate) const;
};

struct GroupFacts {
  SettingGroup group;
  std::string service;
};

struct Facts {
  std::vector<FileProblem> problems;
  std::vector<SettingFacts> settings;
  std::vector<GroupFacts> groups;
  std::vector<NotLookedAt> unreadable;  ///< an .env and processes that hide their settings
  std::string env_file;
  std::string compose_file;
  std::optional<Outcome<FileAnswer>> env_file_state;  ///< only when it holds secrets
};

Facts observe(const Context& context);

}  // namespace doctor::checks::env_facts
