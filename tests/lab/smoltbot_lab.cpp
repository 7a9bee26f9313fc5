#include "lab/smoltbot_lab.hpp"

#include "lab/env_file.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "lab/smoltbot_schema.hpp"
#include "lab/smoltbot_world.hpp"

namespace doctor::lab {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

/// No account has it: the programs need none.
constexpr std::uint32_t unprivileged = 1998;
/// When the installation was made: the kernel's start time of a process is exact to a second only.
constexpr long seconds_ago = 600;
constexpr long day = 86400;

std::string base64url(const std::string& text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string encoded;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) encoded += alphabet[bits >> (count - 6) & 63U];
  }
  if (count > 0) encoded += alphabet[bits << (6 - count) & 63U];
  return encoded;
}

long now() {
  return static_cast<long>(std::time(nullptr));
}

std::string supabase_key(const std::string& role) {
  return token({{"iss", "supabase"},
                {"ref", "abcdefghijklmnopqrst"},
                {"role", role},
                {"iat", now() - day},
                {"exp", now() + 3000 * day}});
}

test::RedisServer::Options with_password(test::RedisServer::Options options) {
  if (options.password.empty()) options.password = random_alphanumeric(24);
  return options;
}

std::string seed_sql() {
  std::string sql = "SET ROLE smoltbot;\n" + migrations_table();
  for (const auto& file : smoltbot_migrations()) sql += file.sql + migration_row(file.name);
  return sql;
}

void seed(const test::PostgresServer& server) {
  if (!server.sql("SELECT 1 FROM pg_database WHERE datname = 'smoltbot_seed'").empty()) return;
  server.sql("CREATE ROLE smoltbot LOGIN");
  server.sql("CREATE DATABASE smoltbot_seed OWNER smoltbot");
  server.sql(seed_sql(), "smoltbot_seed");
}

bool is_secret(const std::string& name) {
  for (const auto* part : {"KEY", "SECRET", "JWT", "PASSWORD", "TOKEN", "AUTH"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

/// The password of a URL; "".
std::string password_in(const std::string& url) {
  const auto at = url.rfind('@');
  const auto scheme = url.find("://");
  if (at == std::string::npos || scheme == std::string::npos) return {};
  const auto colon = url.find(':', scheme + 3);
  return colon < at ? url.substr(colon + 1, at - colon - 1) : std::string{};
}

std::string program(const std::string& name) {
  return lab_program("smoltbot/" + name);
}

}  // namespace

test::PostgresServer& smoltbot_postgres() {
  static test::PostgresServer server{[] {
    test::PostgresServer::Options options;
    options.max_connections = 100;
    return options;
  }()};
  return server;
}

std::string token(const json& claims) {
  return base64url(json{{"alg", "HS256"}, {"typ", "JWT"}}.dump()) + "." + base64url(claims.dump()) + "." +
         random_alphanumeric(43);
}

SmoltbotLab::SmoltbotLab(test::RedisServer::Options redis, test::PostgresServer* postgres)
    : postgres_(postgres == nullptr ? smoltbot_postgres() : *postgres),
      database_password_(random_alphanumeric(32)),
      redis_(with_password(std::move(redis))),
      service_key_(supabase_key("service_role")),
      anon_key_(supabase_key("anon")),
      license_id_("lic_" + random_hex(16)),
      anthropic_("api.anthropic.com", anthropic_address, site_authority(), anthropic_service()),
      openai_("api.openai.com", openai_address, site_authority(), openai_service()),
      gemini_("generativelanguage.googleapis.com", gemini_address, site_authority(), gemini_service()),
      mnemom_("api.mnemom.ai", mnemom_address, site_authority(), mnemom_service()),
      cloudflare_("api.cloudflare.com", cloudflare_address, site_authority(), cloudflare_service()) {
  secrets_.add(database_password_);
  secrets_.add(anon_key_);
  reset_database();
  lay_out();
  restart_rest();
}

SmoltbotLab::~SmoltbotLab() = default;

void SmoltbotLab::reset_database() {
  seed(postgres_);
  postgres_.sql("ALTER ROLE smoltbot LOGIN PASSWORD '" + database_password_ + "'");
  postgres_.sql("DROP DATABASE IF EXISTS smoltbot WITH (FORCE)");
  postgres_.sql("CREATE DATABASE smoltbot OWNER smoltbot TEMPLATE smoltbot_seed");
}

void SmoltbotLab::lay_out() {
  directory_.write("dist/entrypoint.js", "// the entry point of the runtime\n");
  for (const auto* module : {"gateway", "observer", "api"})
    directory_.write(std::string{"dist/"} + module + "-worker.js", "// bundled\n");
  for (const auto& file : smoltbot_migrations()) directory_.write("database/migrations/" + file.name, file.sql);
  directory_.write("certs/authority.pem", site_authority().certificate);
  directory_.write(".env", "", 0600);
  set("SUPABASE_URL", "http://127.0.0.1:3000");
  set("SUPABASE_KEY", service_key_);
  set("SUPABASE_JWT_SECRET", random_alphanumeric(40));
  set("ANTHROPIC_API_KEY", "sk-ant-api03-" + random_alphanumeric(40));
  set("REDIS_URL", redis_.url());
  set("LOG_LEVEL", "info");
  set("PORT", "8787");
  set("SMOLTBOT_ROLE", "gateway");
  set("CF_ACCOUNT_ID", random_hex(32));
  set("CF_API_TOKEN", random_alphanumeric(40));
  set("NODE_EXTRA_CA_CERTS", directory_.path("certs/authority.pem"));
  for (const auto* module : {"gateway", "observer", "api"}) {
    std::string name = module;
    for (auto& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    set(name + "_WORKER_PATH", std::string{"./"} + module + "-worker.js");
  }
  license(license_claims());
  directory_.touch(".env", -seconds_ago);
}

json SmoltbotLab::license_claims() const {
  return {{"license_id", license_id_}, {"account_id", "acc_lab"},
          {"plan_id", "enterprise"},   {"feature_flags", {{"containment", true}}},
          {"max_activations", 5},      {"iat", now() - day},
          {"exp", now() + 200 * day}};
}

std::string SmoltbotLab::license(const json& claims) {
  auto made = token(claims);
  set("MNEMOM_LICENSE_JWT", made);
  return made;
}

std::string SmoltbotLab::database_url() const {
  return postgres_.url("smoltbot", database_password_, "smoltbot");
}

Environment SmoltbotLab::exported() const {
  return env_file::variables(directory_);
}

std::string SmoltbotLab::value(const std::string& name) const {
  return env_file::value(directory_, name);
}

SmoltbotLab& SmoltbotLab::unset(const std::string& name) {
  env_file::unset(directory_, name);
  directory_.touch(".env", -seconds_ago);
  return *this;
}

SmoltbotLab& SmoltbotLab::set(const std::string& name, const std::string& value) {
  env_file::set(directory_, name, value);
  directory_.touch(".env", -seconds_ago);
  if (is_secret(name)) secrets_.add(value);
  secrets_.add(password_in(value));
  return *this;
}

SmoltbotLab& SmoltbotLab::simulate(const std::string& name, const std::string& value) {
  simulated_.emplace_back(name, value);
  return *this;
}

std::unique_ptr<Child> SmoltbotLab::launch(const Environment& more, const std::string& output) const {
  std::filesystem::remove(output);
  // Of two variables with one name a program sees the first.
  CommandOptions options;
  options.environment = more;
  for (const auto& part : {simulated_, exported()})
    for (const auto& [name, value] : part) {
      bool known = false;
      for (const auto& [other, ignored] : *options.environment) known = known || other == name;
      if (!known) options.environment->emplace_back(name, value);
    }
  options.environment->emplace_back("PATH", "/usr/bin:/bin");
  options.directory = directory_.path();
  if (is_root()) options.uid = unprivileged;
  options.output = output;
  return std::make_unique<Child>(Arguments{program("node"), "dist/entrypoint.js"}, options);
}

void SmoltbotLab::wait_in(Child& child, const std::string& output, const std::string& text) const {
  const auto end = Clock::now() + std::chrono::seconds{20};
  while (read_file(output).find(text) == std::string::npos) {
    if (!child.alive() || Clock::now() > end)
      throw std::runtime_error("the program did not get there: " + read_file(output));
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

SmoltbotLab& SmoltbotLab::start_until(const std::string& text, const Environment& more) {
  gateway_.reset();
  gateway_ = launch(more, directory_.parent() + "/gateway.log");
  wait_in(*gateway_, directory_.parent() + "/gateway.log", text);
  return *this;
}

SmoltbotLab& SmoltbotLab::start(const Environment& more) {
  start_until("", more);
  const auto end = Clock::now() + std::chrono::seconds{20};
  while (get("/health/startup").status != 200) {
    if (!gateway_->alive() || Clock::now() > end) throw std::runtime_error("the gateway does not start: " + log());
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return *this;
}

SmoltbotLab::Death SmoltbotLab::start_and_die(const Environment& more) {
  gateway_.reset();
  gateway_ = launch(more, directory_.parent() + "/gateway.log");
  const auto result = gateway_->wait(std::chrono::seconds{20});
  gateway_.reset();
  return {result.exit, log()};
}

SmoltbotLab& SmoltbotLab::start_observer_until(const std::string& text, const Environment& more) {
  auto environment = more;
  environment.emplace_back("SMOLTBOT_ROLE", "scheduler");
  observer_.reset();
  observer_ = launch(environment, directory_.parent() + "/observer.log");
  wait_in(*observer_, directory_.parent() + "/observer.log", text);
  return *this;
}

SmoltbotLab& SmoltbotLab::start_observer(const Environment& more) {
  return start_observer_until("Startup complete", more);
}

SmoltbotLab::Death SmoltbotLab::start_observer_and_die(const Environment& more) {
  auto environment = more;
  environment.emplace_back("SMOLTBOT_ROLE", "scheduler");
  observer_.reset();
  observer_ = launch(environment, directory_.parent() + "/observer.log");
  const auto result = observer_->wait(std::chrono::seconds{20});
  observer_.reset();
  return {result.exit, observer_log()};
}

std::string SmoltbotLab::log() const {
  return read_file(directory_.parent() + "/gateway.log");
}

std::string SmoltbotLab::observer_log() const {
  return read_file(directory_.parent() + "/observer.log");
}

SmoltbotLab& SmoltbotLab::wait_for_log(const std::string& text) {
  wait_in(*gateway_, directory_.parent() + "/gateway.log", text);
  return *this;
}

SmoltbotLab& SmoltbotLab::wait_for_observer_log(const std::string& text) {
  wait_in(*observer_, directory_.parent() + "/observer.log", text);
  return *this;
}

SmoltbotLab::Answer SmoltbotLab::request(const Arguments& arguments, const std::string& path,
                                         const std::vector<std::string>& headers) const {
  Arguments command{"curl", "-s", "-m", "60", "-D", "/dev/stderr", "-w", "\n%{http_code}"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  for (const auto& header : headers) command.insert(command.end(), {"-H", header});
  const auto port = value("PORT");
  command.push_back("http://127.0.0.1:" + (port.empty() ? "8787" : port) + path);
  const auto result = run(command);
  const auto end = result.out.rfind('\n');
  return {std::atoi(result.out.c_str() + end + 1), result.out.substr(0, end), result.err};
}

SmoltbotLab::Answer SmoltbotLab::get(const std::string& path, const std::vector<std::string>& headers) const {
  return request({}, path, headers);
}

SmoltbotLab::Answer SmoltbotLab::post(const std::string& path, const std::string& body,
                                      const std::vector<std::string>& headers) const {
  return request({"-H", "Content-Type: application/json", "-d", body}, path, headers);
}

SmoltbotLab& SmoltbotLab::restart_rest(const Environment& more) {
  rest_.reset();
  CommandOptions options;
  options.environment = more;
  for (const auto& [name, value] : Environment{{"PGRST_DB_URI", database_url()},
                                               {"PGRST_SERVER_HOST", "127.0.0.1"},
                                               {"PGRST_SERVER_PORT", "3000"},
                                               {"SERVICE_KEY", service_key_},
                                               {"ANON_KEY", anon_key_},
                                               {"LAB_REST_MODE", directory_.parent() + "/rest-mode"},
                                               {"PATH", "/usr/bin:/bin"}}) {
    bool known = false;
    for (const auto& [other, ignored] : more) known = known || other == name;
    if (!known) options.environment->emplace_back(name, value);
  }
  options.directory = directory_.path();
  if (is_root()) options.uid = unprivileged;
  options.output = directory_.parent() + "/rest.log";
  std::filesystem::remove(options.output);
  rest_ = std::make_unique<Child>(Arguments{program("postgrest")}, options);
  wait_in(*rest_, options.output, "Listening on ");
  return *this;
}

SmoltbotLab& SmoltbotLab::rest(const std::string& mode) {
  directory_.write("../rest-mode", mode + "\n");
  if (mode == "refuse")
    rest_.reset();
  else if (!rest_)
    restart_rest();
  return *this;
}

Result check(const SmoltbotLab& lab, const Arguments& arguments) {
  return check(lab.directory().path(), lab.secrets(), arguments);
}

}  // namespace doctor::lab
