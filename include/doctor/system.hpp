#pragma once

#include <string>
#include <vector>

#include "doctor/system/databases.hpp"
#include "doctor/system/expectations.hpp"
#include "doctor/system/measures.hpp"
#include "doctor/system/services.hpp"
#include "doctor/system/settings.hpp"
#include "doctor/system/upstreams.hpp"

namespace doctor {

/// Description of one application. Read-only; compiled into the binary from checks/systems/NAME.yaml, or read from
/// doctor.yaml.
struct SystemDescription {
  std::string name;
  struct Recognise {
    std::vector<std::string> services;
    std::vector<std::string> images;  ///< globs
    std::vector<std::string> settings;
  } recognise;
  std::vector<std::string> compose;       ///< file names
  std::vector<std::string> env_examples;  ///< ".env.example"
  std::vector<SettingRule> variables;  ///< variables of .env that only the compose file reads; pseudo-service "compose"
  std::vector<SettingGroup> groups;    ///< of `variables`
  std::vector<ServiceRule> services;
  std::vector<Expectation> files;
  std::vector<SingletonRule> singletons;
  std::vector<std::string> support;

  const ServiceRule* service(const std::string& name) const;
};

/// The fields of a struct by the names that they have in YAML, here and in the parts: one list serves reading, storing
/// and checking.
template <class Field>
constexpr void each_field(Field&& field, SystemDescription::Recognise& recognise) {
  field("services", recognise.services);
  field("images", recognise.images);
  field("settings", recognise.settings);
}

template <class Field>
constexpr void each_field(Field&& field, SystemDescription& system) {
  field("name", system.name);
  field("recognise", system.recognise);
  field("compose", system.compose);
  field("env_examples", system.env_examples);
  field("variables", system.variables);
  field("groups", system.groups);
  field("services", system.services);
  field("files", system.files);
  field("singletons", system.singletons);
  field("support", system.support);
}

}  // namespace doctor
