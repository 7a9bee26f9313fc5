#include "lab/smoltbot_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

constexpr std::array<double, 10> buckets{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};
constexpr double idle_heap = 24e6;

const long long process_started = now_milliseconds();

double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  long size = 0;
  long resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  int count = -3;  // ".", ".." and this one
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

double most_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

std::string number(double value) {
  std::ostringstream text;
  text.precision(15);
  text << value;
  return text.str();
}

std::string family(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::map<std::string, double> gauges() {
  return {{"process_resident_memory_bytes", resident_bytes()},
          {"process_start_time_seconds", static_cast<double>(process_started / 1000)},
          {"process_open_fds", open_files()},
          {"process_max_fds", most_files()},
          {"nodejs_heap_size_total_bytes", idle_heap * 1.3},
          {"nodejs_heap_size_used_bytes", idle_heap},
          {"nodejs_external_memory_bytes", 3.4e6},
          {"nodejs_eventloop_lag_seconds", 0.002},
          {"nodejs_eventloop_lag_p99_seconds", 0.012},
          {"nodejs_active_handles_total", 5}};
}

std::string name_of(const std::string& series) {
  return series.substr(0, series.find('{'));
}

}  // namespace

Metrics::Metrics() {
  std::istringstream parts{variable_or("LAB_METRICS", "")};
  for (std::string part; std::getline(parts, part, ';');) {
    const auto equals = part.rfind('=');
    if (equals == std::string::npos) continue;
    const auto series = part.substr(0, equals);
    const auto value = std::atof(part.c_str() + equals + 1);
    (series.starts_with("gateway_") ? counters_ : preset_)[series] = value;
  }
}

void Metrics::count(const std::string& series) {
  const std::lock_guard guard{mutex_};
  ++counters_[series];
}

void Metrics::observe(const std::string& provider, double seconds) {
  const std::lock_guard guard{mutex_};
  for (const double bucket : buckets) durations_[provider][bucket] += seconds <= bucket ? 1 : 0;
  auto& [count, sum] = sums_[provider];
  ++count;
  sum += seconds;
}

std::string Metrics::text() const {
  const std::lock_guard guard{mutex_};
  std::string text;
  const auto counter = [&](const std::string& name, const std::string& help) {
    text += family(name, "counter", help);
    for (const auto& [series, value] : counters_)
      if (name_of(series) == name) text += series + " " + number(value) + "\n";
  };
  auto shown = gauges();
  for (const auto& [series, value] : preset_) shown[series] = value;
  for (const auto& [series, value] : shown)
    text += family(series, "gauge", series + ".") + series + " " + number(value) + "\n";
  text += family("nodejs_version_info", "gauge", "Node.js version info.") +
          "nodejs_version_info{version=\"v22.23.0\",major=\"22\",minor=\"23\",patch=\"0\"} 1\n";
  counter("gateway_requests_total", "Total number of gateway requests");
  const std::string duration = "gateway_request_duration_seconds";
  text += family(duration, "histogram", "Gateway request duration in seconds");
  for (const auto& [provider, counts] : durations_) {
    for (const auto& [bucket, count] : counts)
      text += duration + "_bucket{le=\"" + number(bucket) + "\",provider=\"" + provider + "\"} " +
              std::to_string(count) + "\n";
    const auto& [count, sum] = sums_.at(provider);
    text += duration + "_bucket{le=\"+Inf\",provider=\"" + provider + "\"} " + std::to_string(count) + "\n" + duration +
            "_sum{provider=\"" + provider + "\"} " + number(sum) + "\n" + duration + "_count{provider=\"" + provider +
            "\"} " + std::to_string(count) + "\n";
  }
  counter("gateway_aip_checks_total", "Total AIP integrity checks");
  counter("gateway_cache_operations_total", "Cache operations");
  counter("gateway_background_tasks_total", "Background tasks");
  counter("gateway_cron_runs_total", "Cron runs");
  return text;
}

}  // namespace smoltbot
