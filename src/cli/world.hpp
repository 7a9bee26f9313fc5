#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

#include "bundle/collect.hpp"
#include "cli/plugin_setup.hpp"
#include "deployment/discover.hpp"
#include "doctor/probe/probes.hpp"
#include "logs/signature.hpp"
#include "probes/probe_times.hpp"
#include "probes/recorder.hpp"
#include "probes/trusted_file.hpp"

namespace doctor::cli {

/// Everything outside doctor that a run may ask: the helper process, the Docker Engine, the network. Create it before
/// any thread exists; one per process.
class World {
 public:
  /// `environment` is doctor's own (DOCKER_HOST). Throws std::system_error when the helper process cannot start.
  explicit World(const deployment::Environment& environment);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// What discovery asks. Valid as long as the world; every call ends within its own limit.
  deployment::Sources sources(std::chrono::milliseconds limit, const std::stop_token& stop) const;

  /// What stands at a path, with its owner and mode.
  Outcome<FileAnswer> file(const std::string& path, const std::stop_token& stop) const;

  /// A file that decides what doctor says, with who else may write it.
  Outcome<probes::TrustedFile> trusted_file(const std::string& path, std::uint64_t most,
                                            const std::stop_token& stop) const;

  /// The live probes behind a recorder, and its tape, for one run over this deployment. Each keeps all it needs alive.
  struct Session {
    std::shared_ptr<Probes> probes;
    std::shared_ptr<const probes::Tape> tape;
    std::shared_ptr<const plugins::Source> plugins;  ///< recorded on the same tape
    std::shared_ptr<const probes::ProbeTimes> times;
  };
  /// `patterns` is what is looked for in logs.
  Session open(const std::shared_ptr<const Deployment>& deployment, logs::Patterns patterns,
               PluginSetup plugins = {}) const;

  /// What the items of a bundle ask, besides the probes of its run. Keeps all it needs alive.
  bundle::Live live(const Session& session) const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace doctor::cli
