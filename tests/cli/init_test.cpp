// doctor init: a doctor.yaml for an application that nobody has described.

#include <sys/stat.h>

#include <filesystem>

#include "cli/pseudo_terminal.hpp"
#include "lab/check.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

CommandResult init(const Directory& directory, const Arguments& more = {}) {
  Arguments arguments{doctor_binary(), "init", directory.path()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments);
}

constexpr auto secret = "correcthorsebatterystaple42";

void write_shop(const Directory& directory, const std::string& ports = "3000:3000") {
  directory.write("compose.yaml", R"(services:
  web:
    image: registry.example.com/shop/web:1
    ports: ['127.0.0.1:)" + ports + R"(']
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD}@db:5432/shop
      SESSION_SECRET: ${SESSION_SECRET}
      LOG_LEVEL: info
      "odd name": x
  worker:
    image: registry.example.com/shop/worker:1
    healthcheck:
      test: ['CMD', 'curl', '-f', 'http://localhost:9100/alive?deep=1']
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD}
)");
  directory.write(".env", std::string{"DB_PASSWORD="} + secret + "\nSESSION_SECRET=" + secret + "x\n", 0600);
}

}  // namespace

TEST_CASE("init describes what it finds, and check accepts that", "[init]") {
  const Directory directory{"shop"};
  write_shop(directory, std::to_string(free_port()) + ":3000");
  const auto made = init(directory);
  INFO(made.out << made.err);
  REQUIRE(made.exit == 0);
  const auto text = directory.read("doctor.yaml");
  INFO(text);
  CHECK(says(text, "name: shop"));
  CHECK(says(text, "port: 3000"));
  CHECK(says(text, "port: 9100"));
  CHECK(says(text, "http: /alive,"));
  CHECK(says(text, "DATABASE_URL: {role: database-url, required: true, secret: true"));
  CHECK(says(text, "SESSION_SECRET: {required: true, secret: true}"));
  CHECK(says(text, "LOG_LEVEL: {}"));
  CHECK(says(text, "db (postgres:17)"));
  CHECK_FALSE(says(text, secret));
  struct stat status {};
  REQUIRE(::stat(directory.path("doctor.yaml").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0644);
  const auto report = check(directory.path(), {}, {"--only", "env,compose", "--allow-incomplete"}).report;
  CHECK(report.at("deployment").at("system") == "shop");
  CHECK(report.at("findings").empty());
}

TEST_CASE("init asks a running service where it tells that it is well", "[init]") {
  const Directory directory{"shop"};
  const test::ScriptedServer server{[](test::Peer& peer) {
    const auto request = peer.receive_until("\r\n\r\n");
    if (says(request, "GET /healthz "))
      peer.send(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    else
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  }};
  write_shop(directory, std::to_string(server.port()) + ":3000");
  REQUIRE(init(directory).exit == 0);
  CHECK(says(directory.read("doctor.yaml"), "http: /healthz,"));
}

TEST_CASE("flags answer the questions of init", "[init]") {
  const Directory directory{"shop"};
  write_shop(directory);
  REQUIRE(init(directory, {"--name", "My Shop!", "--health", "web=/up"}).exit == 0);
  const auto text = directory.read("doctor.yaml");
  CHECK(says(text, "name: my-shop\n"));
  CHECK(says(text, "http: /up,"));
  CHECK(says(text, "http: /alive,"));
  directory.remove("doctor.yaml");
  const auto refused = init(directory, {"--health", "up"});
  CHECK(refused.exit == 2);
  CHECK_FALSE(directory.exists("doctor.yaml"));
}

TEST_CASE("init asks at a terminal, and nothing typed takes the proposal", "[init]") {
  const Directory directory{"shop"};
  write_shop(directory, std::to_string(free_port()) + ":3000");
  Terminal terminal{{doctor_binary(), "init", directory.path()}};
  terminal.read_until("Name of the application [shop]: ");
  terminal.type("My Shop!\n");
  terminal.read_until("Path that tells that web is well: ");
  terminal.type("/up\n");
  terminal.read_until("Path that tells that worker is well [/alive]: ");
  CHECK_FALSE(directory.exists("doctor.yaml"));
  terminal.type("\n");
  INFO(terminal.seen());
  CHECK(terminal.wait() == 0);
  const auto text = directory.read("doctor.yaml");
  INFO(text);
  CHECK(says(text, "name: my-shop\n"));
  CHECK(says(text, "http: /up,"));
  CHECK(says(text, "http: /alive"));
}

TEST_CASE("the end of what is typed takes all further proposals", "[init]") {
  const Directory directory{"shop"};
  write_shop(directory, std::to_string(free_port()) + ":3000");
  Terminal terminal{{doctor_binary(), "init", directory.path()}};
  terminal.read_until("Name of the application [shop]: ");
  terminal.type("\x04");
  CHECK(terminal.wait() == 0);
  CHECK_FALSE(says(terminal.seen(), "Path that tells"));
  CHECK(says(directory.read("doctor.yaml"), "name: shop\n"));
}

TEST_CASE("an interrupted or wrong answer writes nothing", "[init][signal]") {
  const Directory directory{"shop"};
  write_shop(directory, std::to_string(free_port()) + ":3000");
  Terminal interrupted{{doctor_binary(), "init", directory.path()}};
  interrupted.read_until("Name of the application [shop]: ");
  interrupted.type("\x03");
  CHECK(interrupted.wait() == 130);
  CHECK_FALSE(directory.exists("doctor.yaml"));
  Terminal wrong{{doctor_binary(), "init", directory.path()}};
  wrong.read_until("Name of the application");
  wrong.type("\nup\n\n");  // no path: it does not begin with a slash
  CHECK(wrong.wait() == 2);
  CHECK_FALSE(directory.exists("doctor.yaml"));
}

TEST_CASE("init asks nothing when told so, or elsewhere than at a terminal", "[init]") {
  const Directory directory{"shop"};
  write_shop(directory, std::to_string(free_port()) + ":3000");
  Terminal terminal{{doctor_binary(), "init", directory.path(), "--no-questions"}};
  CHECK(terminal.wait() == 0);
  CHECK_FALSE(says(terminal.seen(), "Name of the application"));
  directory.remove("doctor.yaml");
  CHECK_FALSE(says(init(directory).out, "Name of the application"));
}

TEST_CASE("init never overwrites, and writes whole or not at all", "[init]") {
  const Directory directory{"shop"};
  write_shop(directory);
  directory.write("doctor.yaml", "options: {}\n");
  const auto refused = init(directory);
  CHECK(refused.exit == 2);
  CHECK(says(refused.err, "doctor.yaml"));
  CHECK(directory.read("doctor.yaml") == "options: {}\n");
  directory.remove("doctor.yaml");
  std::filesystem::create_symlink(directory.path("elsewhere"), directory.path("doctor.yaml"));
  CHECK(init(directory).exit == 2);
  CHECK_FALSE(directory.exists("elsewhere"));
}

TEST_CASE("init says so when there is nothing to describe", "[init]") {
  const FilesCase files;
  const auto result = init(files.directory());
  INFO(result.err);
  REQUIRE(result.exit == 0);
  CHECK(says(files.directory().read("doctor.yaml"), "chatalot"));
  CHECK(files.check().run.exit == 0);
  const Directory empty;
  CHECK(init(empty).exit == 2);
  CHECK_FALSE(empty.exists("doctor.yaml"));
}

}  // namespace doctor::lab
