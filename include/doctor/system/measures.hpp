#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/system/settings.hpp"

// What a system description says about sizes, metrics and times. Part of doctor/system.hpp, which tells what
// `each_field` is for.

namespace doctor {

/// A size that an upload must fit through on every hop, or that one hop must not go below.
struct LimitRule {
  std::string id;             ///< "upload"
  std::string path;           ///< where the request goes, "/api/files/upload"
  std::string setting;        ///< the setting of the service that bounds it; may be empty
  std::string unit;           ///< of the setting's number: "B", "KiB", "MiB", "GiB", "KB", "MB", "GB"
  std::int64_t constant = 0;  ///< bytes that the application itself never goes beyond; 0: none
  std::string quota;          ///< the setting that bounds all uploads of one user; may be empty
};

template <class Field>
constexpr void each_field(Field&& field, LimitRule& rule) {
  field("id", rule.id);
  field("path", rule.path);
  field("setting", rule.setting);
  field("unit", rule.unit);
  field("constant", rule.constant);
  field("quota", rule.quota);
}

/// A number that the service's metrics (Prometheus text format) must show.
struct MetricRule {
  std::string id;
  std::string metric;                                      ///< name of the series, "gateway_requests_total"
  std::map<std::string, std::vector<std::string>> labels;  ///< only series with one of these values; all are added up
  std::string percent_of;  ///< the number is a percentage of this metric, or of "memory-limit", the container's
  std::map<std::string, std::vector<std::string>> among;  ///< labels of `percent_of`
  std::int64_t minimum = 0;                               ///< of `percent_of`: below it nothing is said
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
  /// A counter that must have moved when the process is as old as this (process_start_time_seconds); 0: none.
  std::chrono::milliseconds moves_within{0};
  std::optional<SettingCondition> when;
  std::string violated;  ///< YAML `else`
};

template <class Field>
constexpr void each_field(Field&& field, MetricRule& rule) {
  field("id", rule.id);
  field("metric", rule.metric);
  field("labels", rule.labels);
  field("percent_of", rule.percent_of);
  field("among", rule.among);
  field("minimum", rule.minimum);
  field("least", rule.least);
  field("most", rule.most);
  field("moves_within", rule.moves_within);
  field("when", rule.when);
  field("else", rule.violated);
}

struct MetricsRule {
  std::string path;  ///< "/metrics"
  std::vector<MetricRule> rules;
};

template <class Field>
constexpr void each_field(Field&& field, MetricsRule& rule) {
  field("path", rule.path);
  field("rules", rule.rules);
}

/// What reverse proxies must know of a service, beyond its paths.
struct ProxyNeeds {
  std::vector<std::string> streams;         ///< paths whose answers come in pieces: they must not be buffered
  std::chrono::milliseconds longest{0};     ///< an answer on those may take this long to begin or go on; 0: not known
  std::chrono::milliseconds keep_alive{0};  ///< the service closes a connection that is idle for so long; 0: not known
  std::vector<std::string> hidden;          ///< paths that are not for the public
};

template <class Field>
constexpr void each_field(Field&& field, ProxyNeeds& needs) {
  field("streams", needs.streams);
  field("longest", needs.longest);
  field("keep_alive", needs.keep_alive);
  field("hidden", needs.hidden);
}

}  // namespace doctor
