#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "cli/examination.hpp"

namespace doctor::cli {

/// One run of all checks on what is deployed at this moment.
struct Attempt {
  std::shared_ptr<const Deployment> deployment;
  std::shared_ptr<const redact::Redactor> redactor;
  World::Session session;
  diagnosis::Report report;
  Accepted accepted;
  std::chrono::milliseconds took{0};
};

/// Finds out what is deployed and examines it, as often as it is asked to; every time anew, and nothing of the time
/// before is remembered but what the user puts up with.
class Examiner {
 public:
  /// `checks` as of selected_checks(). All must outlive the examiner.
  Examiner(const CheckCommand& command, const Checks& checks, const World& world, const Interrupt& interrupt,
           const guides::Library& library)
      : command_{command}, checks_{checks}, world_{world}, interrupt_{interrupt}, library_{library} {}

  /// Ends about `limit` from now, or earlier by the limits of the command. Nothing when there is nothing to examine, or
  /// an input of doctor's own is of no use: the message has been written to streams.err, the exit code is 2.
  std::optional<Attempt> attempt(Streams streams, std::optional<std::chrono::milliseconds> limit = std::nullopt);

  /// A check of some attempt did not come back: the process must leave without waiting for it.
  bool left_behind() const { return left_behind_; }

 private:
  const CheckCommand& command_;
  const Checks& checks_;
  const World& world_;
  const Interrupt& interrupt_;
  const guides::Library& library_;
  std::optional<Accepted> accepted_;
  bool left_behind_ = false;
};

}  // namespace doctor::cli
