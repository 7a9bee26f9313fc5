// The signatures of the guides against lines of the applications themselves, and against lines of everybody else.
#include <map>

#include "guides/library.hpp"
#include "logs/matcher.hpp"
#include "logs/scanner.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using Names = std::vector<std::string>;

/// Those of one system, as doctor uses them. `anytime`: without the milestones that they ask for.
logs::Patterns patterns(const std::string& system, bool anytime) {
  logs::Patterns patterns;
  const guides::Library library{guides::embedded()};
  for (const auto& code : library.codes()) {
    const auto entry = library.entry(code);
    if (!entry->system.empty() && entry->system != system) continue;
    for (const auto& line : entry->log)
      patterns.signatures.push_back(
          {entry->code, line.match, line.service, anytime ? "" : line.after, anytime ? "" : line.before, line.level});
  }
  patterns.milestones["chatalot"] = {{"started", "Starting Chatalot server on "},
                                     {"connected", "Database connected"},
                                     {"migrated", "Migrations applied"},
                                     {"loaded", "Instance settings: "},
                                     {"listening", "Listening on "}};
  patterns.milestones["gateway"] = {{"started", "Starting smoltbot self-hosted runtime"},
                                    {"listening", "HTTP server listening on "},
                                    {"ready", "Startup complete"}};
  patterns.milestones["observer"] = {{"started", "Starting smoltbot self-hosted runtime"},
                                     {"scheduled", "Cron scheduled: observer"},
                                     {"ready", "Startup complete"}};
  return patterns;
}

Names entries(const std::string& service, const Names& lines, bool anytime = false,
              const std::string& system = "chatalot") {
  logs::Scanner scanner{patterns(system, anytime), service};
  for (const auto& line : lines) scanner.line(line);
  Names found;
  for (const auto& hit : scanner.result().hits)
    if (!hit.entry.empty()) found.push_back(hit.entry);
  return found;
}

std::string event(const std::string& level, const std::string& target, const std::string& text) {
  return "\x1b[2m2026-02-28T22:30:30.123456Z\x1b[0m \x1b[31m" + level + "\x1b[0m \x1b[2m" + target +
         "\x1b[0m\x1b[2m:\x1b[0m " + text;
}

const std::string started = event(" INFO", "chatalot_server", "Starting Chatalot server on 0.0.0.0:8080");
const std::string connected = event(" INFO", "chatalot_server", "Database connected");
const std::string migrated = event(" INFO", "chatalot_server", "Migrations applied");
const std::string loaded = event(
    " INFO", "chatalot_server", "Instance settings: max_messages_cache=500, max_pins_per_channel=50, e2e_enabled=true");
const std::string listening = event(" INFO", "chatalot_server", "Listening on 0.0.0.0:8080");

std::string server_error(const std::string& text) {
  return event("ERROR", "chatalot_server::error", text);
}

/// Lines of other programs, as their documentation or source has them.
const Names foreign{
    R"(2026/02/28 22:30:30 [error] 31#31: *1 open() "/usr/share/nginx/html/x" failed (2: No such file or directory), client: 10.0.0.1)",
    R"(2026/02/28 22:30:30 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use))",
    R"(2026/02/28 22:30:30 [error] 31#31: *5 connect() failed (111: Connection refused) while connecting to upstream)",
    R"(2026/02/28 22:30:30 [crit] 31#31: *7 pwrite() "/var/cache/nginx/1" failed (28: No space left on device))",
    R"(10.0.0.1 - - [28/Feb/2026:22:30:30 +0000] "GET /api/health HTTP/1.1" 500 12 "-" "curl/8.0")",
    R"(2026-02-28 22:30:30.123 UTC [31] ERROR:  relation "users" does not exist at character 15)",
    R"(2026-02-28 22:30:30.123 UTC [31] LOG:  checkpoint complete: wrote 3 buffers (0.0%))",
    R"(2026-02-28 22:30:30.123 UTC [31] FATAL:  role "root" does not exist)",
    R"(1:M 28 Feb 2026 22:30:30.123 # Failed opening the temp RDB file temp-1.rdb for saving: Permission denied)",
    R"(1:M 28 Feb 2026 22:30:30.123 # Error writing to the AOF file: No space left on device)",
    R"(1:M 28 Feb 2026 22:30:30.123 * Ready to accept connections tcp)",
    R"(Feb 28 22:30:30 host systemd[1]: app.service: Failed with result 'exit-code'.)",
    R"(Feb 28 22:30:30 host systemd[1]: Failed to start app.service: Permission denied)",
    R"(Feb 28 22:30:30 host kernel: Out of memory: Killed process 4711 (java) total-vm:1kB)",
    R"(2026-02-28 22:30:30.123 ERROR 1 --- [main] o.s.b.SpringApplication : Application run failed)",
    R"(Caused by: java.net.BindException: Address already in use)",
    R"(com.zaxxer.hikari.pool.HikariPool$PoolInitializationException: Failed to initialize pool: timed out)",
    R"(Exception in thread "main" java.io.FileNotFoundException: /x (No such file or directory))",
    R"(Traceback (most recent call last):)",
    R"(PermissionError: [Errno 13] Permission denied: '/data')",
    R"(OSError: [Errno 28] No space left on device)",
    R"(psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known)",
    R"(ERROR:root:GIPHY returned status 403)",
    R"(django.db.utils.IntegrityError: null value in column "author_id" of relation "posts" violates not-null constraint)",
    R"(time="2026-02-28T22:30:30Z" level=error msg="listen tcp :8080: bind: address already in use")",
    R"(E0228 22:30:30.123456 1 reflector.go:1] failed to list: connection refused)",
    R"({"level":"error","ts":1772317830.1,"msg":"dial tcp: lookup db: no such host"})",
    R"(npm ERR! code ENOSPC: no space left on device, write)",
    R"(Error: listen EADDRINUSE: address already in use :::8080)",
    R"(panic: runtime error: invalid memory address or nil pointer dereference)",
    R"(sshd[99]: Account bob locked out after 3 failed attempts)",
};

/// How smoltbot's runtime writes: one object a line, a stack behind the message.
std::string json(const std::string& level, const std::string& message) {
  return R"({"timestamp":"2026-02-28T22:30:30.123Z","level":")" + level +
         R"(","service":"smoltbot-gateway","message":")" + message + "\"}";
}

struct Known {
  std::string entry;
  Names lines;
};

const std::vector<Known> known{
    {"chatalot-database-url-missing", {"Error: DATABASE_URL must be set"}},
    {"chatalot-totp-key-missing", {"Error: TOTP_ENCRYPTION_KEY must be set (hex-encoded 256-bit key)"}},
    {"chatalot-database-unreachable", {started, "Error: pool timed out while waiting for an open connection"}},
    {"chatalot-database-unreachable",
     {started, "Error: error communicating with database: No route to host (os error 113)"}},
    {"chatalot-dns-failed",
     {started,
      "Error: error communicating with database: failed to lookup address information: Name or service not known"}},
    {"chatalot-database-auth-failed",
     {started, "Error: error returned from database: password authentication failed for user \"chatalot\""}},
    {"chatalot-database-password-unescaped", {started, "Error: error with configuration: invalid port number"}},
    {"chatalot-database-privilege-missing",
     {started, connected,
      "Error: while executing migrations: error returned from database: permission denied for schema public"}},
    {"chatalot-migration-failed",
     {started, connected, "Error: while executing migration 51: error returned from database: boom"}},
    {"chatalot-migration-failed",
     {started, connected,
      "Error: migration 50 is partially applied; fix and remove row from `_sqlx_migrations` table"}},
    {"chatalot-database-newer-than-server",
     {started, connected, "Error: migration 51 was previously applied but is missing in the resolved migrations"}},
    {"chatalot-migration-checksum-mismatch",
     {started, connected, "Error: migration 1 was previously applied but has been modified"}},
    {"chatalot-jwt-key-missing", {started, connected, migrated, "Error: No such file or directory (os error 2)"}},
    {"chatalot-jwt-key-missing", {started, connected, migrated, "Error: Is a directory (os error 21)"}},
    {"chatalot-jwt-key-unreadable", {started, connected, migrated, "Error: Permission denied (os error 13)"}},
    {"chatalot-jwt-key-invalid", {started, connected, migrated, "Error: stream did not contain valid UTF-8"}},
    {"chatalot-jwt-key-invalid", {started, connected, migrated, "Error: InvalidKeyFormat"}},
    {"chatalot-port-in-use", {started, connected, migrated, loaded, "Error: Address already in use (os error 98)"}},
    {"chatalot-cors-origin-rejected",
     {"thread 'main' panicked at tower-http/src/cors/allow_origin.rs:",
      "Wildcard origin (`*`) cannot be passed to `AllowOrigin::list`. Use `AllowOrigin::any()` instead"}},
    {"chatalot-community-mode-invalid",
     {event(" WARN", "chatalot_server::config",
            "Invalid COMMUNITY_CREATION_MODE 'anyone', falling back to 'admin_only'")}},
    {"chatalot-database-pool-exhausted",
     {server_error("Database error: pool timed out while waiting for an open connection")}},
    {"chatalot-database-pool-exhausted",
     {event(" WARN", "chatalot_server",
            "Failed to query due scheduled messages: pool timed out while waiting for an open connection")}},
    {"chatalot-message-purge-blocked",
     {event(" WARN", "chatalot_server",
            "GC soft-delete cleanup failed: error returned from database: update or delete on table \"messages\" "
            "violates foreign key constraint \"messages_thread_id_fkey\" on table \"messages\"")}},
    {"chatalot-user-deletion-blocked",
     {server_error("Database error: error returned from database: null value in column \"created_by\" of relation "
                   "\"announcements\" violates not-null constraint")}},
    {"chatalot-file-uploader-missing",
     {server_error(
         "Database error: error occurred while decoding column \"uploader_id\": unexpected null; try decoding "
         "as an `Option`")}},
    {"chatalot-thumbnail-files-missing",
     {server_error("Internal error: open thumbnail: No such file or directory (os error 2)")}},
    {"chatalot-uploads-orphaned", {server_error("Internal error: open file: No such file or directory (os error 2)")}},
    {"chatalot-uploads-orphaned",
     {event(" INFO", "chatalot_server", "Orphan cleanup: removed 4711 disk files with no DB record")}},
    {"chatalot-storage-not-writable", {server_error("Internal error: create dir: Permission denied (os error 13)")}},
    {"chatalot-storage-not-writable",
     {server_error("Internal error: write avatar: Read-only file system (os error 30)")}},
    {"chatalot-disk-full", {server_error("Internal error: write file: No space left on device (os error 28)")}},
    {"chatalot-websocket-session-limit",
     {event(" WARN", "chatalot_server::ws::handler", "WebSocket rejected: too many concurrent sessions user_id=x")}},
    {"chatalot-account-locked",
     {event(" WARN", "chatalot_server::services::auth_service", "Account 'x' locked out after 10 failed attempts")}},
    {"chatalot-web-push-misconfigured",
     {event(" WARN", "chatalot_server::app_state", "Web Push disabled: invalid VAPID private key: x")}},
    {"chatalot-web-push-misconfigured",
     {event(" WARN", "chatalot_server::services::push_service", "Failed to build VAPID sig for x: y")}},
    {"chatalot-feedback-unconfigured", {server_error("Internal error: GitHub API error: 401 Unauthorized - {}")}},
    {"chatalot-giphy-key-rejected", {server_error("Internal error: GIPHY API returned status 403 Forbidden")}},
    {"chatalot-log-level-debug", {event("DEBUG", "tower_http::trace::on_request", "started processing request")}},
};

const std::vector<Known> known_of_postgres{
    {"chatalot-database-volume-incompatible",
     {"2026-02-28 22:30:30.123 UTC [1] FATAL:  database files are incompatible with server",
      "2026-02-28 22:30:30.123 UTC [1] DETAIL:  The data directory was initialized by PostgreSQL version 16, which is "
      "not compatible with this version 17.2 (Debian 17.2-1.pgdg120+1)."}},
    {"chatalot-restore-failed", {"2026-02-28 22:30:30.1 UTC [9] ERROR:  cannot drop the currently open database"}},
    {"chatalot-database-connections-exhausted",
     {"2026-02-28 22:30:30.1 UTC [9] FATAL:  sorry, too many clients already"}},
    {"chatalot-database-connections-exhausted",
     {"2026-02-28 22:30:30.1 UTC [9] FATAL:  remaining connection slots are reserved for roles with the SUPERUSER "
      "attribute"}},
    {"chatalot-database-password-missing",
     {"Error: Database is uninitialized and superuser password is not specified."}},
    {"chatalot-disk-full",
     {"2026-02-28 22:30:30.1 UTC [9] PANIC:  could not write to file \"pg_wal/xlogtemp.9\": No space left on device"}},
};

const std::string runtime = json("info", "Starting smoltbot self-hosted runtime (role=gateway)");
const std::string ioredis = "[ioredis] Unhandled error event: ";
const std::string fatal = "Fatal startup error: ";

const std::vector<Known> known_of_gateway{
    {"smoltbot-env-required-missing",
     {runtime,
      json("error", fatal + R"(Missing required environment variables:\n  SUPABASE_URL\n  SUPABASE_KEY\n\nSet)")}},
    {"smoltbot-supabase-jwt-secret-missing",
     {runtime, json("error", fatal + R"(Missing required environment variables:\n  SUPABASE_JWT_SECRET\n\nSet them)")}},
    {"smoltbot-port-invalid",
     {runtime, json("error", fatal + "options.port should be >= 0 and < 65536. Received type number (NaN).")}},
    {"smoltbot-port-in-use", {"Error: listen EADDRINUSE: address already in use 0.0.0.0:8787"}},
    {"smoltbot-host-not-local", {"Error: listen EADDRNOTAVAIL: address not available 192.0.2.10:8787"}},
    {"smoltbot-port-privileged", {"Error: listen EACCES: permission denied 0.0.0.0:443"}},
    {"smoltbot-worker-module-missing",
     {runtime, json("error",
                    "Failed to import gateway worker module: Cannot find module '/gateway/src/index.js' imported from "
                    "/app/dist/entrypoint.js")}},
    {"smoltbot-worker-packages-missing",
     {runtime, json("error",
                    "Failed to import gateway worker module: Cannot find package '@mnemom/agent-integrity-protocol' "
                    "imported from /app/gateway/src/index.js")}},
    {"smoltbot-log-level-invalid", {R"([logger] Unknown LOG_LEVEL "INFO", defaulting to "info")"}},
    {"smoltbot-heap-limit-reached",
     {"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"}},
    {"smoltbot-redis-unreachable", {json("error", ioredis + "Error: connect ECONNREFUSED 172.18.0.2:6379")}},
    {"smoltbot-redis-url-invalid", {json("error", ioredis + "Error: connect ECONNREFUSED /")}},
    {"smoltbot-redis-host-unresolved", {json("error", ioredis + "Error: getaddrinfo ENOTFOUND redis")}},
    {"smoltbot-redis-port-blocked", {json("error", ioredis + "Error: connect ETIMEDOUT")}},
    {"smoltbot-redis-auth-failed", {json("error", ioredis + "ReplyError: NOAUTH Authentication required.")}},
    {"smoltbot-redis-db-index-invalid", {json("error", ioredis + "ReplyError: ERR DB index is out of range")}},
    {"smoltbot-redis-memory-full",
     {json("error",
           "[RedisKV] put error (fail-open): ReplyError: OOM command not allowed when used memory > 'maxmemory'.")}},
    {"smoltbot-redis-read-only",
     {json("error", "[RedisKV] put error (fail-open): READONLY You can't write against a read only replica.")}},
    {"smoltbot-redis-outage-stalls-requests",
     {json(
         "error",
         R"([RedisKV] get error (fail-open): MaxRetriesPerRequestError: Reached the max retries per request limit (which is 3). Refer to \"maxRetriesPerRequest\" option)")}},
    {"smoltbot-supabase-key-invalid", {json("error", "Gateway error: Supabase lookup failed: 401")}},
    {"smoltbot-supabase-key-low-privilege",
     {json(
         "error",
         R"(Gateway error: Failed to create agent: 401 - {\"code\":\"42501\",\"message\":\"new row violates row-level security policy\"})")}},
    {"smoltbot-schema-cache-stale",
     {json("error", R"(Gateway error: Failed to create agent: 400 - {\"code\":\"PGRST204\",\"details\":null})")}},
    {"smoltbot-supabase-wrong-site",
     {json("error", R"(Gateway error: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON)")}},
    {"smoltbot-supabase-url-invalid",
     {json("error", "Gateway error: Failed to parse URL from abc.supabase.co/rest/v1/agents?select=id")}},
    {"smoltbot-supabase-unreachable",
     {json("error",
           R"(Gateway error: fetch failed\nTypeError: fetch failed\n    at async getOrCreateAgent (x.js:1:1))")}},
    {"smoltbot-upstream-unreachable",
     {json("error",
           R"(Gateway error: fetch failed\nTypeError: fetch failed\n    at async handleProviderProxy (x.js:1:1))")}},
    {"smoltbot-analysis-key-invalid",
     {json("error", "[gateway/aip] callAnalysisLLM failed (attempt 1): Analysis LLM returned 401: invalid x-api-key")}},
    {"smoltbot-agent-contained",
     {json("info",
           "[gateway/containment] Auto-pausing agent smolt-1a2b3c4d: 3 consecutive boundary violations (threshold: "
           "3)")}},
    {"smoltbot-heartbeat-failing", {json("warn", "[heartbeat] Failed to send heartbeat: fetch failed")}},
    {"smoltbot-heartbeat-url-invalid",
     {json("warn", "[heartbeat] Failed to send heartbeat: Failed to parse URL from ")}},
    {"smoltbot-background-task-backlog",
     {json("warn", "[ExecutionContext] drain() timed out after 30000ms with 4 pending promise(s)")}},
};

const std::vector<Known> known_of_observer{
    {"smoltbot-observer-cannot-read-logs",
     {json("error", "[observer] Failed to fetch logs: AI Gateway API error: 404 - x")}},
    {"smoltbot-scheduler-exits-immediately",
     {runtime, json("info", "Observer cron will be disabled. Set OBSERVER_WORKER_PATH if needed."),
      json("info", "API cron will be disabled. Set API_WORKER_PATH if needed.")}},
};

const Names healthy_gateway{runtime,
                            json("info", "Node.js v22.12.0, platform=linux"),
                            json("info", "Fetch interceptor installed"),
                            json("info", "KV adapter: Redis"),
                            json("info", "HTTP server listening on 0.0.0.0:8787"),
                            json("info", "Heartbeat client started (60s interval)"),
                            json("info", "Startup complete — ready to serve requests"),
                            json("info", "Received SIGTERM — starting graceful shutdown"),
                            json("info", "Graceful shutdown complete")};

const Names healthy_observer{runtime, json("info", "Cron scheduled: observer (every minute)"),
                             json("info", "API cron will be disabled. Set API_WORKER_PATH if needed."),
                             json("info", "Startup complete — ready to serve requests"),
                             json("info", "[cron] Observer scheduled handler complete")};

}  // namespace

TEST_CASE("smoltbot's own lines raise their entries", "[logs]") {
  for (const auto& [entry, lines] : known_of_gateway) {
    INFO(lines.back());
    CHECK(entries("gateway", lines, false, "smoltbot") == Names{entry});
  }
  for (const auto& [entry, lines] : known_of_observer) {
    INFO(lines.back());
    CHECK(entries("observer", lines, false, "smoltbot") == Names{entry});
  }
  CHECK(entries("postgres",
                {R"(2026-02-28 22:30:30.1 UTC [9] PANIC:  could not write to file: No space left on device)"}, false,
                "smoltbot") == Names{"smoltbot-disk-full"});
}

TEST_CASE("a secret in a line raises an entry of its own beside that of the fault", "[logs]") {
  const auto found = entries(
      "gateway",
      {json("warn",
            R"([heartbeat] Failed to send heartbeat: Headers.append: \"Bearer x\" is an invalid header value.)")},
      false, "smoltbot");
  CHECK(found == Names{"smoltbot-license-malformed", "smoltbot-secrets-in-logs"});
}

TEST_CASE("a healthy run of smoltbot raises nothing", "[logs]") {
  CHECK(entries("gateway", healthy_gateway, false, "smoltbot").empty());
  CHECK(entries("observer", healthy_observer, false, "smoltbot").empty());
}

TEST_CASE("the application's own lines raise their entries", "[logs]") {
  for (const auto& [entry, lines] : known) {
    INFO(lines.back());
    CHECK(entries("chatalot", lines) == Names{entry});
  }
  for (const auto& [entry, lines] : known_of_postgres) {
    INFO(lines.back());
    CHECK(entries("postgres", lines) == Names{entry});
  }
  CHECK(entries("cloudflared", {"2026-02-28T22:30:30Z ERR Provided Tunnel token is not valid."}) ==
        Names{"chatalot-tunnel-failed"});
}

TEST_CASE("a migration that fails for a known reason raises that alone", "[logs]") {
  const std::string begin = "Error: while executing migration 11: error returned from database: ";
  CHECK(entries("chatalot", {started, connected, begin + "function gen_random_uuid() does not exist"}) ==
        Names{"chatalot-database-version-too-old"});
  CHECK(entries("chatalot", {started, connected, begin + "must be owner of table users"}) ==
        Names{"chatalot-database-privilege-missing"});
  CHECK(entries("chatalot", {started, connected, begin + "function touch() already exists"}) ==
        Names{"chatalot-migration-failed"});
}

TEST_CASE("a healthy start raises nothing", "[logs]") {
  CHECK(
      entries("chatalot", {event(" WARN", "chatalot_server::config", "ICE_SERVERS is not valid JSON, will be ignored"),
                           started, connected, migrated, loaded, listening})
          .empty());
}

TEST_CASE("what a bare error of the operating system means depends on how far the start got", "[logs]") {
  CHECK(entries("chatalot", {started, "Error: Permission denied (os error 13)"}).empty());
  CHECK(entries("chatalot", {started, connected, migrated, loaded, "Error: Permission denied (os error 13)"}).empty());
}

TEST_CASE("lines of other programs raise nothing, whatever the service is called", "[logs]") {
  for (const auto* service : {"chatalot", "postgres", "cloudflared", "cloudflared-quick", "nginx", "web"})
    for (const auto& line : foreign) {
      INFO(service << ": " << line);
      CHECK(entries(service, {line}, true).empty());
    }
  for (const auto* service : {"gateway", "observer", "postgres", "nginx", "web"})
    for (const auto& line : foreign) {
      INFO(service << ": " << line);
      const bool of_node = line.starts_with("Error: listen ");  // that is how smoltbot says it, too
      if (!of_node) CHECK(entries(service, {line}, true, "smoltbot").empty());
    }
}

TEST_CASE("every signature has a text that can be looked for", "[logs]") {
  for (const auto* system : {"chatalot", "smoltbot"}) {
    const auto all = patterns(system, false);
    Names expressions;
    for (const auto& signature : all.signatures) expressions.push_back(signature.match);
    REQUIRE_FALSE(expressions.empty());
    const logs::Matcher matcher{expressions};
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      INFO(all.signatures[i].entry << ": " << expressions[i]);
      CHECK(matcher.has_anchor(i));
    }
  }
}

TEST_CASE("a named group never takes the name of a log finding's own evidence", "[logs]") {
  const guides::Library library{guides::embedded()};
  const auto own = library.entry("log-signature")->evidence;
  for (const auto* system : {"chatalot", "smoltbot"})
    for (const auto& signature : patterns(system, false).signatures)
      for (const auto& name : own) {
        INFO(signature.entry);
        CHECK(signature.match.find("(?P<" + name + ">") == std::string::npos);
      }
}

}  // namespace doctor::test
