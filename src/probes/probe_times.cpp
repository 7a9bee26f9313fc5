#include "probes/probe_times.hpp"

namespace doctor::probes {

void ProbeTimes::add(std::string_view probe, const std::string& key, std::chrono::microseconds took) {
  const std::lock_guard guard{mutex_};
  auto& kind = kinds_[std::string{probe}];
  ++kind.asked;
  kind.together += took;
  if (took < kind.longest) return;
  kind.longest = took;
  kind.slowest = key;
}

std::map<std::string, ProbeTimes::Kind> ProbeTimes::kinds() const {
  const std::lock_guard guard{mutex_};
  return kinds_;
}

}  // namespace doctor::probes
