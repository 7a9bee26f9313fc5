#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace doctor::formats {

inline constexpr std::size_t most_metrics_bytes = 8U * 1024 * 1024;
inline constexpr std::size_t most_metrics_series = 100'000;
inline constexpr std::size_t most_metrics_line = 64U * 1024;

/// One series and its value.
struct MetricSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;  ///< values unescaped
  double value = 0;                                         ///< may be NaN or infinite

  /// The value of that label, or "": to Prometheus an empty label is none.
  std::string_view label(std::string_view label_name) const;
};

/// What `# HELP` and `# TYPE` say. A family may have no series at all, such as a counter that nothing has moved yet.
struct MetricFamily {
  std::string name;
  std::string type;  ///< "counter", "gauge", "histogram" ...; "" when only its help is there
};

struct Metrics {
  std::vector<MetricFamily> families;
  std::vector<MetricSample> samples;

  /// There is a series of that name, or a family that announces it.
  bool knows(std::string_view name) const;
};

/// Why a text is no metrics, and where.
struct MetricsError {
  std::string reason;    ///< in a few words; nothing of the text stands in it
  std::size_t line = 0;  ///< 1-based; 0: about the text as a whole
  std::size_t column = 0;
};

/// The Prometheus text format 0.0.4; of OpenMetrics 1.0 what it has beyond that (UNIT, EOF, exemplars, timestamps in
/// seconds) is accepted, and names in quotation marks are, too. At most 8 MB, 100,000 series and 64 KB a line. Carriage
/// returns at the end of a line and a byte order mark are skipped, NUL and invalid UTF-8 are errors. Linear, without
/// recursion; never throws on what the text holds.
tl::expected<Metrics, MetricsError> parse_metrics(std::string_view text);

}  // namespace doctor::formats
