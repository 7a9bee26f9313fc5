// The whole of Chatalot's files, before anything was started.

#include <algorithm>

#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

bool is_in(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("the files as the scripts leave them", "[files]") {
  const FilesCase files;
  const auto strict = files.check({});
  INFO(strict.run.out);
  CHECK(strict.report.at("findings").empty());
  CHECK(strict.report.at("deployment").at("system") == "chatalot");
  CHECK(strict.run.exit == 3);  // nothing failed, and nothing runs here that could be asked
  CHECK(is_in(strict.unexamined(), "endpoint:postgres:5432"));
  CHECK(is_in(strict.unexamined(), "endpoint:chatalot:8080"));
  CHECK(files.check({"--allow-incomplete"}).run.exit == 0);
  CHECK(files.check({"--fail-on", "info"}).run.exit == 3);
}

TEST_CASE(".env.example copied as it is, without keys", "[files]") {
  FilesCase files;
  files.directory().write(".env", chatalot_file(".env.example"), 0600);
  files.directory().remove("secrets");
  const auto result = files.check({});
  CHECK(result.run.exit == 1);
  for (const auto* file : {"file:secrets/jwt_private.pem", "file:secrets/jwt_public.pem"})
    expect_finding(result, {"chatalot-jwt-key-missing", "jwt-key-missing", "jwt", file});
  for (const auto* setting : {"setting:compose/DB_PASSWORD", "setting:chatalot/TOTP_ENCRYPTION_KEY"})
    expect_finding(result, {"chatalot-placeholder-secret", "env-example-value", "env", setting});
  // The server and the database were not reached from here: not looked at, and not failed.
  CHECK(is_in(result.unexamined(), "endpoint:postgres:5432"));
  CHECK(is_in(result.unexamined(), "endpoint:chatalot:8080"));
  const auto roots = result.roots();
  CHECK(is_in(roots, "chatalot-placeholder-secret setting:compose/DB_PASSWORD"));
  CHECK(is_in(roots, "chatalot-placeholder-secret setting:chatalot/TOTP_ENCRYPTION_KEY"));
  CHECK(is_in(roots, "chatalot-jwt-key-missing file:secrets/jwt_private.pem"));
  CHECK(is_in(roots, "chatalot-jwt-key-missing file:secrets/jwt_public.pem"));
}

TEST_CASE("an application that no description knows", "[files]") {
  FilesCase files;
  files.directory().remove("secrets");
  files.directory().write("docker-compose.yml", "services:\n  web:\n    image: nginx:1.27\n    ports: [\"8081:80\"]\n");
  files.directory().write(".env", "APP_PASSWORD=" + random_alphanumeric(20) + "\n", 0600);
  const auto result = files.check();
  INFO(result.run.out);
  CHECK(result.report.at("findings").empty());
  CHECK(result.report.at("deployment").at("system") == "");
}

TEST_CASE("the same files, the same words", "[files]") {
  FilesCase files;
  files.set("MAX_FILE_SIZE_MB", "250").set("COMMUNITY_CREATION_MODE", "anyone");
  const auto first = files.check().report.at("findings");
  for (int run = 0; run < 3; ++run) CHECK(files.check().report.at("findings") == first);
}

}  // namespace doctor::lab
