#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "doctor/probe/probes.hpp"

namespace doctor::probes {

/// What was asked in a run and what came back: canonical key of a question (its probe's name, a blank, its fields as
/// compact JSON) to the outcome as JSON, {"answer": ...} or {"failure": ...}. Bytes that are not UTF-8 become U+FFFD.
/// Questions and answers hold no secret by design, so a tape holds none. Thread-safe.
class Tape {
 public:
  Tape() = default;
  Tape(Tape&& other) noexcept;

  void write(const std::string& key, std::string outcome);
  std::optional<std::string> find(const std::string& key) const;
  std::size_t size() const;

  /// One document, {"schema": "doctor-tape/v1", "answers": {...}}, sorted by key, one answer a line.
  std::string to_json() const;

  /// At most 16 MB and 64 levels. The error names the position and never quotes the input.
  static tl::expected<Tape, std::string> from_json(std::string_view text);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> outcomes_;
};

/// All probes, memoised for the run (failures included, identical questions are asked once) and written to a tape.
/// `live` and `tape` must outlive it.
class RecordingProbes {
 public:
  RecordingProbes(Probes& live, Tape& tape);
  ~RecordingProbes();
  RecordingProbes(const RecordingProbes&) = delete;
  RecordingProbes& operator=(const RecordingProbes&) = delete;

  Probes& probes();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// All probes, answered from a tape. What the tape lacks fails with FailureKind::not_recorded. `tape` must outlive it.
class ReplayingProbes {
 public:
  explicit ReplayingProbes(const Tape& tape);
  ~ReplayingProbes();
  ReplayingProbes(const ReplayingProbes&) = delete;
  ReplayingProbes& operator=(const ReplayingProbes&) = delete;

  Probes& probes();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace doctor::probes
