// Compose overrides of Chatalot that do not do what they were written for, and broken files of the source tree.

#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {

TEST_CASE("a port override that only adds a port", "[compose]") {
  FilesCase files;
  files.override_file("services:\n  chatalot:\n    ports:\n      - \"3000:8080\"\n");
  expect_roots(files.check(),
               {{"chatalot-port-override-appended", "compose-port-duplicated", "compose", "service:chatalot"}}, 0);
}

TEST_CASE("the same override with !override", "[compose]") {
  FilesCase files;
  files.override_file("services:\n  chatalot:\n    ports: !override\n      - \"3000:8080\"\n");
  CHECK(files.check().roots().empty());
}

TEST_CASE("a service twice in the override", "[compose]") {
  FilesCase files;
  files.override_file(
      "services:\n  chatalot:\n    ports: !override\n      - \"3000:8080\"\n"
      "  chatalot:\n    platform: linux/arm64\n");
  const auto result = files.check();
  expect_roots(
      result,
      {{"chatalot-compose-duplicate-key", "compose-key-duplicated", "compose", "file:docker-compose.override.yml"}}, 1);
  CHECK(result.evidence("chatalot-compose-duplicate-key", "key") == "chatalot");
  CHECK(result.evidence("chatalot-compose-duplicate-key", "first") == "docker-compose.override.yml:2");
}

TEST_CASE("postgres disabled by a profile", "[compose]") {
  FilesCase files;
  files.override_file(
      "services:\n  postgres:\n    profiles: [disabled]\n"
      "  chatalot:\n    depends_on: []\n    environment:\n"
      "      DATABASE_URL: postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot\n");
  expect_roots(
      files.check(),
      {{"chatalot-compose-dependency-disabled", "compose-dependency-undefined", "compose", "service:chatalot"}}, 1);
}

TEST_CASE("a network that no longer exists", "[compose]") {
  FilesCase files;
  files.override_file("services:\n  chatalot:\n    networks:\n      - chatalot-net\n");
  const auto result = files.check();
  expect_roots(result,
               {{"chatalot-compose-network-undefined", "compose-network-undefined", "compose", "service:chatalot"}}, 1);
  CHECK(result.evidence("chatalot-compose-network-undefined", "network") == "chatalot-net");
}

TEST_CASE("a published port on an internal network", "[compose]") {
  FilesCase files;
  files.override_file("services:\n  postgres:\n    ports:\n      - \"127.0.0.1:5432:5432\"\n");
  expect_roots(files.check(),
               {{"chatalot-database-port-unpublished", "compose-port-unreachable", "compose", "service:postgres"}}, 0);
}

TEST_CASE("server and database share no network", "[compose]") {
  FilesCase files;
  files.edit_compose("    networks:\n      - external\n      - internal\n", "    networks:\n      - external\n");
  expect_roots(files.check(),
               {{"chatalot-network-not-shared", "compose-network-not-shared", "compose", "service:chatalot"}}, 1);
}

TEST_CASE("uploads outside every volume", "[compose]") {
  FilesCase files;
  files.edit_compose("    volumes:\n      - file_storage:/app/data/files\n", "");
  expect_roots(files.check(),
               {{"chatalot-storage-not-persistent", "disk-storage-not-persistent", "disk",
                 "setting:chatalot/FILE_STORAGE_PATH"}},
               1);
}

TEST_CASE("merge conflict in Cargo.lock", "[compose]") {
  FilesCase files;
  files.directory().write("Cargo.lock", "version = 4\n\n<<<<<<< HEAD\n[[package]]\n=======\n>>>>>>> upstream\n");
  const auto result = files.check();
  expect_roots(result, {{"chatalot-build-lockfile-conflict", "file-content-unexpected", "files", "file:Cargo.lock"}},
               1);
  CHECK(result.evidence("chatalot-build-lockfile-conflict", "line") == "3");
}

TEST_CASE("an included file that is not there", "[compose]") {
  FilesCase files;
  files.override_file("include:\n  - monitoring/compose.yml\n");
  const auto result = files.check();
  expect_finding(result, {"compose-file-missing", "compose-file-missing", "compose", ""});
  CHECK(result.run.exit == 1);
}

TEST_CASE("a volume that nobody defines", "[compose]") {
  FilesCase files;
  files.override_file("services:\n  chatalot:\n    volumes:\n      - themes:/app/themes\n");
  const auto result = files.check();
  expect_roots(result, {{"compose-reference-undefined", "compose-reference-undefined", "compose", "service:chatalot"}},
               1);
  CHECK(result.evidence("compose-reference-undefined", "name") == "themes");
}

TEST_CASE("two services on one host port", "[compose]") {
  FilesCase files;
  files.override_file("services:\n  status:\n    image: nginx:1.27\n    ports:\n      - \"8080:80\"\n");
  const auto result = files.check();
  expect_finding(result, {"compose-port-conflict", "compose-port-conflict", "compose", ""});
  CHECK(result.evidence("compose-port-conflict", "port") == "8080");
}

}  // namespace doctor::lab
