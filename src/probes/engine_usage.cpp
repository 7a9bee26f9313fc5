#include "probes/engine_usage.hpp"

namespace doctor::probes {

Outcome<ContainerUsageAnswer> ContainerUsageProbe::ask(const ContainerUsageQuestion& question,
                                                       const Deadline& deadline) {
  return engine_->usage(question.container, deadline);
}

Outcome<EngineUsageAnswer> EngineUsageProbe::ask(const EngineUsageQuestion&, const Deadline& deadline) {
  return engine_->disk_usage(deadline);
}

}  // namespace doctor::probes
