#pragma once

#include "doctor/probe/host.hpp"

namespace doctor::probes {

class TimeKeepingProbe final : public Probe<TimeKeepingQuestion> {
 public:
  Outcome<TimeKeepingAnswer> ask(const TimeKeepingQuestion& question, const Deadline& deadline) override;
};

class MemoryProbe final : public Probe<MemoryQuestion> {
 public:
  Outcome<MemoryAnswer> ask(const MemoryQuestion& question, const Deadline& deadline) override;
};

}  // namespace doctor::probes
