// ./dev bench: wall time, CPU and memory of the finished binary, medians of N runs, beside their budgets.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include "lab/lab.hpp"

namespace doctor::lab {
namespace {

struct Figures {
  double wall_ms = 0;
  double cpu_ms = 0;
  double rss_mb = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Figures measure(const Arguments& argv, int runs) {
  std::vector<double> wall;
  std::vector<double> cpu;
  std::vector<double> rss;
  for (int count = 0; count < runs; ++count) {
    const auto result = run(argv);
    wall.push_back(static_cast<double>(result.wall.count()) / 1000.0);
    cpu.push_back(static_cast<double>(result.cpu.count()) / 1000.0);
    rss.push_back(static_cast<double>(result.rss_kb) / 1024.0);
  }
  return {median(wall), median(cpu), median(rss)};
}

void row(const std::string& what, const Figures& figures, const std::string& budget) {
  std::printf("%-34s %9.2f %9.2f %9.1f   %s\n", what.c_str(), figures.wall_ms, figures.cpu_ms, figures.rss_mb,
              budget.c_str());
}

std::string ratio(double value, double budget) {
  char text[96];
  std::snprintf(text, sizeof text, "%.2f of it (budget %.2f)%s", value, budget, value > budget ? "  OVER" : "");
  return text;
}

/// The check that took longest, as the report says.
double slowest_check_ms(const std::string& report) {
  double slowest = 0;
  const auto json = nlohmann::json::parse(report);
  for (const auto& check : json.at("checks")) slowest = std::max(slowest, check.at("duration_ms").get<double>());
  return slowest;
}

void measure_start_up(const std::string& doctor, int runs) {
  const auto nothing = measure({"/bin/true"}, runs);
  row("/bin/true", nothing, "the measure");
  const auto version = measure({doctor, "version"}, runs);
  row("doctor version", version,
      ratio(version.wall_ms / nothing.wall_ms, 2.5) + ", " + std::to_string(version.rss_mb).substr(0, 4) +
          " MB (budget 10)" + (version.rss_mb > 10 ? "  OVER" : ""));
  const auto explain = measure({doctor, "explain", "chatalot-database-auth-failed"}, runs);
  row("doctor explain", explain, ratio(explain.wall_ms / version.wall_ms, 1.5) + ", of doctor version");
}

void measure_check(const std::string& doctor, int runs) {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Arguments argv{doctor, "check", lab.directory().path(), "--format", "json"};
  const auto slowest = slowest_check_ms(run(argv).out);
  const auto check = measure(argv, runs);
  char text[128];
  std::snprintf(text, sizeof text, "slowest check %.0f ms; budget 64 MB%s, 2000 ms CPU%s", slowest,
                check.rss_mb > 64 ? "  OVER" : "", check.cpu_ms > 2000 ? "  OVER" : "");
  row("doctor check, healthy lab", check, text);
}

}  // namespace
}  // namespace doctor::lab

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 21;
  try {
    const auto doctor = doctor::lab::doctor_binary();
    std::printf("%-34s %9s %9s %9s   (medians of %d runs)\n", doctor.c_str(), "wall ms", "CPU ms", "RSS MB", runs);
    doctor::lab::measure_start_up(doctor, runs);
    doctor::lab::measure_check(doctor, runs);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 1;
  }
}
