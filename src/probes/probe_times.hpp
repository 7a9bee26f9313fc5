#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace doctor::probes {

/// How long the questions of one run took, by the kind of probe. Thread-safe.
class ProbeTimes {
 public:
  struct Kind {
    int asked = 0;  ///< of the world; what was answered from memory does not count
    std::chrono::microseconds together{0};
    std::chrono::microseconds longest{0};
    std::string slowest;  ///< canonical key of the question that took longest
  };

  void add(std::string_view probe, const std::string& key, std::chrono::microseconds took);
  std::map<std::string, Kind> kinds() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace doctor::probes
