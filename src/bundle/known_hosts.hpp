#pragma once

#include <string>

#include "bundle/hidden_hosts.hpp"
#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "probes/recorder.hpp"

namespace doctor::bundle {

struct Live;

/// Every host that the deployment and the answers name. `host_names` is what this machine is called; "" for none.
KnownHosts known_hosts(const Deployment& deployment, const probes::Tape& tape, const std::string& host_names);

/// What this machine is called, and a key of its own for HiddenHosts, which no bundle tells: made of the machine's id
/// (machine-id(5)), so that the next bundle has the same tokens; a random one where there is none.
struct Machine {
  std::string name;
  std::string key;
};
Machine this_machine(const Live& live, const Deadline& deadline);

}  // namespace doctor::bundle
