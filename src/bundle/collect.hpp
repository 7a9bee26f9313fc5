#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/item.hpp"
#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/files.hpp"
#include "doctor/probe/probes.hpp"
#include "probes/log_source.hpp"
#include "probes/recorder.hpp"
#include "probes/sockets.hpp"

/// What of a deployment goes into a bundle: its configuration, containers, logs, host, and what its project asks for.
namespace doctor::bundle {

/// What is asked of the world besides what the run has asked already. Each function keeps all it needs alive, ends by
/// its deadline, and reads only.
struct Live {
  /// What stands at a path.
  std::function<Outcome<FileAnswer>(const std::string& path, const Deadline& deadline)> file;
  /// As probes::read_bytes.
  std::function<Outcome<std::string>(const std::string& path, std::uint64_t most, const Deadline& deadline)> bytes;
  /// As probes::Engine::get.
  std::function<Outcome<std::string>(const std::string& path, const Deadline& deadline)> engine;
  /// As probes::container_log and probes::process_log.
  std::function<Outcome<probes::LogRead>(const Container& container, const probes::LogPart& part,
                                         const probes::LogLines& take, const std::function<void()>& again,
                                         const Deadline& deadline)>
      container_log;
  std::function<Outcome<probes::LogRead>(const Process& process, const probes::LogPart& part,
                                         const probes::LogPieces& pieces, const Deadline& deadline)>
      process_log;
  /// As probes::process_journal.
  std::function<Outcome<probes::LogRead>(const Process& process, const probes::LogPart& part,
                                         const probes::LogPieces& pieces, const Deadline& deadline)>
      process_journal;
  /// As probes::listening_sockets.
  std::function<Outcome<std::vector<probes::ListeningSocket>>(const Deadline& deadline)> sockets;
  /// Whether the name of a variable, or a value, looks like a secret's (deployment::name_looks_secret and
  /// value_looks_secret).
  std::function<bool(std::string_view name)> secret_name;
  std::function<bool(std::string_view value)> secret_value;
  /// Those of the run: what was asked before is not asked again.
  std::shared_ptr<Probes> probes;
};

struct CollectOptions {
  std::int64_t since = 0;  ///< older lines of logs are left out; seconds since 1970, 0: none
  std::string version{};   ///< of doctor
  std::int64_t now = 0;    ///< seconds since 1970, for ages; 0: ages are left out
};

/// Everything that may go into a bundle, sorted by path, names unique; answers and report are not among it. Listing
/// asks for sizes and for the containers of the project, by `deadline`; the rest is read by the items themselves, which
/// stay valid as long as they exist. What is known to be missing is an item all the same, whose read says why. `tape`
/// is that of the run, after it.
std::vector<Item> collect(const std::shared_ptr<const Deployment>& deployment,
                          const std::shared_ptr<const probes::Tape>& tape, const Live& live,
                          const CollectOptions& options, const Deadline& deadline);

}  // namespace doctor::bundle
