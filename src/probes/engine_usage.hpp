#pragma once

#include <memory>

#include "doctor/probe/engine.hpp"
#include "probes/engine.hpp"

namespace doctor::probes {

class ContainerUsageProbe final : public Probe<ContainerUsageQuestion> {
 public:
  explicit ContainerUsageProbe(std::shared_ptr<Engine> engine) : engine_{std::move(engine)} {}
  Outcome<ContainerUsageAnswer> ask(const ContainerUsageQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Engine> engine_;
};

class EngineUsageProbe final : public Probe<EngineUsageQuestion> {
 public:
  explicit EngineUsageProbe(std::shared_ptr<Engine> engine) : engine_{std::move(engine)} {}
  Outcome<EngineUsageAnswer> ask(const EngineUsageQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Engine> engine_;
};

}  // namespace doctor::probes
