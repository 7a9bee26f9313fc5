#pragma once

#include <string>

#include "doctor/deployment.hpp"

namespace doctor::deployment {

/// What editing a variable in .env would do.
struct Effect {
  bool reaches = false;  ///< a process would get the edited value (after it is created anew)
  std::string instead;   ///< why it would not, one phrase; empty when it would
  Place pinned;          ///< the line that sets the value in its stead; no file when there is none
};

/// Whether editing `name` in the .env file would reach a process: used to test fixes before they are offered.
Effect edit_effect(const Deployment& deployment, const std::string& name);

}  // namespace doctor::deployment
