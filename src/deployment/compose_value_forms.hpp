#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace doctor::deployment::compose {

bool is_duration(std::string_view text);                    ///< "1h30m", "0.5s", "0"; units ns us ms s m h
bool is_size(std::string_view text);                        ///< "512", "512m", "1.5 GiB"
std::uint64_t size_in_bytes(std::string_view text);         ///< units are powers of 1024; 0 for what is no size
std::chrono::milliseconds duration(std::string_view text);  ///< 0 for what is no duration
bool is_command_line(std::string_view text);                ///< quotes and escapes are closed

struct ValueForm {
  std::string_view pattern;
  bool (*fits)(std::string_view);
  const char* name;
};

constexpr const char* duration_name = "a duration such as 30s";
constexpr const char* size_name = "a size such as 512m";

constexpr std::array<ValueForm, 14> value_forms{{
    {"services.*.healthcheck.interval", is_duration, duration_name},
    {"services.*.healthcheck.timeout", is_duration, duration_name},
    {"services.*.healthcheck.start_period", is_duration, duration_name},
    {"services.*.healthcheck.start_interval", is_duration, duration_name},
    {"services.*.stop_grace_period", is_duration, duration_name},
    {"services.*.deploy.restart_policy.delay", is_duration, duration_name},
    {"services.*.deploy.restart_policy.window", is_duration, duration_name},
    {"services.*.mem_limit", is_size, size_name},
    {"services.*.mem_reservation", is_size, size_name},
    {"services.*.shm_size", is_size, size_name},
    {"services.*.deploy.resources.limits.memory", is_size, size_name},
    {"services.*.deploy.resources.reservations.memory", is_size, size_name},
    {"services.*.command", is_command_line, "a command line: a quote is not closed"},
    {"services.*.entrypoint", is_command_line, "a command line: a quote is not closed"},
}};

}  // namespace doctor::deployment::compose
