#pragma once

#include <string>

#include "lab/smoltbot_metrics.hpp"

/// What the lab's `node` does beside answering.
namespace smoltbot {

/// Every LAB_HEARTBEAT_MS (60,000), the first at once, until the process is asked to end.
void beat_forever();

/// The observer's job, every LAB_TICK_MS (60,000). `metrics` may be nullptr.
void observe_forever(Metrics* metrics);

/// Faults that LAB_ variables ask for: a heap that is full (LAB_HEAP_ABORT_MS), memory that is taken
/// (LAB_EAT_MEMORY_MB), background tasks that do not end (LAB_BACKLOG), tasks that fail (LAB_BACKGROUND_FAILURE). Ends
/// with the process.
void misbehave();

}  // namespace smoltbot
