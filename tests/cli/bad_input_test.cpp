// Broken files of a deployment are findings with file and line, and what does not depend on them is still examined.

#include "lab/files_case.hpp"
#include "support/catch.hpp"
#include "support/sanitized.hpp"

namespace doctor::lab {
namespace {

/// A fault that has nothing to do with .env or the compose files.
void break_something_else(FilesCase& files) {
  files.directory().write("Cargo.lock", "<<<<<<< HEAD\n");
}

void expect_conflict_seen(const Result& result) {
  expect_finding(result, {"chatalot-build-lockfile-conflict", "file-content-unexpected", "files", "file:Cargo.lock"});
}

std::string alias_bomb() {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    const auto name = "a" + std::to_string(level);
    const auto below = "*a" + std::to_string(level - 1);
    yaml += name + ": &" + name + " [";
    for (int i = 0; i < 9; ++i) yaml += below + ", ";
    yaml += below + "]\n";
  }
  return yaml + "services: {web: {image: nginx, labels: *a11}}\n";
}

}  // namespace

TEST_CASE("a broken line in .env", "[bad-input]") {
  FilesCase files;
  break_something_else(files);
  files.directory().write(".env", files.directory().read(".env") + "this is no variable\n", 0600);
  const auto result = files.check();
  expect_finding(result, {"env-file-invalid", "env-file-invalid", "env", "file:.env"});
  CHECK(result.evidence("env-file-invalid", "where").starts_with(".env:11"));
  expect_conflict_seen(result);
  CHECK(result.run.exit == 1);
}

TEST_CASE("a quote in .env that never ends", "[bad-input]") {
  FilesCase files;
  files.directory().write(".env", "RUST_LOG=\"info\nX=1\n" + files.directory().read(".env"), 0600);
  const auto result = files.check();
  expect_finding(result, {"env-file-invalid", "env-file-invalid", "env", "file:.env"});
  CHECK(result.run.exit == 1);
}

TEST_CASE("a binary .env", "[bad-input]") {
  FilesCase files;
  break_something_else(files);
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 7 % 256);
  files.directory().write(".env", bytes, 0600);
  const auto result = files.check();
  expect_finding(result, {"env-file-not-text", "env-file-not-text", "env", "file:.env"});
  expect_conflict_seen(result);
  check_human(files.directory().path(), files.secrets());
}

TEST_CASE("a .env of 50 MB", "[bad-input]") {
  FilesCase files;
  break_something_else(files);
  files.directory().write(".env", std::string(50U << 20U, 'A'), 0600);
  const auto result = files.check();
  expect_finding(result, {"env-file-oversized", "env-file-oversized", "env", "file:.env"});
  expect_conflict_seen(result);
  if (!test::is_sanitized) CHECK(result.run.rss_kb < 64 * 1024 * 4);  // the bound of a run on hostile input
}

TEST_CASE("a .env that is a directory", "[bad-input]") {
  FilesCase files;
  files.directory().remove(".env");
  files.directory().make(".env");
  const auto result = files.check();
  expect_finding(result, {"env-file-unreadable", "env-file-unreadable", "env", "file:.env"});
}

TEST_CASE("escape codes in values", "[bad-input]") {
  FilesCase files;
  files.set("COMMUNITY_CREATION_MODE", "\x1b[31mred\x1b[0m\x07")
      .set("PUBLIC_URL", "http://chat.mydomain.org/\x1b]0;x\x07");
  files.check();
  check_human(files.directory().path(), files.secrets());
  check_human(files.directory().path(), files.secrets(), {"-vv"});
}

TEST_CASE("a YAML error in the compose file", "[bad-input]") {
  FilesCase files;
  break_something_else(files);
  files.edit_compose("  postgres:\n    image: postgres:17\n", "  postgres:\n   image: [postgres:17\n");
  const auto result = files.check();
  expect_finding(result, {"compose-file-invalid", "compose-file-invalid", "compose", "file:docker-compose.yml"});
  CHECK(result.evidence("compose-file-invalid", "where").starts_with("docker-compose.yml:"));
  expect_conflict_seen(result);
  CHECK(result.run.exit == 1);
}

TEST_CASE("an alias bomb in the compose file", "[bad-input]") {
  FilesCase files;
  break_something_else(files);
  files.directory().write("docker-compose.yml", alias_bomb());
  const auto result = check(files.directory().path(), files.secrets(), {"--system", "chatalot"});
  expect_finding(result, {"compose-file-invalid", "compose-file-invalid", "compose", "file:docker-compose.yml"});
  expect_conflict_seen(result);
  CHECK(result.run.wall < std::chrono::seconds{10});
}

TEST_CASE("a compose file of a thousand levels", "[bad-input]") {
  FilesCase files;
  files.directory().write("docker-compose.yml", "services: " + std::string(1000, '[') + std::string(1000, ']') + "\n");
  const auto result = check(files.directory().path(), files.secrets(), {"--system", "chatalot"});
  expect_finding(result, {"compose-file-invalid", "compose-file-invalid", "compose", "file:docker-compose.yml"});
}

TEST_CASE("a required variable that is not set", "[bad-input]") {
  FilesCase files;
  files.edit_compose("${GIPHY_API_KEY:-}", "${GIF_KEY:?ask the administrator}");
  const auto result = files.check();
  expect_finding(result, {"compose-variable-required", "compose-variable-required", "compose", ""});
  CHECK(result.evidence("compose-variable-required", "variable") == "GIF_KEY");
  CHECK(result.evidence("compose-variable-required", "where").starts_with("docker-compose.yml:"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("a binary key file and a key file of 1 MB", "[bad-input]") {
  FilesCase files;
  files.directory().write("secrets/jwt_private.pem", std::string{"\x30\x2e\x00\x01\xff\xfe", 6}, 0600);
  files.directory().owner("secrets/jwt_private.pem", 999);
  files.directory().write("secrets/jwt_public.pem", std::string(1U << 20U, 'k'));
  const auto result = files.check();
  for (const auto* file : {"file:secrets/jwt_private.pem", "file:secrets/jwt_public.pem"})
    expect_finding(result, {"chatalot-jwt-key-invalid", "jwt-key-invalid", "jwt", file});
}

}  // namespace doctor::lab
