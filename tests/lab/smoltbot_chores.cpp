#include "lab/smoltbot_chores.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <vector>

#include <nlohmann/json.hpp>

#include "lab/smoltbot_fetch.hpp"
#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

constexpr long minute = 60000;

void beat() {
  const auto token = variable_or("MNEMOM_LICENSE_JWT", "");
  const nlohmann::ordered_json body{
      {"deployment_id", variable_or("DEPLOYMENT_ID", "selfhosted-" + variable_or("HOSTNAME", "local"))},
      {"license_jwt", token},
      {"version", variable_or("GATEWAY_VERSION", "1.0.0-selfhosted")},
      {"heartbeat_data", {{"uptime_seconds", 0}, {"health_status", "healthy"}, {"platform", "linux"}}},
      {"timestamp", now_text()}};
  const auto answer = fetch({"POST",
                             variable_or("HEARTBEAT_URL", "https://api.mnemom.ai/v1/deployments/heartbeat"),
                             {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}},
                             body.dump(),
                             10000});
  if (stopping()) return;
  if (!answer.error.empty())
    log("warn", "[heartbeat] Failed to send heartbeat: " + answer.error);
  else if (!answer.ok())
    log("warn", "[heartbeat] Server returned " + std::to_string(answer.status) + " — continuing operation");
}

void observe(Metrics* metrics) {
  log("info", "[cron] Running observer scheduled handler");
  const auto url = "https://api.cloudflare.com/client/v4/accounts/" + variable_or("CF_ACCOUNT_ID", "") +
                   "/ai-gateway/gateways/" + variable_or("GATEWAY_ID", "self-hosted") + "/logs";
  const auto answer = fetch({"GET", url, {{"Authorization", "Bearer " + variable_or("CF_API_TOKEN", "")}}, {}, 30000});
  if (!answer.ok()) {
    const auto why = answer.error.empty()
                         ? "AI Gateway API error: " + std::to_string(answer.status) + " - " + answer.body
                         : answer.error;
    log("error", "[observer] Failed to fetch logs: " + why);
    log("error", "[observer] Fatal error in scheduled handler: Error: " + why +
                     "\n    at fetchLogs (file:///app/dist/observer-worker.js:410:11)");
  }
  log("info", "[cron] Observer scheduled handler complete");
  if (metrics != nullptr) metrics->count("gateway_cron_runs_total{job=\"observer\",result=\"success\"}");
}

[[noreturn]] void run_out_of_heap() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::cerr
      << "\n<--- Last few GCs --->\n\n[" + std::to_string(::getpid()) +
             ":0x7f2c5c000000]    61234 ms: Mark-Compact 383.1 (391.6) -> 382.9 (391.9) MB, pooled: 0 MB, 221.41 / "
             "0.00 ms  (average mu = 0.112, current mu = 0.004) allocation failure; scavenge might not succeed\n\n\n"
             "<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of "
             "memory\n----- Native stack trace -----\n\n 1: 0xe13fde node::OOMErrorHandler(char const*, "
             "v8::OOMDetails const&) [node]\n"
      << std::flush;
  std::abort();
}

}  // namespace

void beat_forever() {
  do {
    beat();
  } while (pause_for(milliseconds_of("LAB_HEARTBEAT_MS", minute)));
}

void observe_forever(Metrics* metrics) {
  while (pause_for(milliseconds_of("LAB_TICK_MS", minute))) observe(metrics);
}

void misbehave() {
  if (!missing("LAB_BACKLOG"))
    log("warn", "[ExecutionContext] drain() timed out after 30000ms with " + variable_or("LAB_BACKLOG", "") +
                    " pending promise(s)");
  if (!missing("LAB_BACKGROUND_FAILURE"))
    log("error", "[waitUntil] Background task failed: " + variable_or("LAB_BACKGROUND_FAILURE", ""));
  std::vector<std::string> taken;
  const long most = milliseconds_of("LAB_EAT_MEMORY_MB", 0);
  for (long count = 0; count < most && pause_for(10); ++count) taken.emplace_back(1024UL * 1024, 'x');
  const long until = milliseconds_of("LAB_HEAP_ABORT_MS", -1);
  if (until >= 0 && pause_for(until)) run_out_of_heap();
  while (pause_for(minute)) continue;
}

}  // namespace smoltbot
