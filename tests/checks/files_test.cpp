#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

Expectation& expect_file(World& world, const std::string& file) {
  Expectation expected;
  expected.file = file;
  world.deployment.description.files.push_back(expected);
  return world.deployment.description.files.back();
}

void missing(World& world, const std::string& path) {
  FileAnswer answer;
  answer.kind = "missing";
  world.fakes.on<FileQuestion>().answer(FileQuestion{path}, answer);
}

void lock_file(World& world, const std::string& content) {
  expect_file(world, "Cargo.lock").forbids = "^(<<<<<<<|>>>>>>>) ";
  world.text("/srv/app/Cargo.lock", content);
}

const bool added = add_scenarios(
    "files",
    {
        {"an intact file", [](World& world) { lock_file(world, "version = 3\n"); }, {}, {}},
        {"nothing is expected", [](World&) {}, {}, {}},
        {"a file that must not hold something may be absent",
         [](World& world) {
           expect_file(world, "Cargo.lock").forbids = "^<<<<<<< ";
           missing(world, "/srv/app/Cargo.lock");
         },
         {},
         {}},
        {"a file that must be there",
         [](World& world) {
           expect_file(world, "init.sql");
           missing(world, "/srv/app/init.sql");
         },
         {"file-missing file:init.sql"},
         {}},
        {"a forbidden line",
         [](World& world) { lock_file(world, "version = 3\r\n<<<<<<< HEAD\r\n"); },
         {"file-content-unexpected file:Cargo.lock"},
         {}},
        {"a text that is not there",
         [](World& world) {
           auto& expected = expect_file(world, "nginx.conf");
           expected.contains = "proxy_pass";
           expected.subject = "service:proxy";
           world.text("/srv/app/nginx.conf", "server {}\n");
         },
         {"file-content-unexpected service:proxy"},
         {}},
        {"a directory in its place",
         [](World& world) {
           expect_file(world, "init.sql");
           FileAnswer answer;
           answer.kind = "directory";
           world.fakes.on<FileQuestion>().answer(FileQuestion{"/srv/app/init.sql"}, answer);
         },
         {"file-content-unexpected file:init.sql"},
         {}},
        {"a file past every bound",
         [](World& world) {
           lock_file(world, "");
           world.fakes.on<TextQuestion>().answer_all(failed(FailureKind::too_large));
         },
         {"file-content-unexpected file:Cargo.lock"},
         {}},
        {"no right to read",
         [](World& world) {
           lock_file(world, "");
           world.fakes.on<TextQuestion>().answer_all(failed(FailureKind::permission_denied, "EACCES"));
         },
         {},
         {"file:Cargo.lock"}},
        {"the bundle does not say", [](World& world) { expect_file(world, "init.sql"); }, {}, {"file:init.sql"}},
        {"a pattern that is none",
         [](World& world) {
           expect_file(world, "a").forbids = "(";
           world.text("/srv/app/a", "x\n");
         },
         {},
         {"file:a"}},
    });

TEST_CASE("files judges what must be in the directory", "[files]") {
  expect_scenarios("files");
}

TEST_CASE("files names the line and the entry of the description", "[files]") {
  World world;
  lock_file(world, "a\n\n>>>>>>> theirs\n");
  world.deployment.description.files.front().violated = "app-lockfile-conflict";
  const auto judgement = run_check(check_named("files"), world);
  CHECK(evidence_of(judgement, "file-content-unexpected", "line") == "3");
  CHECK(judgement.findings.front().entry == "app-lockfile-conflict");
}

}  // namespace
}  // namespace doctor::test
