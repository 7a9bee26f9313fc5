// Faults that show in the server's log alone. Each is brought about for real, and the server writes its own line,
// unless the name of the test says that it was told to.

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

const Arguments only_logs{"--only", "logs"};
constexpr const char* service = "service:chatalot";
constexpr const char* some_id = "0190a1b2-0000-7000-8000-000000000001";
constexpr const char* other_id = "0190a1b2-0000-7000-8000-000000000002";

Root by_log(const std::string& entry) {
  return {entry, "log-signature", "logs", service};
}

/// The status of the server's answer.
std::string request(const ChatalotLab& lab, const std::string& method, const std::string& path) {
  return run_or_throw({"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method,
                       "http://127.0.0.1:" + std::to_string(lab.port()) + path});
}

test::Behaviour refusing(const std::string& status, const std::string& body) {
  return test::answering("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
                         "\r\nConnection: close\r\n\r\n" + body);
}

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

/// A file row with an uploader, a path and a thumbnail.
void add_file(ChatalotLab& lab, const std::string& path, const std::string& thumbnail) {
  lab.sql("INSERT INTO users (id) VALUES (" + quoted(other_id) +
          "); INSERT INTO files (id, uploader_id, storage_path, thumbnail_path) VALUES (" + quoted(some_id) + ", " +
          quoted(other_id) + ", " + quoted(path) + ", " + quoted(thumbnail) + ")");
}

}  // namespace

TEST_CASE("the log of a healthy server", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  CHECK(request(lab, "POST", "/api/files/upload") == "200");
  const auto result = check(lab, only_logs);
  expect_silent(result, 0);
  CHECK(result.report.at("checks").at(0).at("status") == "passed");
}

TEST_CASE("an account that is locked out", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  for (int i = 0; i < 10; ++i) request(lab, "POST", "/api/auth/login");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("chatalot-account-locked")}, 0);
  CHECK(result.evidence("chatalot-account-locked", "account") == "alice");
  CHECK(result.evidence("chatalot-account-locked", "failures") == "10");
}

TEST_CASE("a GIPHY key that is refused", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  const test::ScriptedServer giphy{refusing("403 Forbidden", "{}")};
  lab.start({{"LAB_GIPHY", std::to_string(giphy.port())}});
  CHECK(request(lab, "GET", "/api/gifs/search") == "500");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("chatalot-giphy-key-rejected")}, 0);
  CHECK(result.evidence("chatalot-giphy-key-rejected", "status") == "403");
}

TEST_CASE("feedback that GitHub refuses", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  const test::ScriptedServer github{refusing("401 Unauthorized", R"({"message":"Bad credentials"})")};
  lab.start({{"LAB_GITHUB", std::to_string(github.port())}});
  CHECK(request(lab, "POST", "/api/feedback") == "500");
  expect_roots(check(lab, only_logs), {by_log("chatalot-feedback-unconfigured")}, 0);
}

TEST_CASE("a deleted message that still has a reply", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql("INSERT INTO messages (id, deleted_at) VALUES (" + quoted(some_id) +
          ", now() - interval '40 days'); INSERT INTO messages (id, reply_to_id) VALUES (" + quoted(other_id) + ", " +
          quoted(some_id) + ")");
  request(lab, "POST", "/lab/gc");
  request(lab, "POST", "/lab/gc");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("chatalot-message-purge-blocked")}, 0);
  CHECK(result.evidence("chatalot-message-purge-blocked", "constraint") == "messages_reply_to_id_fkey");
  CHECK(result.evidence("chatalot-message-purge-blocked", "count") == "2");
}

TEST_CASE("a user whose announcements must not lose their author", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql(
      "CREATE TABLE IF NOT EXISTS announcements (id UUID PRIMARY KEY, created_by UUID NOT NULL REFERENCES users"
      " (id) ON DELETE SET NULL); ALTER TABLE announcements OWNER TO chatalot; INSERT INTO users (id) VALUES (" +
      quoted(some_id) + "); INSERT INTO announcements VALUES (" + quoted(other_id) + ", " + quoted(some_id) + ")");
  CHECK(request(lab, "DELETE", std::string{"/api/admin/users/"} + some_id) == "500");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("chatalot-user-deletion-blocked")}, 0);
  CHECK(result.evidence("chatalot-user-deletion-blocked", "column") == "created_by");
  CHECK(result.evidence("chatalot-user-deletion-blocked", "relation") == "announcements");
}

TEST_CASE("a file of a deleted user", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  add_file(lab, "/nowhere/01/file", "/nowhere/01/file_thumb");
  lab.sql("DELETE FROM users");
  CHECK(request(lab, "GET", std::string{"/api/files/"} + some_id) == "500");
  expect_roots(check(lab, only_logs), {by_log("chatalot-file-uploader-missing")}, 0);
}

TEST_CASE("a thumbnail that is gone", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.directory().write("data/files/01/file", "x");
  add_file(lab, lab.directory().path("data/files/01/file"), lab.directory().path("data/files/01/file_thumb"));
  CHECK(request(lab, "GET", std::string{"/api/files/"} + some_id) == "200");
  CHECK(request(lab, "GET", std::string{"/api/files/"} + some_id + "/thumbnail") == "500");
  expect_roots(check(lab, only_logs), {by_log("chatalot-thumbnail-files-missing")}, 0);
}

TEST_CASE("uploads that no row of the database knows", "[logs]") {
  constexpr int files = 120;
  ChatalotLab lab{shared_postgres()};
  for (int i = 0; i < files; ++i) lab.directory().write("data/files/01/" + std::to_string(i), "x");
  lab.directory().owner("data/files/01", lab.user());
  lab.start();
  CHECK(request(lab, "POST", "/lab/orphans") == "200");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("chatalot-uploads-orphaned")}, 1);
  CHECK(result.evidence("chatalot-uploads-orphaned", "removed") == std::to_string(files));
}

TEST_CASE("a few orphans are daily business", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.directory().write("data/files/01/one", "x");
  lab.directory().owner("data/files/01", lab.user());
  lab.start();
  request(lab, "POST", "/lab/orphans");
  expect_silent(check(lab, only_logs), 0);
}

TEST_CASE("an upload into a directory that belongs to root", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  if (!is_root()) return skip("only root can give a directory away");
  lab.start();
  lab.directory().owner("data/files", 0);
  lab.directory().mode("data/files", 0755);
  CHECK(request(lab, "POST", "/api/files/upload") == "500");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("chatalot-storage-not-writable")}, 1);
  CHECK(result.evidence("chatalot-storage-not-writable", "operation") == "create dir");
}

TEST_CASE("a push key of the wrong length", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start({{"VAPID_PRIVATE_KEY", "c2hvcnQ"}});
  expect_roots(check(lab, only_logs), {by_log("chatalot-web-push-misconfigured")}, 0);
}

TEST_CASE("too many sessions of one user, by a server that was told to say so", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start({{"LAB_SAYS", "WebSocket rejected: too many concurrent sessions user_id=0190a1b2"}});
  expect_roots(check(lab, only_logs), {by_log("chatalot-websocket-session-limit")}, 0);
}

TEST_CASE("an error that no guide knows", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.sql("ALTER TABLE messages RENAME TO gone");
  lab.sql("ALTER TABLE users RENAME TO gone_too");
  CHECK(request(lab, "DELETE", std::string{"/api/admin/users/"} + some_id) == "500");
  const auto result = check(lab, only_logs);
  expect_roots(result, {{"chatalot-log-errors-present", "log-errors-present", "logs", service}}, 0);
}

TEST_CASE("what stands in the log from before the restart", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  for (int i = 0; i < 10; ++i) request(lab, "POST", "/api/auth/login");
  expect_finding(check(lab, only_logs), by_log("chatalot-account-locked"));
  lab.restart_appending();
  expect_silent(check(lab, only_logs), 0);
}

TEST_CASE("a log that goes nowhere", "[logs]") {
  ChatalotLab lab{shared_postgres()};
  lab.start_silently();
  const auto result = check(lab, only_logs);
  expect_silent(result, 0);
  CHECK(result.report.at("checks").at(0).at("status") == "skipped");
}

}  // namespace doctor::lab
