// What goes wrong with the PostgreSQL behind smoltbot's REST front end.

#include <signal.h>
#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"

namespace doctor::lab {
namespace {

const std::string setting = "setting:rest/PGRST_DB_URI";

std::string endpoint(const test::PostgresServer& server) {
  return "endpoint:database:" + std::to_string(server.port());
}

Root about_login(const std::string& entry, const std::string& code) {
  return {entry, code, "database", setting};
}

Root about_server(const SmoltbotLab& lab, const std::string& entry, const std::string& code) {
  return {entry, code, "database", endpoint(const_cast<SmoltbotLab&>(lab).postgres())};
}

test::PostgresServer& own(std::optional<test::PostgresServer>& server) {
  return server.emplace();
}

void expect_error(const SmoltbotLab& lab, const Root& root) {
  const auto result = check(lab);
  expect_finding(result, root);
  CHECK(result.run.exit == 1);
  bool is_root = false;
  for (const auto& one : result.roots()) is_root = is_root || one == root.entry + " " + root.subject;
  INFO("roots: " << nlohmann::json(result.roots()).dump(1));
  CHECK(is_root);
}

/// The only lines of the server's pg_hba.conf but that for the superuser.
void allow(test::PostgresServer& server, const std::string& lines) {
  std::ofstream{server.directory() + "/data/pg_hba.conf"} << "local all postgres trust\n" << lines;
  server.sql("SELECT pg_reload_conf()");
}

/// A PostgreSQL that has begun to recover and does not end: a standby whose log never comes.
class Recovering {
 public:
  explicit Recovering(test::PostgresServer& server) : server_{server} {
    server_.stop();
    const auto data = server_.directory() + "/data/";
    write(data + "standby.signal", "");
    std::ofstream{data + "postgresql.conf", std::ios::app} << "hot_standby = off\n";
    starting_ = std::thread{[this] {
      try {
        server_.start();
      } catch (const std::runtime_error&) {
        failed_ = true;
      }
    }};
    for (int i = 0; i < 500 && server_.log().find("entering standby mode") == std::string::npos; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  Recovering(const Recovering&) = delete;
  Recovering& operator=(const Recovering&) = delete;
  ~Recovering() {
    const auto data = server_.directory() + "/data/";
    write(data + "promote", "");
    std::ifstream file{data + "postmaster.pid"};
    pid_t pid = 0;
    if (file >> pid) ::kill(pid, SIGUSR1);
    starting_.join();
  }

 private:
  static void write(const std::string& path, const std::string& text) {
    std::ofstream{path} << text;
    std::filesystem::permissions(path, std::filesystem::perms::all & ~std::filesystem::perms::others_write);
    run({"chown", "postgres:", path});
  }

  test::PostgresServer& server_;
  std::thread starting_;
  bool failed_ = false;
};

/// A file system of 200 MB that temporary files of this process go to.
class SmallDisk {
 public:
  SmallDisk() {
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=200m,mode=1777") == 0;
    if (const char* before = std::getenv("TMPDIR"); before != nullptr) before_ = before;
    ::setenv("TMPDIR", path_.c_str(), 1);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (before_)
      ::setenv("TMPDIR", before_->c_str(), 1);
    else
      ::unsetenv("TMPDIR");
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  void fill() const {
    std::ofstream file{path_ + "/ballast", std::ios::binary};
    const std::string block(65536, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

 private:
  Directory directory_{"disk"};
  std::string path_ = directory_.path();
  std::optional<std::string> before_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("PostgreSQL is stopped", "[database]") {
  std::optional<test::PostgresServer> server;
  SmoltbotLab lab{{}, &own(server)};
  lab.start();
  server->stop();
  expect_error(lab, about_server(lab, "smoltbot-database-unreachable", "database-refused"));
}

TEST_CASE("a user of PostgreSQL with another password", "[database]") {
  SmoltbotLab lab;
  if (lab.postgres().sql("SELECT 1 FROM pg_roles WHERE rolname = 'authenticator'").empty())
    lab.postgres().sql("CREATE ROLE authenticator LOGIN PASSWORD 'right-and-proper'");
  const auto wrong = random_alphanumeric(24);
  lab.secrets().add(wrong);
  lab.restart_rest({{"PGRST_DB_URI", lab.postgres().url("authenticator", wrong, "smoltbot")}}).start();
  expect_error(lab, about_login("smoltbot-database-auth-failed", "database-auth-failed"));
}

TEST_CASE("POSTGRES_PASSWORD is not what the volume has", "[database]") {
  SmoltbotLab lab;
  lab.start();
  lab.postgres().sql("ALTER ROLE smoltbot PASSWORD 'as-it-was-at-first'");
  expect_error(lab, about_login("smoltbot-database-password-drift", "database-auth-failed"));
}

TEST_CASE("PostgreSQL recovers", "[database]") {
  std::optional<test::PostgresServer> server;
  SmoltbotLab lab{{}, &own(server)};
  lab.start();
  const Recovering recovering{*server};
  const auto result = check(lab);
  expect_finding(result, about_server(lab, "smoltbot-database-starting", "database-starting"));
}

TEST_CASE("PostgreSQL wants TLS, and the URL forbids it", "[database]") {
  const auto certificate = test::make_certificate({"127.0.0.1"});
  test::PostgresServer::Options encrypted;
  encrypted.certificate = certificate.certificate;
  encrypted.key = certificate.key;
  test::PostgresServer server{encrypted};
  SmoltbotLab lab{{}, &server};
  allow(server, "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  lab.start();
  expect_silent(check(lab, {"--only", "database"}), 0);
  lab.restart_rest({{"PGRST_DB_URI", lab.database_url() + "?sslmode=disable"}});
  expect_error(lab, about_login("smoltbot-database-tls-required", "database-tls-required"));
}

TEST_CASE("the URL wants TLS, and PostgreSQL has none", "[database]") {
  SmoltbotLab lab;
  lab.restart_rest({{"PGRST_DB_URI", lab.database_url() + "?sslmode=require"}}).start();
  expect_error(lab, about_server(lab, "smoltbot-database-tls-unsupported", "database-tls-rejected"));
}

TEST_CASE("a role without rights", "[database]") {
  SmoltbotLab lab;
  if (lab.postgres().sql("SELECT 1 FROM pg_roles WHERE rolname = 'narrow'").empty())
    lab.postgres().sql("CREATE ROLE narrow LOGIN PASSWORD 'narrow-and-strict'");
  lab.secrets().add("narrow-and-strict");
  lab.sql("REVOKE USAGE ON SCHEMA public FROM PUBLIC");
  lab.restart_rest({{"PGRST_DB_URI", lab.postgres().url("narrow", "narrow-and-strict", "smoltbot")}}).start();
  expect_error(lab, about_server(lab, "smoltbot-database-privilege-missing", "database-privilege-missing"));
}

TEST_CASE("a database under another name", "[database]") {
  SmoltbotLab lab;
  auto url = lab.database_url();
  url.replace(url.rfind("/smoltbot"), std::string::npos, "/mnemom");
  lab.restart_rest({{"PGRST_DB_URI", url}}).start();
  expect_error(lab, about_login("smoltbot-database-missing", "database-missing"));
}

TEST_CASE("a full disk under PostgreSQL", "[database]") {
  const SmallDisk disk;
  if (!disk.mounted()) return skip("mounting a tmpfs is not allowed here");
  test::PostgresServer server;
  SmoltbotLab lab{{}, &server};
  lab.start();
  lab.sql("CREATE TABLE ballast (text text)");
  disk.fill();
  CHECK_THROWS_WITH(lab.sql("INSERT INTO ballast SELECT repeat(md5(i::text), 1000) FROM generate_series(1, 10000) i"),
                    Catch::Contains("No space left on device"));
  const auto result = check(lab);
  expect_finding(result, {"smoltbot-disk-full", "disk-space-exhausted", "disk", ""});
  CHECK(result.run.exit == 1);
}

}  // namespace doctor::lab
