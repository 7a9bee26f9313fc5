#pragma once

#include "doctor/probe/host.hpp"

namespace doctor::probes {

class ClockProbe final : public Probe<ClockQuestion> {
 public:
  Outcome<ClockAnswer> ask(const ClockQuestion& question, const Deadline& deadline) override;
};

}  // namespace doctor::probes
