#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/log_source.hpp"

/// What a bare process has written to the journal of systemd, as journalctl(1) has it: a program of the host, which
/// doctor runs without a shell, and only for a bundle.
namespace doctor::probes {

inline constexpr std::size_t most_journal = 16UL * 1024 * 1024;

/// The unit of a process, by its control groups (/proc/PID/cgroup, cgroups(7)): "chatalot.service". "" when it belongs
/// to none of its own, as what a user started in a session.
std::string unit_of(std::string_view cgroups);

/// What journalctl is asked: the newest `lines` of the unit, else of the process alone; times in UTC, without the name
/// of the host.
std::vector<std::string> journal_arguments(const std::string& unit, int pid, const LogPart& part, std::uint64_t lines);

/// The journal of a process, oldest line first. Without journalctl at one of `programs`, or with nothing in it,
/// not_found with the reason.
Outcome<LogRead> process_journal(Helper& helper, const Process& process, const LogPart& part, const LogPieces& pieces,
                                 const Deadline& deadline,
                                 const std::vector<std::string>& programs = {"/usr/bin/journalctl", "/bin/journalctl"});

}  // namespace doctor::probes
