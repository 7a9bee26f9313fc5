#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

/// What every part of the lab's `node` and `postgrest` needs: variables, the log, the end of the process.
namespace smoltbot {

/// The start-up ends with this text and exit code 1.
struct Fatal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::optional<std::string> variable(const char* name);
/// An empty value is kept: the defaults of the application are for what is not set at all.
std::string variable_or(const char* name, std::string_view fallback);
/// Not set, or empty.
bool missing(const char* name);
/// A number of milliseconds in a LAB_ variable.
long milliseconds_of(const char* name, long fallback);

/// "gateway", "scheduler" or "all", from SMOLTBOT_ROLE without case; anything else is "all".
std::string role();

/// One JSON line of the application's log: errors on standard error, the rest on standard output. What LOG_LEVEL hides
/// is not written.
void log(std::string_view level, const std::string& message);
/// The line about a LOG_LEVEL that the application does not know.
void check_log_level();

/// "2026-02-21T10:00:00.000Z"
std::string now_text();
long long now_milliseconds();

/// Asks the process to end; a signal handler may call it.
void ask_to_stop(int signal);
bool stopping();
/// Sleeps, and returns false as soon as the process is asked to end.
bool pause_for(long milliseconds);

}  // namespace smoltbot
