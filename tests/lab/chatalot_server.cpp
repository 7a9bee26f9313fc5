// A stand-in for Chatalot's server in the lab: the same start-up in the same order with the same texts, and the same
// answers where doctor asks. It reads nothing but its environment.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "lab/chatalot_database.hpp"
#include "lab/chatalot_http.hpp"
#include "lab/chatalot_log.hpp"

namespace chatalot {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::string required(const char* name, const std::string& message) {
  if (auto value = variable(name)) return *value;
  throw Fatal(message, "environment variable not found");
}

void log(std::string_view level, std::string_view text) {
  chatalot::log(level, "chatalot_server", text);
}

/// Web Push is on when there is a private key, which is 32 bytes in base64url.
void load_push_key() {
  constexpr std::size_t characters = 43;
  const auto key = variable("VAPID_PRIVATE_KEY").value_or("");
  if (!key.empty() && key.size() != characters)
    chatalot::log(" WARN", "chatalot_server::app_state",
                  "Web Push disabled: invalid VAPID private key: invalid length");
}

/// What would take too much to bring about in the lab: LAB_SAYS is a warning after the start, LAB_DIES the fatal error
/// of a migration.
void die_if_told() {
  if (const auto words = variable("LAB_DIES")) throw Fatal(*words);
}
void speak_if_told() {
  if (const auto words = variable("LAB_SAYS")) chatalot::log(" WARN", "chatalot_server::ws::handler", *words);
}

bool is_utf8_start(const std::string& text) {
  return text.find('\0') == std::string::npos && text.find('\xff') == std::string::npos &&
         (text.empty() || static_cast<unsigned char>(text.front()) < 0x80);
}

std::string read_pem(const std::string& path) {
  const auto fail = [](int error) -> std::string {
    throw Fatal(std::string{std::strerror(error)} + " (os error " + std::to_string(error) + ")");
  };
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return fail(errno);
  if (S_ISDIR(state.st_mode)) return fail(EISDIR);
  if (::access(path.c_str(), R_OK) != 0) return fail(errno);
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!is_utf8_start(text)) throw Fatal("stream did not contain valid UTF-8");
  return text;
}

/// A PEM block with this label whose base64 begins as an Ed25519 key of that kind does, and is as long.
void parse_pem(const std::string& text, const std::string& label, const std::string& begins, std::size_t length) {
  const auto head = "-----BEGIN " + label + "-----";
  const auto begin = text.find(head);
  const auto end = text.find("-----END " + label + "-----");
  if (begin == std::string::npos || end == std::string::npos || end < begin) throw Fatal("InvalidKeyFormat");
  std::string body;
  for (const char c : text.substr(begin + head.size(), end - begin - head.size()))
    if (c != '\n' && c != '\r') body += c;
  if (!body.starts_with(begins) || body.size() != length) throw Fatal("InvalidKeyFormat");
}

void load_keys() {
  const auto private_key = read_pem(variable("JWT_PRIVATE_KEY_PATH").value_or("./secrets/jwt_private.pem"));
  const auto public_key = read_pem(variable("JWT_PUBLIC_KEY_PATH").value_or("./secrets/jwt_public.pem"));
  parse_pem(private_key, "PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEI", 64);
  parse_pem(public_key, "PUBLIC KEY", "MCowBQYDK2VwAyEA", 60);
}

std::string mode_of(const char* name, std::initializer_list<std::string_view> known, const std::string& fallback) {
  const auto value = variable(name).value_or(fallback);
  for (const auto one : known)
    if (value == one) return value;
  log(" WARN", "Invalid " + std::string{name} + " '" + value + "', falling back to '" + fallback + "'");
  return fallback;
}

void check_origins() {
  const auto origins = variable("CORS_ORIGINS").value_or("");
  if (("," + origins + ",").find(",*,") == std::string::npos) return;
  std::cerr << "thread 'main' panicked at tower-http/src/cors/allow_origin.rs:\n"
               "Wildcard origin (`*`) cannot be passed to `AllowOrigin::list`. Use `AllowOrigin::any()` instead"
            << std::endl;
  constexpr int panic = 101;
  std::exit(panic);
}

void run() {
  const auto url = required("DATABASE_URL", "DATABASE_URL must be set");
  required("TOTP_ENCRYPTION_KEY", "TOTP_ENCRYPTION_KEY must be set (hex-encoded 256-bit key)");
  Site site{variable("STATIC_FILES_PATH").value_or("./static"),
            mode_of("REGISTRATION_MODE", {"open", "invite_only", "closed"}, "invite_only"),
            variable("PUBLIC_URL").value_or(""), variable("PUBLIC_URL").has_value(), std::chrono::steady_clock::now()};
  mode_of("COMMUNITY_CREATION_MODE", {"open", "admin_only"}, "admin_only");
  const auto address = variable("LISTEN_ADDR").value_or("0.0.0.0:8080");
  log(" INFO", "Starting Chatalot server on " + address);
  Pool pool{url};
  log(" INFO", "Database connected");
  die_if_told();
  pool.migrate();
  log(" INFO", "Migrations applied");
  load_keys();
  load_push_key();
  log(" INFO", "Instance settings: max_messages_cache=500, max_pins_per_channel=50, e2e_enabled=true");
  check_origins();
  const int listener = listen_on(address);
  log(" INFO", "Listening on " + address);
  speak_if_told();
  serve(listener, site, pool, stop_requested);
  log(" INFO", "Shutdown signal received");
  log(" INFO", "Server shut down gracefully");
}

}  // namespace
}  // namespace chatalot

int main() {
  std::signal(SIGTERM, [](int) { chatalot::stop_requested = 1; });
  std::signal(SIGINT, [](int) { chatalot::stop_requested = 1; });
  try {
    chatalot::run();
    std::cout.flush();
    ::_exit(0);  // requests under way end here, as they do there
  } catch (const chatalot::Fatal& fatal) {
    std::cerr << "Error: " << fatal.what() << "\n";
    if (!fatal.cause.empty()) std::cerr << "\nCaused by:\n    " << fatal.cause << "\n";
    return 1;
  }
}
