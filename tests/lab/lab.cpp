#include "lab/lab.hpp"

#include "lab/env_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "lab/migrations.hpp"

namespace doctor::lab {
namespace {

using Clock = std::chrono::steady_clock;

/// No account has it: the server needs none.
constexpr std::uint32_t unprivileged = 1999;

/// When the installation was made: the kernel's start time of a process is exact to a second only.
constexpr long seconds_ago = 600;

constexpr const char* server_program = "bin/chatalot-server";

std::string seed_sql() {
  std::string sql = "SET ROLE chatalot;\n" + migrations_table_sql() + ";\n";
  for (const auto& migration : migrations()) sql += apply_sql(migration);
  return sql;
}

void reset_database(const test::PostgresServer& postgres, const std::string& password) {
  postgres.sql("ALTER ROLE chatalot LOGIN PASSWORD '" + password + "'");
  postgres.sql("DROP DATABASE IF EXISTS chatalot WITH (FORCE)");
  postgres.sql("CREATE DATABASE chatalot OWNER chatalot TEMPLATE chatalot_seed");
}

}  // namespace

test::PostgresServer& shared_postgres() {
  static test::PostgresServer server{[] {
    test::PostgresServer::Options options;
    options.max_connections = 100;
    return options;
  }()};
  static const bool seeded = [] {
    server.sql("CREATE ROLE chatalot");
    server.sql("CREATE DATABASE chatalot_seed OWNER chatalot");
    server.sql(seed_sql(), "chatalot_seed");
    return true;
  }();
  static_cast<void>(seeded);
  return server;
}

Session::Session(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
}

void Session::execute(const std::string& sql) {
  auto* result = PQexec(connection_.get(), sql.c_str());
  const auto status = PQresultStatus(result);
  PQclear(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
}

void Session::send(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) throw std::runtime_error(PQerrorMessage(connection_.get()));
}

ChatalotLab::ChatalotLab(test::PostgresServer& postgres)
    : postgres_(postgres),
      port_(free_port()),
      user_(is_root() ? unprivileged : ::geteuid()),
      password_(random_alphanumeric(32)) {
  reset_database(postgres_, password_);
  lay_out();
}

void ChatalotLab::lay_out() {
  directory_.make("bin");
  std::filesystem::copy_file(lab_program("chatalot-server"), directory_.path(server_program));
  directory_.mode(server_program, 0755);
  directory_.write("static/index.html", "<!doctype html>\n<title>Chatalot</title>\n");
  directory_.write("static/version.json", "{\"version\":\"0.23.0\"}\n");
  for (const auto& migration : migrations()) directory_.write("migrations/" + migration.file, migration.sql);
  make_keys(directory_, user_);
  directory_.make("data/files", 0750);
  directory_.owner("data", user_);
  directory_.owner("data/files", user_);
  directory_.write(".env",
                   "DATABASE_URL=" + database_url() + "\nDB_PASSWORD=" + password_ +
                       "\nJWT_PRIVATE_KEY_PATH=./secrets/jwt_private.pem\nJWT_PUBLIC_KEY_PATH=./secrets/jwt_public.pem"
                       "\nTOTP_ENCRYPTION_KEY=" +
                       random_hex(64) +
                       "\nCLOUDFLARE_TUNNEL_TOKEN=your_tunnel_token_here"
                       "\nRUST_LOG=chatalot_server=info,tower_http=info\nFILE_STORAGE_PATH=./data/files"
                       "\nMAX_FILE_SIZE_MB=100\nLISTEN_ADDR=127.0.0.1:" +
                       std::to_string(port_) + "\n",
                   0600);
  for (const auto* file : {".env", "secrets/jwt_private.pem", "secrets/jwt_public.pem"})
    directory_.touch(file, -seconds_ago);
}

std::string ChatalotLab::endpoint() const {
  return "endpoint:chatalot:" + std::to_string(port_);
}

std::string ChatalotLab::database_endpoint() const {
  return "endpoint:database:" + std::to_string(postgres_.port());
}

std::string ChatalotLab::database_url() const {
  return postgres_.url("chatalot", password_, "chatalot");
}

Environment ChatalotLab::exported() const {
  return env_file::variables(directory_);
}

std::string ChatalotLab::value(const std::string& name) const {
  return env_file::value(directory_, name);
}

ChatalotLab& ChatalotLab::unset(const std::string& name) {
  env_file::unset(directory_, name);
  return *this;
}

ChatalotLab& ChatalotLab::set(const std::string& name, const std::string& value) {
  env_file::set(directory_, name, value);
  return *this;
}

void ChatalotLab::launch(const Environment& environment) {
  server_.reset();
  std::filesystem::remove(directory_.parent() + "/server.log");
  run_server(environment, directory_.parent() + "/server.log");
}

void ChatalotLab::run_server(const Environment& environment, const std::string& output) {
  CommandOptions options;
  options.environment = environment;
  options.environment->emplace_back("PATH", "/usr/bin:/bin");
  options.directory = directory_.path();
  if (is_root()) options.uid = user_;
  options.output = output;
  server_ = std::make_unique<Child>(Arguments{directory_.path(server_program)}, options);
}

std::string ChatalotLab::log() const {
  return read_file(directory_.parent() + "/server.log");
}

void ChatalotLab::wait_for(const std::string& text) {
  const auto end = Clock::now() + std::chrono::seconds{20};
  while (log().find(text) == std::string::npos) {
    if (!server_->alive() || Clock::now() > end) throw std::runtime_error("the server did not get there: " + log());
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

ChatalotLab& ChatalotLab::start(const Environment& more) {
  auto environment = exported();
  environment.insert(environment.end(), more.begin(), more.end());
  return start_with(environment);
}

ChatalotLab& ChatalotLab::start_with(const Environment& environment) {
  launch(environment);
  wait_for("Listening on ");
  return *this;
}

ChatalotLab& ChatalotLab::restart_appending() {
  // Both runs would else lie within the second or two to which the start of a process is known.
  constexpr std::chrono::seconds apart{4};
  server_.reset();
  std::this_thread::sleep_for(apart);
  const auto before = log().size();
  run_server(exported(), directory_.parent() + "/server.log");
  const auto end = Clock::now() + std::chrono::seconds{20};
  while (log().find("Listening on ", before) == std::string::npos) {
    if (!server_->alive() || Clock::now() > end) throw std::runtime_error("the server did not get there: " + log());
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return *this;
}

ChatalotLab& ChatalotLab::start_silently() {
  server_.reset();
  run_server(exported(), "/dev/null");
  const auto end = Clock::now() + std::chrono::seconds{20};
  const auto url = "http://127.0.0.1:" + std::to_string(port_) + "/version.json";
  while (run({"curl", "-sf", "-o", "/dev/null", url}).exit != 0) {
    if (!server_->alive() || Clock::now() > end) throw std::runtime_error("the server does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return *this;
}

ChatalotLab& ChatalotLab::start_until(const std::string& text) {
  launch(exported());
  wait_for(text);
  return *this;
}

ChatalotLab::Death ChatalotLab::start_and_die() {
  launch(exported());
  const auto result = server_->wait(std::chrono::seconds{20});
  server_.reset();
  return {result.exit, log()};
}

}  // namespace doctor::lab
