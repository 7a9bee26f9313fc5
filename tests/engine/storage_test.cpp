// Keys, volumes and disks of containers, on the host's side of their mounts.

#include <filesystem>
#include <fstream>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr const char* private_key = "secrets/jwt_private.pem";
constexpr const char* key_subject = "file:secrets/jwt_private.pem";

}  // namespace

TEST_CASE("a mounted private key that the container's user may not read", "[engine]") {
  DockerStack stack;
  stack.directory().owner(private_key, 1000);
  stack.up_anyway();  // it dies at this key again and again
  const auto result = stack.check();
  const Root expected{"chatalot-jwt-key-unreadable", "jwt-key-unreadable", "jwt", key_subject};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "user") == "999");
  CHECK(result.evidence(expected.entry, "mode") == "0600");
}

TEST_CASE("a key that is younger than the container", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.directory().touch(private_key, 2);
  const auto result = stack.check();
  const Root expected{"chatalot-jwt-key-not-reloaded", "jwt-key-not-reloaded", "jwt", key_subject};
  expect_roots(result, {expected}, 0);
  CHECK(result.finding(expected.entry).at("severity") == "warning");
}

TEST_CASE("the directory of the project was renamed", "[engine]") {
  DockerStack stack;
  stack.up();
  const auto older = stack.directory().parent() + "/chat";
  std::filesystem::copy(stack.directory().path(), older, std::filesystem::copy_options::recursive);
  stack.compose({"down", "-v", "-t", "0"});
  stack.compose({"up", "-d"}, older);
  stack.compose({"down", "-t", "0"}, older);
  stack.up();
  const auto result = stack.check();
  stack.compose({"down", "-v", "-t", "0"}, older);
  const Root expected{"chatalot-project-name-changed", "compose-project-renamed", "compose", "volume:postgres_data"};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "older") == "chat_postgres_data");
}

TEST_CASE("a volume for uploads that belongs to root", "[engine]") {
  DockerStack stack;
  stack.up();
  const auto place = stack.volume_path("chatalot_file_storage");
  run_or_throw({"chown", "0:0", place});
  const auto result = stack.check();
  const Root expected{"chatalot-storage-not-writable", "disk-not-writable", "disk",
                      "setting:chatalot/FILE_STORAGE_PATH"};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "path") == place);
  CHECK(result.evidence(expected.entry, "user") == "999");
}

TEST_CASE("a database that has outgrown its disk", "[engine]") {
  DockerStack stack;
  stack.up();
  // Its size is the sum of the files in its directory; this one has a size and takes no space.
  const auto oid = stack.compose({"exec", "-T", "postgres", "psql", "-U", "chatalot", "-d", "chatalot", "-Atc",
                                  "SELECT oid FROM pg_database WHERE datname = current_database()"});
  REQUIRE(oid.exit == 0);
  const auto base = stack.volume_path("chatalot_postgres_data") + "/base/" + oid.out.substr(0, oid.out.find('\n'));
  REQUIRE(std::filesystem::is_directory(base));
  const auto filler = base + "/lab_filler";
  std::ofstream{filler};
  std::filesystem::resize_file(filler, std::filesystem::space(base).available + 4'000'000'000U);
  const auto result = stack.check();
  const Root expected{"chatalot-database-oversized", "database-oversized", "database", "endpoint:postgres:5432"};
  expect_roots(result, {expected}, 0);
  std::filesystem::remove(filler);
  expect_silent(stack.check(), 0);
}

}  // namespace doctor::lab
