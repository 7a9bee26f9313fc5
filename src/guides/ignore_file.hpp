#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guides/problem.hpp"

namespace doctor::guides {

/// One entry of a doctor.ignore.yaml: a finding that is put up with.
struct IgnoreEntry {
  std::string code;
  std::string subject;  ///< glob of `*` and `?`; empty: any
  std::string reason;
  std::string expires;  ///< the last day, YYYY-MM-DD
  int line = 0;
};

/// Reads a doctor.ignore.yaml: a list of {code, subject, reason, expires}, of which only `subject` may be left out.
/// `codes` are those that exist. Never throws on bad input: every mistake is added to `problems`, with place and
/// nearest known name. The bounds are those of yaml.hpp.
std::vector<IgnoreEntry> read_ignore_file(std::string_view text, const std::string& file,
                                          const std::vector<std::string>& codes, Problems& problems);

/// Whether `text` is a day of the calendar, written 2026-12-31.
bool is_day(std::string_view text);

}  // namespace doctor::guides
