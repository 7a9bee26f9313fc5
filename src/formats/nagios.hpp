#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::formats {

inline constexpr std::size_t most_performance_data = 200;

/// One figure behind the bar, 'label'=value[unit];[warn];[crit];[min];[max]. All texts are safe to print and cut.
struct PerformanceFigure {
  std::string label;
  std::string value;  ///< a decimal number
  std::string unit;   ///< "s", "%", "B", "c", ...; may be empty
  std::string warning;
  std::string critical;
};

/// What a Nagios plugin has printed, as the Monitoring Plugins Development Guidelines have it.
struct NagiosOutput {
  std::string text;  ///< of the first line
  std::string more;  ///< what the other lines say; may be empty
  std::vector<PerformanceFigure> figures;
};

/// A figure that breaks the rules is left out. Never throws; linear in its input, of which 64 KB are read.
NagiosOutput read_nagios(std::string_view output);

}  // namespace doctor::formats
