#pragma once

#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/probe/probes.hpp"

/// What happened to a deployment and its host, in one order.
namespace doctor::timeline {

/// How far back the memories of the host and of the Docker Engine are asked for, and other events are told.
inline constexpr int days = 14;

/// The newest are kept.
inline constexpr std::size_t most_events = 500;

/// What is known of the last days: from the deployment itself, from the questions that the checks of `report` have
/// asked already (the same questions, so that their answers are at hand), and from what the host and the Docker Engine
/// remember and the times of the deployment's files, which cost next to nothing. The start and end of what runs now
/// are told however long ago they were. What cannot be had by `deadline` is missing. Ordered and marked, see
/// diagnosis::put_in_order; texts are one line each and safe to print, but not redacted.
std::vector<diagnosis::Event> timeline(const Deployment& deployment, Probes& probes, const diagnosis::Report& report,
                                       const Deadline& deadline);

}  // namespace doctor::timeline
