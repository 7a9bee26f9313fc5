#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/system/databases.hpp"
#include "doctor/system/expectations.hpp"
#include "doctor/system/measures.hpp"
#include "doctor/system/settings.hpp"
#include "doctor/system/upstreams.hpp"

// What a system description says about a service. Part of doctor/system.hpp, which tells what `each_field` is
// for.

namespace doctor {

/// How a bare process of the service is found.
struct ProcessRule {
  std::string exe;       ///< file name of the program
  std::string unit;      ///< systemd unit
  std::string argument;  ///< that its command line must hold, when the program runs other things, too; may be empty
  std::optional<SettingCondition> when;  ///< of its environment: tells the roles of one program apart
};

template <class Field>
constexpr void each_field(Field&& field, ProcessRule& rule) {
  field("exe", rule.exe);
  field("unit", rule.unit);
  field("argument", rule.argument);
  field("when", rule.when);
}

struct ServiceRule {
  std::string name;        ///< compose service
  std::uint16_t port = 0;  ///< the port it listens on (in its container); 0: none
  std::string user;        ///< "999:999", the user of the image when nothing else tells; may be empty
  bool optional = false;   ///< may be absent
  ProcessRule process;
  std::vector<SettingRule> settings;
  std::vector<SettingGroup> groups;
  std::vector<Milestone> milestones;
  std::vector<Expectation> expect;
  std::optional<DatabaseRule> database;
  std::vector<LimitRule> limits;
  std::vector<std::string> talks_to;  ///< services that it connects to
  std::vector<std::string> trusts;    ///< address ranges of proxies whose forwarded addresses it believes; empty: any
  std::vector<UpstreamRule> upstreams;
  std::optional<MetricsRule> metrics;
  std::optional<ProxyNeeds> proxy;
  std::chrono::milliseconds stops_within{0};  ///< how long an orderly stop may take; 0: not known
  int redis_connections = 0;                  ///< that one process of it keeps open; 0: not known
};

template <class Field>
constexpr void each_field(Field&& field, ServiceRule& rule) {
  field("name", rule.name);
  field("port", rule.port);
  field("user", rule.user);
  field("optional", rule.optional);
  field("process", rule.process);
  field("settings", rule.settings);
  field("groups", rule.groups);
  field("milestones", rule.milestones);
  field("expect", rule.expect);
  field("database", rule.database);
  field("limits", rule.limits);
  field("talks_to", rule.talks_to);
  field("trusts", rule.trusts);
  field("upstreams", rule.upstreams);
  field("metrics", rule.metrics);
  field("proxy", rule.proxy);
  field("stops_within", rule.stops_within);
  field("redis_connections", rule.redis_connections);
}

/// What may run only once in the whole deployment.
struct SingletonRule {
  std::string id;
  SettingCondition when;  ///< services that do it
  std::string violated;   ///< YAML `else`
};

template <class Field>
constexpr void each_field(Field&& field, SingletonRule& rule) {
  field("id", rule.id);
  field("when", rule.when);
  field("else", rule.violated);
}

}  // namespace doctor
