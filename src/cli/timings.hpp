#pragma once

#include <chrono>
#include <string>

#include "diagnosis/report.hpp"
#include "probes/probe_times.hpp"
#include "redact/redactor.hpp"

namespace doctor::cli {

/// The parts of a run, one after the other.
class Stopwatch {
 public:
  explicit Stopwatch(std::chrono::steady_clock::time_point begin) : last_{begin} {}

  /// `part` ends now, and began when the one before it ended.
  void ended(const std::string& part);

  /// With what the probes took, when that was measured.
  diagnosis::Timings timings(const probes::ProbeTimes* probes, const redact::Redactor& redactor) const;

 private:
  std::chrono::steady_clock::time_point last_;
  diagnosis::Timings timings_;
};

}  // namespace doctor::cli
