#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "doctor/probe/probes.hpp"

namespace doctor::probes {

class ProbeTimes;

/// What was asked in a run and what came back: canonical key of a question (its probe's name, a blank, its fields as
/// compact JSON) to the outcome as JSON, {"answer": ...} or {"failure": ...}. Bytes that are not UTF-8 become U+FFFD.
/// No question asks for a secret, but what was observed may hold one all the same: a tape that leaves the process goes
/// through bundle::redacted (bundle/tape_redaction.hpp) first. Thread-safe.
class Tape {
 public:
  static constexpr std::size_t most_bytes = 64UL * 1024 * 1024;  ///< of a document that is read

  Tape() = default;
  Tape(Tape&& other) noexcept;

  void write(const std::string& key, std::string outcome);
  std::optional<std::string> find(const std::string& key) const;
  std::size_t size() const;

  /// In the order of the keys. `visit` must not use the tape.
  void each(const std::function<void(const std::string& key, const std::string& outcome)>& visit) const;

  /// One document, {"schema": "doctor-tape/v1", "answers": {...}}, sorted by key, one answer a line.
  std::string to_json() const;

  /// At most 64 MB and 64 levels. The error names the position and never quotes the input.
  static tl::expected<Tape, std::string> from_json(std::string_view text);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> outcomes_;
};

/// All probes, memoised for the run (failures included, identical questions are asked once) and written to a tape.
/// `live`, `tape` and `times` (which may be missing) must outlive it.
class RecordingProbes {
 public:
  RecordingProbes(Probes& live, Tape& tape, ProbeTimes* times = nullptr);
  ~RecordingProbes();
  RecordingProbes(const RecordingProbes&) = delete;
  RecordingProbes& operator=(const RecordingProbes&) = delete;

  Probes& probes();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// What became of the texts of questions on their way onto a tape.
using Rewrite = std::function<std::string(const std::string& text)>;

/// All probes, answered from a tape. What the tape lacks fails with FailureKind::not_recorded. A question that is not
/// found as it stands is looked for once more with its texts rewritten, when there is a `rewrite`. `tape` must outlive
/// it.
class ReplayingProbes {
 public:
  explicit ReplayingProbes(const Tape& tape, const Rewrite& rewrite = {});
  ~ReplayingProbes();
  ReplayingProbes(const ReplayingProbes&) = delete;
  ReplayingProbes& operator=(const ReplayingProbes&) = delete;

  Probes& probes();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace doctor::probes
