#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "doctor/outcome.hpp"
#include "probes/resolve.hpp"

namespace doctor::probes {

/// The places where a probe can stand: this host, and the network namespaces of containers. Thread-safe.
///
/// Work for a container runs on a thread of its own that enters the namespace of the container's process (setns(2)) and
/// ends afterwards: sockets that it opens belong to that namespace for as long as they live, and no other thread ever
/// changes its place. Names are asked of the resolver that the container uses (its own hosts and resolv.conf).
class Vantages {
 public:
  /// Vantage -> a process that lives there: {"container chatalot-server", 4711}.
  using Places = std::map<std::string, int>;

  Vantages(Resolver& host, const Places& places);
  ~Vantages();
  Vantages(const Vantages&) = delete;
  Vantages& operator=(const Vantages&) = delete;

  /// Runs `work` at the vantage and returns what it returns. The resolver is the vantage's own, and `work` must keep to
  /// its own deadline: the caller waits for it, and gets its exceptions (derived from std::exception). An unknown
  /// vantage, one that doctor may not enter (EPERM, EACCES) and one whose process has ended (ESRCH) are all
  /// permission_denied: doctor could not look, which says nothing about what it would have seen.
  template <class T>
  Outcome<T> at(const std::string& vantage, const std::function<Outcome<T>(Resolver&)>& work) {
    std::optional<Outcome<T>> outcome;
    if (auto failure = run(vantage, [&](Resolver& resolver) { outcome.emplace(work(resolver)); }))
      return Failed{std::move(*failure)};
    return std::move(outcome).value();
  }

  /// The text of a regular file as a program at the vantage sees it, found without following a link out of its root.
  /// Failures: an unknown vantage and what is no absolute path as above, errno (phase "file"), too_large.
  Outcome<std::string> text(const std::string& vantage, const std::string& path, std::size_t most) const;

  /// Why doctor cannot stand where this process stands; nothing: it can.
  static std::optional<ProbeFailure> why_not(int pid);

 private:
  struct Place;
  std::optional<ProbeFailure> run(const std::string& vantage, const std::function<void(Resolver&)>& work);

  Resolver& host_;
  std::map<std::string, std::unique_ptr<Place>> places_;
};

}  // namespace doctor::probes
