// What is wrong with Chatalot's data while its database is well.

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr const char* failed = "database-expectation-failed";

std::string setting(const std::string& name) {
  return "setting:chatalot/" + name;
}

std::string add_user(ChatalotLab& lab, const std::string& name, bool admin = false) {
  return lab.sql("INSERT INTO users (username, is_admin) VALUES ('" + name + "', " + (admin ? "true" : "false") +
                 ") RETURNING id");
}

void add_file(ChatalotLab& lab, const std::string& user, const std::string& path) {
  const auto uploader = user.empty() ? "NULL" : "(SELECT id FROM users WHERE username = '" + user + "')";
  lab.sql("INSERT INTO files (uploader_id, storage_path) VALUES (" + uploader + ", '" + path + "')");
}

/// Nobody gets an hour older for a test.
void age_database(ChatalotLab& lab) {
  lab.sql("UPDATE _sqlx_migrations SET installed_on = now() - interval '2 hours'");
}

}  // namespace

TEST_CASE("an installation in use", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("ADMIN_USERNAME", "alice").set("UPLOAD_QUOTA_MB", "500").start();
  age_database(lab);
  add_user(lab, "alice", true);
  add_user(lab, "bob");
  add_file(lab, "alice", "./data/files/ab/1");
  lab.sql("UPDATE users SET upload_bytes_used = 400 * 1048576");
  // A deleted message with a deleted answer goes with it; one that was deleted yesterday is not due.
  lab.sql(
      "INSERT INTO messages (id, deleted_at) VALUES ('00000000-0000-0000-0000-000000000001',"
      " now() - interval '40 days'), ('00000000-0000-0000-0000-000000000003', now() - interval '1 day')");
  lab.sql(
      "INSERT INTO messages (deleted_at, reply_to_id) VALUES"
      " (now() - interval '35 days', '00000000-0000-0000-0000-000000000001'),"
      " (NULL, '00000000-0000-0000-0000-000000000003')");
  expect_silent(check(lab, {"--fail-on", "info"}), 0);
}

TEST_CASE("files of a user who was deleted", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  add_user(lab, "alice", true);
  add_user(lab, "bob");
  add_file(lab, "bob", "./data/files/ab/1");
  add_file(lab, "alice", "./data/files/ab/2");
  lab.sql("DELETE FROM users WHERE username = 'bob'");
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-file-uploader-missing", failed, "database", lab.database_endpoint()}}, 0);
  CHECK(result.evidence("chatalot-file-uploader-missing", "value") == "1");
  CHECK(result.evidence("chatalot-file-uploader-missing", "example") == "./data/files/ab/1");
}

TEST_CASE("a storage path that was spelt anew", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  add_user(lab, "alice", true);
  add_file(lab, "alice", "./data/files/ab/1");
  lab.set("FILE_STORAGE_PATH", lab.directory().path("data/files")).start();
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-uploads-orphaned", failed, "database", setting("FILE_STORAGE_PATH")}}, 1);
  CHECK(result.evidence("chatalot-uploads-orphaned", "example") == "./data/files/ab/1");
}

TEST_CASE("an answer that keeps a deleted message", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql(
      "INSERT INTO messages (id, deleted_at) VALUES ('00000000-0000-0000-0000-000000000001',"
      " now() - interval '40 days')");
  lab.sql("INSERT INTO messages (reply_to_id) VALUES ('00000000-0000-0000-0000-000000000001')");
  // The application's own statement fails on it.
  CHECK_THROWS(lab.session().execute("DELETE FROM messages WHERE deleted_at < now() - interval '30 days'"));
  expect_roots(check(lab), {{"chatalot-message-purge-blocked", failed, "database", lab.database_endpoint()}}, 0);
}

TEST_CASE("a thread that keeps a message past its time", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql(
      "INSERT INTO messages (id, expires_at) VALUES ('00000000-0000-0000-0000-000000000001',"
      " now() - interval '1 hour')");
  lab.sql("INSERT INTO messages (thread_id) VALUES ('00000000-0000-0000-0000-000000000001')");
  expect_roots(check(lab), {{"chatalot-message-purge-blocked", failed, "database", lab.database_endpoint()}}, 0);
}

TEST_CASE("a public instance without anybody", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("PUBLIC_URL", "https://chat.lab.invalid").start();
  // The name of the lab has no address, so only the database is asked.
  expect_silent(check(lab, {"--only", "database"}), 0);
  age_database(lab);
  expect_roots(check(lab, {"--only", "database"}),
               {{"chatalot-owner-unclaimed", failed, "database", "service:chatalot"}}, 0);
  add_user(lab, "alice", true);
  expect_silent(check(lab, {"--only", "database"}), 0);
}

TEST_CASE("an administrator's name that comes too late", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("ADMIN_USERNAME", "bob").start();
  expect_silent(check(lab, {"--fail-on", "info"}), 0);
  add_user(lab, "alice", true);
  expect_roots(check(lab, {"--fail-on", "info"}),
               {{"chatalot-admin-username-ignored", failed, "database", setting("ADMIN_USERNAME")}}, 1);
}

TEST_CASE("a user at the quota", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  add_user(lab, "alice", true);
  lab.sql("UPDATE users SET upload_bytes_used = 499::bigint * 1048576");
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-upload-quota-exceeded", failed, "database", setting("UPLOAD_QUOTA_MB")}}, 0);
  lab.set("UPLOAD_QUOTA_MB", "0").start();
  expect_silent(check(lab), 0);
}

TEST_CASE("secrets that were sealed with another key", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("TOTP_ENCRYPTION_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff").start();
  add_user(lab, "alice", true);
  const std::string sealed =
      "000102030405060708090a0bc3a652a862e95f05c661d0e97e147e37f355688b64932aff6aefa248883e9aaf9af02ed8";
  lab.sql("UPDATE users SET totp_enabled = true, totp_secret = '\\x" + sealed + "'");
  expect_silent(check(lab), 0);
  lab.set("TOTP_ENCRYPTION_KEY", random_hex(64)).start();
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-totp-key-changed", failed, "database", setting("TOTP_ENCRYPTION_KEY")}}, 1);
  CHECK(result.run.out.find(sealed) == std::string::npos);
}

TEST_CASE("an old installation with a new database", "[data]") {
  ChatalotLab lab{shared_postgres()};
  constexpr long ten_days = 10L * 86'400;
  for (const auto* file : {"secrets/jwt_private.pem", "secrets/jwt_public.pem", ".env"})
    lab.directory().touch(file, -ten_days);
  lab.start();
  expect_roots(check(lab), {{"chatalot-volume-erased", failed, "database", lab.database_endpoint()}}, 0);
  add_user(lab, "alice", true);
  expect_silent(check(lab), 0);
}

TEST_CASE("a role that may not read the data", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql("ALTER TABLE files OWNER TO postgres");
  const auto result = check(lab);
  CHECK(result.report.at("findings").empty());
  CHECK(result.unexamined() == std::vector<std::string>{lab.database_endpoint()});
  CHECK(result.run.exit == 3);
}

TEST_CASE("a release without one of the tables", "[data]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql("DROP TABLE files CASCADE");
  expect_silent(check(lab), 0);
}

}  // namespace doctor::lab
