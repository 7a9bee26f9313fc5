#pragma once

#include <functional>
#include <memory>
#include <string>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/network.hpp"

namespace doctor::probes {

/// Name to numeric addresses through getaddrinfo(3), the resolver that programs on this host use. getaddrinfo knows no
/// deadline, so it runs in a detached thread (at most 16 at a time), once per name. Who gives up leaves the thread to
/// itself, and a later asker gets its answer. Thread-safe.
class Resolver {
 public:
  using Lookup = std::function<Outcome<ResolveAnswer>(const std::string& name)>;

  Resolver();
  /// With another blocking lookup than getaddrinfo.
  explicit Resolver(Lookup lookup);

  /// A numeric address ("::1", "[::1]" too) is its own answer.
  Outcome<ResolveAnswer> resolve(const std::string& name, const Deadline& deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace doctor::probes
