#include "lab/smoltbot_runtime.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

namespace smoltbot {
namespace {

volatile std::sig_atomic_t asked = 0;  // set by the signal handler

constexpr std::array<std::string_view, 4> levels{"debug", "info", "warn", "error"};

std::size_t rank(std::string_view level) {
  const auto* const at = std::find(levels.begin(), levels.end(), level);
  return at == levels.end() ? 1 : static_cast<std::size_t>(at - levels.begin());
}

}  // namespace

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::string variable_or(const char* name, std::string_view fallback) {
  return variable(name).value_or(std::string{fallback});
}

bool missing(const char* name) {
  return variable_or(name, "").empty();
}

long milliseconds_of(const char* name, long fallback) {
  const auto text = variable_or(name, "");
  return text.empty() ? fallback : std::atol(text.c_str());
}

std::string role() {
  auto text = variable_or("SMOLTBOT_ROLE", "all");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text == "gateway" || text == "scheduler" ? text : "all";
}

std::string now_text() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return std::string{date.data()} + "." + std::to_string(1000 + now.tv_nsec / 1000000).substr(1) + "Z";
}

long long now_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

void log(std::string_view level, const std::string& message) {
  if (rank(level) < rank(variable_or("LOG_LEVEL", "info"))) return;
  nlohmann::ordered_json line;
  line["timestamp"] = now_text();
  line["level"] = level;
  line["service"] = "smoltbot-" + role();
  line["message"] = message;
  auto& stream = level == "error" ? std::cerr : std::cout;
  stream << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" << std::flush;
}

void check_log_level() {
  const auto level = variable("LOG_LEVEL");
  if (!level || std::find(levels.begin(), levels.end(), *level) != levels.end()) return;
  std::cerr << "[logger] Unknown LOG_LEVEL \"" + *level + "\", defaulting to \"info\"\n" << std::flush;
}

void ask_to_stop(int signal) {
  asked = signal;
}

bool stopping() {
  return asked != 0;
}

bool pause_for(long milliseconds) {
  constexpr long slice = 10;
  for (long slept = 0; slept < milliseconds && !stopping(); slept += slice)
    std::this_thread::sleep_for(std::chrono::milliseconds{std::min(slice, milliseconds - slept)});
  return !stopping();
}

}  // namespace smoltbot
