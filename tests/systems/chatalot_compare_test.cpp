// Two bundles of a real deployment compared, and other settings tried on one.

#include <algorithm>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

/// The file of a bundle, beside the deployment and not in it.
std::string bundle_of(const ChatalotLab& lab, const Directory& place, const std::string& name) {
  const auto file = place.path(name);
  const auto result =
      run({doctor_binary(), "check", lab.directory().path(), "--bundle", file, "--no-progress", "--format", "json"});
  INFO(result.err);
  REQUIRE(place.exists(name));
  return file;
}

json document(const CommandResult& result) {
  INFO("exit " << result.exit << "\n" << result.out << result.err);
  auto parsed = json::parse(result.out, nullptr, false);
  REQUIRE(parsed.is_object());
  return parsed;
}

struct Compared {
  int exit = 0;
  json difference;
};

Compared compared(const std::string& before, const std::string& after, Arguments more = {}) {
  Arguments all{doctor_binary(), "diff", before, after, "--format", "json"};
  all.insert(all.end(), more.begin(), more.end());
  const auto result = run(all);
  return {result.exit, document(result)};
}

struct Tried {
  int exit = 0;
  json report;

  bool lists(const std::string& list, const std::string& entry) const {
    const auto& items = report.at("what_if").at(list);
    return std::any_of(items.begin(), items.end(), [&](const json& item) { return item.at("entry") == entry; });
  }
  bool finds(const std::string& entry) const {
    const auto& items = report.at("findings");
    return std::any_of(items.begin(), items.end(), [&](const json& item) { return item.at("entry") == entry; });
  }
};

Tried tried(const std::string& bundle, const std::vector<std::string>& values) {
  Arguments all{doctor_binary(), "analyze", bundle, "--format", "json"};
  for (const auto& value : values) all.insert(all.end(), {"--set", value});
  const auto result = run(all);
  Tried tried{result.exit, document(result)};
  CHECK(tried.report.at("summary").at("exit_code") == tried.exit);
  return tried;
}

std::vector<std::string> entries(const json& findings) {
  std::vector<std::string> entries;
  for (const auto& finding : findings) entries.push_back(finding.at("entry").get<std::string>());
  return entries;
}

using Entries = std::vector<std::string>;

}  // namespace

TEST_CASE("two bundles of a deployment that nobody touched", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Directory place{"bundles"};
  const auto first = bundle_of(lab, place, "first.tar.gz");
  const auto second = bundle_of(lab, place, "second.tar.gz");
  const auto result = compared(first, second);
  INFO(result.difference.dump(2));
  CHECK(result.exit == 0);
  CHECK(result.difference.at("new").empty());
  CHECK(result.difference.at("resolved").empty());
  CHECK(result.difference.at("newly_unexamined").empty());
  CHECK(result.difference.at("facts").empty());
  CHECK_FALSE(compared(first, second, {"--volatile"}).difference.at("facts").empty());
}

TEST_CASE("what changed before a deployment broke comes first", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Directory place{"bundles"};
  const auto good = bundle_of(lab, place, "good.tar.gz");
  lab.stop();
  const auto port = std::to_string(free_port());
  lab.set("DATABASE_URL", "postgres://chatalot:" + lab.password() + "@127.0.0.1:" + port + "/chatalot");
  lab.set("RUST_LOG", "debug");
  lab.start_and_die();
  const auto bad = bundle_of(lab, place, "bad.tar.gz");

  const auto result = compared(good, bad);
  INFO(result.difference.dump(2));
  CHECK(result.exit == 1);
  const auto fresh = entries(result.difference.at("new"));
  CHECK(std::find(fresh.begin(), fresh.end(), "chatalot-database-unreachable") != fresh.end());
  const auto& facts = result.difference.at("facts");
  REQUIRE_FALSE(facts.empty());
  CHECK_FALSE(facts.at(0).at("concerns").empty());
  const auto port_changed = std::find_if(facts.begin(), facts.end(), [&](const json& fact) {
    return fact.at("subject") == "setting:chatalot/DATABASE_URL" && fact.at("name") == "port";
  });
  REQUIRE(port_changed != facts.end());
  CHECK(port_changed->at("after") == port);
  CHECK_FALSE(port_changed->at("concerns").empty());
  // Those that concern a finding stand before those that do not.
  const auto other =
      std::find_if(facts.begin(), facts.end(), [](const json& fact) { return fact.at("concerns").empty(); });
  CHECK(std::all_of(other, facts.end(), [](const json& fact) { return fact.at("concerns").empty(); }));
  CHECK(result.difference.dump().find(lab.password()) == std::string::npos);

  const auto back = compared(bad, good);
  CHECK(back.exit == 0);
  const auto gone = entries(back.difference.at("resolved"));
  CHECK(std::find(gone.begin(), gone.end(), "chatalot-database-unreachable") != gone.end());
}

TEST_CASE("a report is compared with a report and with a bundle", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Directory place{"bundles"};
  place.write("good.json", run({doctor_binary(), "check", lab.directory().path(), "--format", "json"}).out);
  lab.directory().write("Cargo.lock", "<<<<<<< HEAD\n");
  place.write("bad.json", run({doctor_binary(), "check", lab.directory().path(), "--format", "json"}).out);
  const auto bad = bundle_of(lab, place, "bad.tar.gz");
  for (const auto& after : {place.path("bad.json"), bad}) {
    INFO(after);
    const auto result = compared(place.path("good.json"), after);
    CHECK(entries(result.difference.at("new")) == Entries{"chatalot-build-lockfile-conflict"});
    CHECK(result.exit == 1);
  }
}

TEST_CASE("what is neither a bundle nor a report is refused", "[compare]") {
  const Directory place{"bundles"};
  place.write("nothing", "");
  place.write("json", "{}");
  place.write("packed", "\x1f\x8b nothing");
  place.make("directory");
  for (const auto* name : {"nothing", "json", "packed", "directory", "missing"}) {
    const auto result = run({doctor_binary(), "diff", place.path(name), place.path(name)});
    INFO(name << ": " << result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    CHECK_FALSE(result.err.empty());
  }
}

TEST_CASE("the right port resolves the refused database, and what followed goes", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  const auto right = lab.database_url();
  const auto wrong =
      "postgres://chatalot:" + lab.password() + "@127.0.0.1:" + std::to_string(free_port()) + "/chatalot";
  lab.set("DATABASE_URL", wrong);
  lab.start_and_die();
  const Directory place{"bundles"};
  const auto bundle = bundle_of(lab, place, "bad.tar.gz");
  const auto before = document(run({doctor_binary(), "analyze", bundle, "--format", "json"}));
  REQUIRE_FALSE(before.contains("what_if"));

  const auto result = tried(bundle, {"DATABASE_URL=" + right});
  INFO(result.report.dump(2));
  CHECK(result.lists("resolved", "chatalot-database-unreachable"));
  CHECK_FALSE(result.finds("chatalot-database-unreachable"));
  for (const auto& finding : before.at("findings")) {
    if (finding.at("root").get<bool>()) continue;
    const auto entry = finding.at("entry").get<std::string>();
    INFO(entry);
    CHECK((result.lists("expected_to_go", entry) || result.lists("resolved", entry)));
  }
  // Whether the right port answers is not in the bundle.
  CHECK(result.exit == 3);
  CHECK(result.report.dump().find(lab.password()) == std::string::npos);
}

TEST_CASE("another wrong port is not called right", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("DATABASE_URL",
          "postgres://chatalot:" + lab.password() + "@127.0.0.1:" + std::to_string(free_port()) + "/chatalot");
  lab.start_and_die();
  const Directory place{"bundles"};
  const auto bundle = bundle_of(lab, place, "bad.tar.gz");
  CHECK(tried(bundle, {"DATABASE_URL=postgres://chatalot:x@127.0.0.1:1/chatalot"}).exit == 3);
  // What cannot be a URL at all is a fault that needs nobody to be asked.
  const auto nonsense = tried(bundle, {"DATABASE_URL=nonsense"});
  INFO(nonsense.report.dump(2));
  CHECK(nonsense.exit == 1);
  CHECK_FALSE(nonsense.report.at("what_if").at("new").empty());
}

TEST_CASE("the right path of a key resolves the missing key", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("JWT_PRIVATE_KEY_PATH", "./secrets/nowhere.pem");
  lab.start_and_die();
  const Directory place{"bundles"};
  const auto bundle = bundle_of(lab, place, "bad.tar.gz");
  const auto before = document(run({doctor_binary(), "analyze", bundle, "--format", "json"}));
  Entries roots;
  for (const auto& finding : before.at("findings"))
    if (finding.at("root").get<bool>()) roots.push_back(finding.at("entry").get<std::string>());
  REQUIRE(roots.size() == 1);
  const auto result = tried(bundle, {"JWT_PRIVATE_KEY_PATH=./secrets/jwt_private.pem"});
  INFO(result.report.dump(2));
  CHECK(result.lists("resolved", roots[0]));
  CHECK(result.report.at("findings").empty());
}

TEST_CASE("of two faults the other one remains", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  const auto right = lab.database_url();
  lab.set("DATABASE_URL",
          "postgres://chatalot:" + lab.password() + "@127.0.0.1:" + std::to_string(free_port()) + "/chatalot");
  lab.start_and_die();
  lab.directory().write("Cargo.lock", "<<<<<<< HEAD\n");
  const Directory place{"bundles"};
  const auto bundle = bundle_of(lab, place, "bad.tar.gz");
  const auto result = tried(bundle, {"DATABASE_URL=" + right});
  INFO(result.report.dump(2));
  CHECK(result.lists("resolved", "chatalot-database-unreachable"));
  CHECK(result.lists("remaining", "chatalot-build-lockfile-conflict"));
  CHECK(result.finds("chatalot-build-lockfile-conflict"));
  CHECK(result.exit == 1);
}

TEST_CASE("another password cannot be judged without trying", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  const auto right = lab.database_url();
  auto wrong = right;
  replace(wrong, lab.password(), "not-the-password-at-all");
  lab.set("DATABASE_URL", wrong);
  lab.start_and_die();
  const Directory place{"bundles"};
  const auto bundle = bundle_of(lab, place, "bad.tar.gz");
  const auto before = document(run({doctor_binary(), "analyze", bundle, "--format", "json"}));
  const auto root = before.at("findings").at(0).at("entry").get<std::string>();
  const auto result = tried(bundle, {"DATABASE_URL=" + right});
  INFO(result.report.dump(2));
  CHECK(result.lists("unknown", root));
  CHECK_FALSE(result.lists("resolved", root));
  CHECK(result.exit == 3);
  CHECK(result.report.dump().find(lab.password()) == std::string::npos);
}

TEST_CASE("nonsense in --set is wrong usage", "[compare]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Directory place{"bundles"};
  const auto bundle = bundle_of(lab, place, "good.tar.gz");
  CHECK(run({doctor_binary(), "analyze", bundle, "--set", "nonsense"}).exit == 2);
  CHECK(run({doctor_binary(), "analyze", bundle, "--set", "nobody.NAME=1"}).exit == 2);
  CHECK(run({doctor_binary(), "check", "--from", bundle, "--set", "RUST_LOG=info"}).exit == 0);
}

}  // namespace doctor::lab
