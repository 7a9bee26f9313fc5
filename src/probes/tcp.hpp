#pragma once

#include "doctor/probe/network.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// Connects and closes at once, without a byte.
class TcpProbe final : public Probe<TcpQuestion> {
 public:
  explicit TcpProbe(Vantages& vantages) : vantages_{vantages} {}
  Outcome<TcpAnswer> ask(const TcpQuestion& question, const Deadline& deadline) override;

 private:
  Vantages& vantages_;
};

/// The addresses of a name, as the vantage's own resolver gives them.
class ResolveProbe final : public Probe<ResolveQuestion> {
 public:
  explicit ResolveProbe(Vantages& vantages) : vantages_{vantages} {}
  Outcome<ResolveAnswer> ask(const ResolveQuestion& question, const Deadline& deadline) override;

 private:
  Vantages& vantages_;
};

}  // namespace doctor::probes
