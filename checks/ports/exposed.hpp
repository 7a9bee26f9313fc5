#pragma once

#include "doctor/check.hpp"

namespace doctor::checks::exposed {

/// A data store whose port the compose file publishes to every host that reaches this one.
void judge(const Deployment& deployment, Judgement& out);

}  // namespace doctor::checks::exposed
