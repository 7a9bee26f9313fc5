#pragma once

#include <memory>

#include "cli/commands.hpp"

namespace doctor::cli {

/// Whether the words, or DOCTOR_FORMAT, ask for the output of a Nagios plugin on standard output.
bool wants_plugin_output(int argc, char** argv);

/// The streams of a run whose standard output a monitoring system reads. It shows that and nothing else, and takes exit
/// code 2 for CRITICAL; a plugin that cannot do its work has to be UNKNOWN (Monitoring Plugins Development Guidelines).
class PluginOutput {
 public:
  /// `streams` must outlive it.
  explicit PluginOutput(Streams streams);
  PluginOutput(const PluginOutput&) = delete;
  PluginOutput& operator=(const PluginOutput&) = delete;
  ~PluginOutput();

  Streams streams();

  /// The exit code of a run that ended with `code`: where it failed before it had a result to print, that is said on
  /// standard output, and the code is 3.
  int ended(int code);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace doctor::cli
