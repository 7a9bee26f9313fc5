#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/check.hpp"

/// What the clocks of others say. They are asked once in a run, whoever wants to know.
namespace doctor {

/// The time that somebody else told, and this host's own around it. Seconds since 1970.
struct ClockReading {
  std::string against;  ///< "http://127.0.0.1:8080", "the database at 127.0.0.1:5432"
  std::string source;   ///< "Date", "clock_timestamp()"
  std::int64_t before = 0;
  std::int64_t told = 0;
  std::int64_t after = 0;

  /// How far this host is ahead (positive) or behind at the least: neither the time under way nor the fraction of the
  /// second that a Date does not tell counts.
  std::int64_t ahead() const;
};

/// A clock that is wrong by more than this breaks things (seconds): a code of two-factor login lives for 30, with one
/// step each way.
inline constexpr std::int64_t breaking_skew = 60;

/// Everybody who answers: the databases, the services, their public addresses, and two of the services outside that
/// the deployment uses.
std::vector<ClockReading> ask_clocks(const Context& context);

/// The reading that differs most; nothing when nobody told the time.
const ClockReading* worst_of(const std::vector<ClockReading>& readings);

/// "300 s ahead", "90 s behind".
std::string skew_of(const ClockReading& reading);

}  // namespace doctor
