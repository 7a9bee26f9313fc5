#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "bundle/reader.hpp"
#include "cli/examination.hpp"

namespace doctor::cli {

/// When a recorded run began and how long it took, as the bundle's own report says, else as far as its manifest does.
struct RecordedRun {
  std::optional<std::chrono::system_clock::time_point> started;
  std::optional<std::int64_t> took_ms;
};

/// RFC 3339 in UTC, "2026-03-01T10:12:05Z".
std::optional<std::chrono::system_clock::time_point> moment(const std::string& text);

RecordedRun recorded_run(const bundle::Opened& opened);

/// A bundle as a patient: the deployment as it was, and probes that answer what was recorded and nothing else. Who
/// wants to know what would be if changes `opened` before.
Patient patient_of(bundle::Opened opened);

}  // namespace doctor::cli
