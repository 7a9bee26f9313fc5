#pragma once

#include <map>
#include <mutex>
#include <string>

namespace smoltbot {

/// The Prometheus series of the lab's `node`. LAB_METRICS presets or replaces some of them: "SERIES=NUMBER;...".
class Metrics {
 public:
  Metrics();
  /// `series`: "gateway_requests_total{provider=\"openai\",status=\"200\"}"
  void count(const std::string& series);
  void observe(const std::string& provider, double seconds);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, double> counters_;
  std::map<std::string, double> preset_;
  std::map<std::string, std::map<double, long>> durations_;
  std::map<std::string, std::pair<long, double>> sums_;
};

}  // namespace smoltbot
