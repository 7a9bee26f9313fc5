#pragma once

#include <memory>

#include "doctor/probe/history.hpp"
#include "probes/engine.hpp"

namespace doctor::probes {

class EngineHistoryProbe final : public Probe<EngineHistoryQuestion> {
 public:
  explicit EngineHistoryProbe(std::shared_ptr<Engine> engine) : engine_{std::move(engine)} {}
  Outcome<EngineHistoryAnswer> ask(const EngineHistoryQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Engine> engine_;
};

}  // namespace doctor::probes
