#include "bundle/facts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "bundle/facts_collector.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

bool by_name(const Fact& one, const Fact& other) {
  return std::tie(one.subject, one.name, one.value) < std::tie(other.subject, other.name, other.value);
}

bool same_name(const Fact& one, const Fact& other) {
  return one.subject == other.subject && one.name == other.name;
}

}  // namespace

void FactCollector::add(const std::string& subject, const std::string& name, const std::string& value) {
  if (!value.empty()) facts_.push_back({subject, name, value, false, is_answer_});
}

void FactCollector::add_volatile(const std::string& subject, const std::string& name, const std::string& value) {
  if (!value.empty()) facts_.push_back({subject, name, value, true, is_answer_});
}

std::vector<Fact> FactCollector::sorted() && {
  std::sort(facts_.begin(), facts_.end(), by_name);
  facts_.erase(std::unique(facts_.begin(), facts_.end()), facts_.end());
  std::vector<Fact> merged;
  for (auto& fact : facts_) {
    if (merged.empty() || !same_name(merged.back(), fact)) {
      merged.push_back(std::move(fact));
      continue;
    }
    merged.back().value += "; " + fact.value;
    merged.back().is_volatile = merged.back().is_volatile || fact.is_volatile;
    merged.back().is_answer = merged.back().is_answer && fact.is_answer;
  }
  return merged;
}

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

std::string number_text(std::uint64_t value) {
  return value == 0 ? std::string{} : std::to_string(value);
}

std::string time_text(std::int64_t seconds) {
  return seconds == 0 ? std::string{} : util::timestamp(seconds);
}

std::string file_subject(const Deployment& deployment, const std::string& path) {
  return "file:" + deployment.shown_path(path);
}

std::string endpoint_subject(const Deployment& deployment, const std::string& host, std::uint16_t port) {
  for (const auto* sources : {&deployment.data_sources, &deployment.redis})
    for (const auto& source : *sources)
      if ((source.dial.host == host && source.dial.port == port) || (source.host == host && source.port == port))
        return source.endpoint;
  for (const auto& base : deployment.http)
    if (base.dial.host == host && base.dial.port == port) return base.endpoint;
  for (const auto& url : deployment.public_urls)
    if (url.host == host && url.port == port) return url.endpoint;
  for (const auto& upstream : deployment.upstreams)
    if (upstream.host == host && upstream.port == port) return upstream.endpoint;
  return "endpoint:" + host + ":" + std::to_string(port);
}

std::vector<Fact> facts(const Deployment& deployment, const probes::Tape& tape) {
  FactCollector collector;
  collect_from_deployment(deployment, collector);
  collector.answers();
  collect_from_tape(deployment, tape, collector);
  return std::move(collector).sorted();
}

std::vector<Fact> facts(const diagnosis::Report& report) {
  FactCollector collector;
  collector.add("deployment", "directory", report.directory);
  collector.add("deployment", "system", report.system);
  collector.add("deployment", "read", util::join(report.sources, ", "));
  for (const auto& check : report.checks) collector.add("deployment", "check " + check.id, check.status);
  for (const auto& item : report.ruled_out) collector.add_volatile(item.subject, "healthy", item.evidence);
  return std::move(collector).sorted();
}

}  // namespace doctor::bundle
