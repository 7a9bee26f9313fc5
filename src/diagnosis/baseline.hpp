#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/outcome.hpp"

namespace doctor::diagnosis {

/// An earlier report, as far as later ones are compared with it.
struct Baseline {
  struct Known {
    std::string entry;
    std::string subject;
    std::string fingerprint;
    std::string title;
    std::string check;
    std::string severity;
    bool root = true;
  };
  std::string started;
  std::string system;
  std::vector<Known> findings;  ///< but those that were ignored then
};

constexpr std::size_t most_baseline_bytes = 4U << 20U;

/// Reads a report that `doctor check --format json` wrote. Never throws on bad input; the error says what is wrong, in
/// words that hold nothing of it.
tl::expected<Baseline, std::string> read_baseline(std::string_view json);

/// Marks what the baseline knows, and says what of it is gone. Known is a finding of the same fingerprint that is no
/// worse than it was then. Gone is a root of the baseline that nobody found though its check has seen all. `file` is
/// how the user named it.
void compare(Report& report, const Baseline& baseline, const std::string& file);

}  // namespace doctor::diagnosis
