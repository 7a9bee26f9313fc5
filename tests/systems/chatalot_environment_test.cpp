// Settings of Chatalot that are wrong in .env or in an override, found without anything running.

#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

std::string chatalot(const std::string& name) {
  return "setting:chatalot/" + name;
}

/// An override that gives the server one more variable.
std::string giving(const std::string& name, const std::string& value) {
  return "services:\n  chatalot:\n    environment:\n      " + name + ": " + value + "\n";
}

}  // namespace

TEST_CASE("a password that breaks the URL", "[environment]") {
  FilesCase files;
  files.password("slash/" + random_alphanumeric(20) + "#hash?");
  const auto result = files.check();
  expect_roots(
      result,
      {{"chatalot-database-password-unescaped", "env-password-unescaped", "env", "setting:compose/DB_PASSWORD"}}, 1);
  CHECK(result.evidence("chatalot-database-password-unescaped", "url_setting") == "DATABASE_URL");
}

TEST_CASE("no DB_PASSWORD", "[environment]") {
  FilesCase files;
  files.unset("DB_PASSWORD").unset("DATABASE_URL");
  expect_roots(files.check(),
               {{"chatalot-database-password-missing", "env-required-missing", "env", "setting:compose/DB_PASSWORD"}},
               1);
}

TEST_CASE("an empty DB_PASSWORD", "[environment]") {
  FilesCase files;
  files.set("DB_PASSWORD", "").unset("DATABASE_URL");
  expect_roots(files.check(),
               {{"chatalot-database-password-missing", "env-required-empty", "env", "setting:compose/DB_PASSWORD"}}, 1);
}

TEST_CASE("the example's key of the two-factor secrets", "[environment]") {
  FilesCase files;
  files.set("TOTP_ENCRYPTION_KEY", "change_me_32_byte_hex_key");
  const std::vector<Root> roots{
      {"chatalot-placeholder-secret", "env-example-value", "env", chatalot("TOTP_ENCRYPTION_KEY")}};
  expect_roots(files.check(), roots, 0);
  expect_roots(files.check({"--allow-incomplete", "--fail-on", "warning"}), roots, 1);
}

TEST_CASE("a short password", "[environment]") {
  FilesCase files;
  files.password("hunter22x");
  expect_roots(files.check(),
               {{"chatalot-placeholder-secret", "env-secret-weak", "env", "setting:compose/DB_PASSWORD"}}, 0);
}

TEST_CASE("no key for the two-factor secrets", "[environment]") {
  FilesCase files;
  files.unset("TOTP_ENCRYPTION_KEY");
  expect_roots(files.check(),
               {{"chatalot-totp-key-empty", "env-required-empty", "env", chatalot("TOTP_ENCRYPTION_KEY")}}, 0);
}

TEST_CASE("an upload limit in .env that the compose file pins", "[environment]") {
  FilesCase files;
  files.set("MAX_FILE_SIZE_MB", "250");
  const auto result = files.check();
  expect_roots(result, {{"chatalot-env-edit-ineffective", "env-edit-ineffective", "env", chatalot("MAX_FILE_SIZE_MB")}},
               0);
  CHECK(result.evidence("chatalot-env-edit-ineffective", "where") == ".env:10");
  CHECK(result.evidence("chatalot-env-edit-ineffective", "reason") == "pinned");
}

TEST_CASE("a quota in .env that the compose file never passes", "[environment]") {
  FilesCase files;
  files.set("UPLOAD_QUOTA_MB", "2000");
  const auto result = files.check();
  expect_roots(result, {{"chatalot-env-edit-ineffective", "env-edit-ineffective", "env", chatalot("UPLOAD_QUOTA_MB")}},
               0);
  CHECK(result.evidence("chatalot-env-edit-ineffective", "reason") == "not-passed");
}

TEST_CASE("an upload limit above the server's own", "[environment]") {
  FilesCase files;
  files.override_file(giving("MAX_FILE_SIZE_MB", "\"250\""));
  const auto result = files.check();
  expect_roots(result, {{"chatalot-upload-limit-app", "env-value-out-of-range", "env", chatalot("MAX_FILE_SIZE_MB")}},
               0);
  CHECK(result.evidence("chatalot-upload-limit-app", "value") == "250");
}

TEST_CASE("relay servers that are no array", "[environment]") {
  FilesCase files;
  files.set("ICE_SERVERS", R"({"urls":"stun:stun.example.org:3478"})");
  expect_roots(files.check(), {{"chatalot-ice-servers-invalid", "env-value-malformed", "env", chatalot("ICE_SERVERS")}},
               0);
}

TEST_CASE("a community mode that the server does not know", "[environment]") {
  FilesCase files;
  files.set("COMMUNITY_CREATION_MODE", "anyone");
  const auto result = files.check();
  expect_roots(
      result,
      {{"chatalot-community-mode-invalid", "env-value-not-allowed", "env", chatalot("COMMUNITY_CREATION_MODE")}}, 0);
  CHECK(result.evidence("chatalot-community-mode-invalid", "value") == "anyone");
}

TEST_CASE("a log filter that cannot be read", "[environment]") {
  FilesCase files;
  files.set("RUST_LOG", "chatalot_server=info=warn,,=");
  expect_roots(files.check(), {{"chatalot-log-filter-invalid", "env-value-malformed", "env", chatalot("RUST_LOG")}}, 0);
}

TEST_CASE("debug logging", "[environment]") {
  FilesCase files;
  files.set("RUST_LOG", "chatalot_server=debug,tower_http=debug");
  expect_roots(files.check(), {{"chatalot-log-level-debug", "env-value-noisy", "env", chatalot("RUST_LOG")}}, 0);
}

TEST_CASE("one half of the push keys", "[environment]") {
  FilesCase files;
  files.set("VAPID_PUBLIC_KEY",
            "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM");
  const auto result = files.check();
  expect_roots(result,
               {{"chatalot-web-push-misconfigured", "env-group-incomplete", "env", chatalot("VAPID_PRIVATE_KEY")}}, 0);
  CHECK(result.evidence("chatalot-web-push-misconfigured", "missing") == "VAPID_PRIVATE_KEY");
}

TEST_CASE("a feedback token without a repository", "[environment]") {
  FilesCase files;
  files.set("GITHUB_API_TOKEN", "ghp_" + random_alphanumeric(36));
  const auto result = files.check();
  expect_roots(result,
               {{"chatalot-feedback-unconfigured", "env-group-incomplete", "env", chatalot("GITHUB_REPO_OWNER")}}, 0);
  CHECK(result.report.at("summary").at("info") == 1);
}

TEST_CASE("a public address in clear text", "[environment]") {
  FilesCase files;
  files.set("PUBLIC_URL", "http://chat.mydomain.org");
  expect_roots(files.check(), {{"chatalot-https-missing", "env-url-insecure", "env", chatalot("PUBLIC_URL")}}, 0);
}

TEST_CASE("a relay with the example's address", "[environment]") {
  FilesCase files;
  files.set("TURN_EXTERNAL_IP", "YOUR_SERVER_IP");
  expect_roots(files.check(),
               {{"chatalot-turn-failed", "env-example-value", "env", "setting:compose/TURN_EXTERNAL_IP"}}, 0);
}

TEST_CASE("a wildcard among the origins", "[environment]") {
  FilesCase files;
  files.override_file(giving("CORS_ORIGINS", "\"*\""));
  const auto result = files.check();
  expect_roots(result, {{"chatalot-cors-origin-rejected", "env-value-malformed", "env", chatalot("CORS_ORIGINS")}}, 0);
  CHECK(result.evidence("chatalot-cors-origin-rejected", "where") == "docker-compose.override.yml:4");
}

TEST_CASE(".env readable by everybody", "[environment]") {
  FilesCase files;
  files.directory().mode(".env", 0644);
  const auto result = files.check();
  expect_roots(result, {{"chatalot-secret-file-exposed", "env-file-exposed", "env", "file:.env"}}, 0);
  CHECK(result.evidence("chatalot-secret-file-exposed", "mode") == "0644");
}

TEST_CASE("a misspelt name", "[environment]") {
  FilesCase files;
  files.set("REGISTRATON_MODE", "open");
  const auto result = files.check();
  expect_finding(result, {"env-name-misspelt", "env-name-misspelt", "env", ""});
  CHECK(result.evidence("env-name-misspelt", "nearest") == "REGISTRATION_MODE");
}

TEST_CASE("a variable twice", "[environment]") {
  FilesCase files;
  files.set("REGISTRATION_MODE", "open");
  files.directory().write(".env", files.directory().read(".env") + "REGISTRATION_MODE=closed\n", 0600);
  const auto result = files.check();
  expect_finding(result, {"env-key-duplicated", "env-key-duplicated", "env", ""});
  CHECK(result.evidence("env-key-duplicated", "first") == ".env:11");
}

TEST_CASE("no .env", "[environment]") {
  FilesCase files;
  files.directory().remove(".env");
  const auto result = files.check();
  expect_finding(result, {"env-file-missing", "env-file-missing", "env", "file:.env"});
  CHECK(result.finding("env-file-missing").at("root") == true);
  CHECK(result.run.exit == 1);
}

}  // namespace doctor::lab
