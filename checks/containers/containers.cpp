#include <algorithm>
#include <array>

#include "checks/containers/facts.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/containers.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

/// An Engine that could not be asked is said once, by `compose`; nothing is known of containers then.
Judgement diagnose(const containers_check::Facts& facts) {
  Judgement out;
  if (!facts.engine_asked) return out;
  if (!*facts.clock) {
    out.unexamined.push_back({"file:" + facts.compose_file, formats::describe(facts.clock->error())});
    return out;
  }
  containers_check::judge_states(facts, out);
  containers_check::judge_resources(facts, out);
  // What runs, and is nevertheless not well, is not called healthy.
  const auto sick = [&](const Healthy& item) {
    return std::any_of(out.findings.begin(), out.findings.end(),
                       [&](const Finding& finding) { return finding.subject == item.subject; });
  };
  out.healthy.erase(std::remove_if(out.healthy.begin(), out.healthy.end(), sick), out.healthy.end());
  return out;
}

Judgement run(const Context& context) {
  return diagnose(containers_check::observe(context));
}

constexpr std::array codes_of_containers{codes::container_restarting,
                                         codes::container_exited,
                                         codes::container_out_of_memory,
                                         codes::container_not_started,
                                         codes::container_missing,
                                         codes::container_paused,
                                         codes::container_unhealthy,
                                         codes::container_killed_on_stop,
                                         codes::container_memory_near_limit,
                                         codes::container_cpu_throttled,
                                         codes::container_image_outdated,
                                         codes::container_image_mismatch,
                                         codes::stack_stopped,
                                         codes::volume_shared_by_stacks,
                                         codes::engine_build_cache_large,
                                         codes::memory_too_small_to_build};

}  // namespace

extern const CheckInfo containers{
    "containers", "every container of the deployment runs, and has room to", {}, {}, codes_of_containers, run};

}  // namespace doctor::checks
