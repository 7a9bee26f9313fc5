#pragma once

#include "doctor/probe/network.hpp"
#include "probes/resolve.hpp"

namespace doctor::probes {

/// Connects and closes at once, without a byte.
class TcpProbe final : public Probe<TcpQuestion> {
 public:
  explicit TcpProbe(Resolver& resolver) : resolver_{resolver} {}
  Outcome<TcpAnswer> ask(const TcpQuestion& question, const Deadline& deadline) override;

 private:
  Resolver& resolver_;
};

}  // namespace doctor::probes
