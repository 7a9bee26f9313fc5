#include "doctor/format/prometheus.hpp"

#include <algorithm>

#include "property.hpp"

using doctor::fuzz::require;

/// The text format of metrics.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto metrics = doctor::formats::parse_metrics(text);
  if (!metrics) {
    const auto& error = metrics.error();
    require(doctor::fuzz::is_printable(error.reason) && error.reason.size() < 80, "a problem is a fixed phrase");
    require(error.line <= 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), "the line exists");
    require((error.line == 0) == (error.column == 0), "a line has a column");
    require(error.column <= text.size() + 1, "the column exists");
    return 0;
  }
  require(metrics->samples.size() <= doctor::formats::most_metrics_series, "there are at most so many series");
  for (const auto& sample : metrics->samples) {
    require(sample.name.size() <= doctor::formats::most_metrics_line, "a name fits into a line");
    require(metrics->knows(sample.name) || metrics->samples.size() > 100, "what is there is known");
    for (const auto& [name, value] : sample.labels)
      require(sample.label(name) == value, "a label is there once, with its value");
    if (metrics->samples.size() > 100) break;
  }
  return 0;
}
