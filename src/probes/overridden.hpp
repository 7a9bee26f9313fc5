#pragma once

#include <memory>
#include <set>
#include <string>

#include "doctor/deployment.hpp"
#include "doctor/probe/probes.hpp"

namespace doctor::probes {

/// Settings of a recorded deployment that have other values now.
struct Overridden {
  std::set<std::string> known;    ///< subjects whose new value is in the deployment
  std::set<std::string> unknown;  ///< subjects whose new value nobody knows

  bool hold(const std::string& subject) const { return known.count(subject) > 0 || unknown.count(subject) > 0; }
};

/// Recorded answers for a deployment with other settings. An answer that was given to the old value of one of them (a
/// login with its URL, a request with its key) is none for the new one: FailureKind::not_recorded. Questions about the
/// values themselves are answered from the new ones, as far as these are known. Everything else is as `recorded`
/// answers it.
class OverriddenProbes {
 public:
  /// `recorded` must outlive it.
  OverriddenProbes(Probes& recorded, std::shared_ptr<const Deployment> deployment, Overridden settings);
  ~OverriddenProbes();
  OverriddenProbes(const OverriddenProbes&) = delete;
  OverriddenProbes& operator=(const OverriddenProbes&) = delete;

  Probes& probes();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace doctor::probes
