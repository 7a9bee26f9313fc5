#pragma once

#include <memory>

#include "doctor/deployment.hpp"
#include "doctor/probe/logs.hpp"
#include "logs/signature.hpp"
#include "probes/engine.hpp"
#include "probes/helper.hpp"

namespace doctor::probes {

/// The log of a service's container (the json-file itself when doctor may read it, else through the Engine), or the
/// file that a bare process writes its output to. A service with neither is not_found; output that goes where doctor
/// cannot follow, such as the journal, is not_found with the reason.
class LogsProbe final : public Probe<LogsQuestion> {
 public:
  LogsProbe(std::shared_ptr<Engine> engine, std::shared_ptr<Helper> helper,
            std::shared_ptr<const Deployment> deployment, logs::Patterns patterns)
      : engine_{std::move(engine)},
        helper_{std::move(helper)},
        deployment_{std::move(deployment)},
        patterns_{std::move(patterns)} {}
  Outcome<LogsAnswer> ask(const LogsQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<Helper> helper_;
  std::shared_ptr<const Deployment> deployment_;
  logs::Patterns patterns_;
};

}  // namespace doctor::probes
