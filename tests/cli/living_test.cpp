// What an operator puts up with: --ignore, doctor.ignore.yaml, --baseline.

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr auto description = R"(system:
  name: shop
  services:
    shop:
      settings:
        SHOP_LICENSE: {required: true, secret: true}
        MODE: {allowed: [open, closed]}
)";

constexpr auto compose = R"(services:
  shop:
    image: shop
    environment:
      SHOP_LICENSE: ${SHOP_LICENSE:-}
      MODE: ${MODE:-open}
)";

/// An error and a warning: the licence is empty, and the mode is none that there is.
struct Shop {
  Directory directory;
  Shop() {
    directory.write("doctor.yaml", description);
    directory.write("compose.yaml", compose);
    directory.write(".env", "MODE=ajar\n", 0600);
  }
  void ignore(const std::string& text, mode_t mode = 0644) const { directory.write("doctor.ignore.yaml", text, mode); }
  /// What is put up with stands in the directory, and no bundle has it: no analysis is compared with this.
  Result examine(const Arguments& more = {}) const {
    Arguments arguments{doctor_binary(), "check",       directory.path(), "--format", "json",
                        "--only",        "env,compose", "--fail-on",      "warning",  "--allow-incomplete"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Result result{run(arguments), {}};
    INFO(result.run.err);
    result.report = nlohmann::json::parse(result.run.out, nullptr, false);
    REQUIRE(result.report.is_object());
    CHECK(result.report.at("summary").at("exit_code") == result.run.exit);
    return result;
  }
  CommandResult refused(Arguments more = {}) const {
    Arguments arguments{doctor_binary(), "check", directory.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto result = run(arguments);
    INFO(result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    return result;
  }
};

const auto licence = "env-required-empty setting:shop/SHOP_LICENSE";
const auto mode = "env-value-not-allowed setting:shop/MODE";

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

int count(const Result& result, const std::string& name) {
  return result.report.at("summary").at(name).get<int>();
}

}  // namespace

TEST_CASE("--ignore takes a finding out of the count", "[ignore]") {
  const Shop shop;
  CHECK(shop.examine().roots() == std::vector<std::string>{licence, mode});
  const auto one = shop.examine({"--ignore", "env-required-empty"});
  CHECK(one.run.exit == 1);
  CHECK(one.finding("env-required-empty").at("ignored") == true);
  CHECK(one.finding("env-required-empty").at("ignored_by").at("source") == "--ignore");
  CHECK(one.finding("env-value-not-allowed").at("ignored") == false);
  CHECK(count(one, "error") == 0);
  CHECK(count(one, "warning") == 1);
  CHECK(count(one, "ignored") == 1);
  const auto both = shop.examine({"--ignore", "env-required-empty,env-value-not-allowed"});
  CHECK(both.run.exit == 0);
  CHECK(count(both, "warning") == 0);
}

TEST_CASE("--ignore may name a subject", "[ignore]") {
  const Shop shop;
  CHECK(shop.examine({"--ignore", "env-required-empty=setting:shop/*"}).finding("env-required-empty").at("ignored") ==
        true);
  CHECK(shop.examine({"--ignore", "env-required-empty=setting:other/*"}).finding("env-required-empty").at("ignored") ==
        false);
  CHECK(says(shop.refused({"--ignore", "env-required-emty"}).err, "env-required-empty"));
}

TEST_CASE("doctor.ignore.yaml hides until a day, and says why", "[ignore]") {
  const Shop shop;
  shop.ignore("- {code: env-required-empty, reason: trial without a licence, expires: 2199-12-31}\n");
  const auto result = shop.examine();
  CHECK(result.run.exit == 1);
  const auto& finding = result.finding("env-required-empty");
  CHECK(finding.at("ignored") == true);
  CHECK(finding.at("ignored_by").at("reason") == "trial without a licence");
  CHECK(finding.at("ignored_by").at("expires") == "2199-12-31");
  CHECK(finding.at("ignored_by").at("source") == "doctor.ignore.yaml:1");
  const auto text = run({doctor_binary(), "check", shop.directory.path()}).out;
  CHECK(says(text, "Ignored"));
  CHECK(says(text, "2199-12-31"));
}

TEST_CASE("an entry that is over, and one about nothing, are findings", "[ignore]") {
  const Shop shop;
  shop.ignore(
      "- {code: env-required-empty, reason: r, expires: 2020-01-31}\n"
      "- {code: env-value-not-allowed, subject: 'setting:gone/*', reason: r, expires: 2199-12-31}\n");
  const auto result = shop.examine();
  CHECK(result.finding("env-required-empty").at("ignored") == false);
  expect_finding(result, {"ignore-expired", "ignore-expired", "doctor", "file:doctor.ignore.yaml"});
  CHECK(result.finding("ignore-expired").at("severity") == "warning");
  expect_finding(result, {"ignore-stale", "ignore-stale", "doctor", "file:doctor.ignore.yaml"});
  CHECK(result.finding("ignore-stale").at("severity") == "info");
  CHECK(result.evidence("ignore-stale", "entry") == "env-value-not-allowed=setting:gone/*");
  CHECK(count(result, "error") == 1);
  CHECK(count(result, "warning") == 2);
  CHECK(run({doctor_binary(), "explain", "ignore-stale"}).exit == 0);
}

TEST_CASE("a broken doctor.ignore.yaml is exit 2 with file and line", "[ignore]") {
  const Shop shop;
  shop.ignore(
      "- {code: env-required-empty, reason: r, expires: 2199-12-31}\n- {code: env-required-empty, reason: r}\n");
  CHECK(says(shop.refused().err, "doctor.ignore.yaml:2"));
  shop.ignore("- {code: env-required-emty, reason: r, expires: 2199-12-31}\n");
  CHECK(says(shop.refused().err, "did you mean env-required-empty?"));
  shop.ignore("[]\n", 0666);
  CHECK(says(shop.refused().err, "written by everybody"));
  if (is_root()) {
    shop.ignore("[]\n");
    shop.directory.owner("doctor.ignore.yaml", 12345);
    CommandOptions options;
    options.uid = 12346;
    CHECK(says(run({doctor_binary(), "check", shop.directory.path()}, options).err, "another user"));
  }
}

TEST_CASE("--baseline counts only what is new, and says what is gone", "[baseline]") {
  const Shop shop;
  const auto file = shop.directory.parent() + "/baseline.json";
  REQUIRE(run({doctor_binary(), "check", shop.directory.path(), "--only", "env,compose", "--format", "json", "--output",
               file})
              .exit == 1);
  const auto same = shop.examine({"--baseline", file});
  CHECK(same.run.exit == 0);
  CHECK(same.finding("env-required-empty").at("baseline") == true);
  CHECK(count(same, "baseline") == 2);
  CHECK(count(same, "error") == 0);
  CHECK(same.report.at("baseline").at("resolved").empty());
  CHECK(same.report.at("baseline").at("file") == file);

  shop.directory.write(".env", "SHOP_LICENSE=abcdefgh12345678\nMODE=ajar\nMODE=shut\n", 0600);
  const auto better = shop.examine({"--baseline", file});
  REQUIRE(better.report.at("baseline").at("resolved").size() == 1);
  CHECK(better.report.at("baseline").at("resolved").at(0).at("subject") == "setting:shop/SHOP_LICENSE");
  CHECK(better.finding("env-value-not-allowed").at("baseline") == true);

  shop.directory.write("doctor.yaml", std::string{description} + "        PORT_NUMBER: {required: true}\n");
  const auto worse = shop.examine({"--baseline", file});
  CHECK(worse.run.exit == 1);
  CHECK(count(worse, "error") == 1);
}

TEST_CASE("a bundle can be the baseline", "[baseline]") {
  const Shop shop;
  const auto file = shop.directory.parent() + "/baseline.tar.zst";
  REQUIRE(run({doctor_binary(), "check", shop.directory.path(), "--only", "env,compose", "--bundle", file}).exit == 1);
  const auto same = shop.examine({"--baseline", file});
  CHECK(same.run.exit == 0);
  CHECK(count(same, "baseline") == 2);
}

TEST_CASE("a broken or foreign baseline is exit 2", "[baseline]") {
  const Shop shop;
  const auto& directory = shop.directory;
  CHECK(says(shop.refused({"--baseline", directory.path("nowhere.json")}).err, "nowhere.json"));
  directory.write("b.json", "{");
  CHECK(says(shop.refused({"--baseline", directory.path("b.json")}).err, "JSON"));
  directory.write("b.json", R"({"schema": "somebody-else/v1", "findings": []})");
  CHECK(says(shop.refused({"--baseline", directory.path("b.json")}).err, "doctor-report/v1"));
  directory.write("b.json", R"({"schema": "doctor-report/v1", "deployment": {"system": "chatalot"}, "findings": []})");
  CHECK(says(shop.refused({"--baseline", directory.path("b.json")}).err, "chatalot"));
  directory.write("b.json", std::string(5U << 20U, '['));
  CHECK_FALSE(shop.refused({"--baseline", directory.path("b.json")}).err.empty());
}

}  // namespace doctor::lab
