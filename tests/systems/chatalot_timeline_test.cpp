// What happened to an installation, told in order: an edit, a restart, a database that is broken.

#include <algorithm>
#include <chrono>
#include <thread>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using Json = nlohmann::json;

/// Index of the first event of a kind about a subject; fails the test when there is none.
std::size_t index_of(const Json& timeline, const std::string& kind, const std::string& subject) {
  for (std::size_t i = 0; i < timeline.size(); ++i)
    if (timeline[i].at("kind") == kind && timeline[i].at("subject") == subject) return i;
  FAIL("no event " + kind + " " + subject + " in " + timeline.dump(1));
  return 0;
}

/// File times, starts and log lines are told apart by the second.
void next_second() {
  std::this_thread::sleep_for(std::chrono::milliseconds{1100});
}

}  // namespace

TEST_CASE("an edit, a restart, a broken database", "[timeline]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  next_second();
  lab.set("MAX_FILE_SIZE_MB", "50");
  next_second();
  lab.stop();
  lab.start();
  next_second();
  lab.sql("ALTER TABLE messages RENAME TO gone");
  lab.sql("ALTER TABLE users RENAME TO gone_too");
  run_or_throw(
      {"curl", "-s", "-o", "/dev/null", "-X", "DELETE",
       "http://127.0.0.1:" + std::to_string(lab.port()) + "/api/admin/users/0190a1b2-0000-7000-8000-000000000001"});
  next_second();
  const auto result = check(lab);
  const auto& timeline = result.report.at("timeline");

  const auto migrated = index_of(timeline, "migration-applied", lab.database_endpoint());
  const auto edited = index_of(timeline, "edited", "file:.env");
  const auto started = index_of(timeline, "process-started", "service:chatalot");
  const auto failed = index_of(timeline, "log-failure", "service:chatalot");
  CHECK(migrated < edited);
  CHECK(edited < started);
  CHECK(started < failed);
  CHECK(std::is_sorted(timeline.begin(), timeline.end(), [](const Json& a, const Json& b) {
    return a.at("time").get<std::string>() < b.at("time").get<std::string>();
  }));

  CHECK(timeline[failed].at("failure") == true);
  CHECK(timeline[edited].at("just_before") == true);
  CHECK(timeline[edited].at("failure") == false);
  CHECK(timeline[started].at("just_before") == true);
  for (std::size_t i = 0; i < failed; ++i) CHECK(timeline[i].at("failure") == false);
  for (std::size_t i = failed; i < timeline.size(); ++i) CHECK(timeline[i].at("just_before") == false);

  Secrets secrets;
  secrets.add(lab.password());
  const auto human = check_human(lab.directory().path(), secrets);
  CHECK(human.find("What happened") != std::string::npos);
  CHECK(human.find(".env was written") != std::string::npos);
}

TEST_CASE("a healthy installation keeps its history to itself", "[timeline]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check(lab);
  CHECK(result.run.exit == 0);
  CHECK_FALSE(result.report.at("timeline").empty());
  Secrets secrets;
  secrets.add(lab.password());
  CHECK(check_human(lab.directory().path(), secrets).find("What happened") == std::string::npos);
}

TEST_CASE("without the check that asks the database nobody else does", "[timeline]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check(lab, {"--only", "env"});
  for (const auto& event : result.report.at("timeline")) CHECK(event.at("kind") != "migration-applied");
}

}  // namespace doctor::lab
