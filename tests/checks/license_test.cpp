#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string pass = "setting:web/PASS";
constexpr std::int64_t a_day = 86'400;

TokenClaim number(const std::string& name, std::int64_t value) {
  return {name, "number", std::to_string(value)};
}

TokenAnswer token(std::vector<TokenClaim> claims) {
  return {3, "", "", "HS256", std::move(claims)};
}

TokenAnswer broken(const std::string& problem, int parts) {
  return {parts, problem, "words", "", {}};
}

void holds(World& world, Outcome<TokenAnswer> answer, const std::string& subject = pass) {
  world.fakes.on<TokenQuestion>().answer_if(
      [subject](const TokenQuestion& question) { return question.setting == subject; }, std::move(answer));
}

/// A service with a licence that is good for a year.
void healthy(World& world) {
  world.service("web");
  auto& setting = world.secret("web", "PASS");
  setting.rule.role = "license-token";
  setting.rule.token = TokenRule{{"license_id"}, {{"plan", {"gold", "silver"}}}, true};
  setting.written_at = Place{".env", 4, 1};
  holds(world,
        token({{"license_id", "string", ""}, {"plan", "string", "gold"}, number("exp", World::now + 365 * a_day)}));
  world.secrets_are_well();
}

/// The same with other claims beside the licence's id and plan.
std::function<void(World&)> with(std::vector<TokenClaim> claims) {
  return [claims = std::move(claims)](World& world) {
    healthy(world);
    auto all = claims;
    all.push_back({"license_id", "string", ""});
    all.push_back({"plan", "string", "gold"});
    holds(world, token(all));
  };
}

/// Another host says that it is so many seconds later than the clock of this one.
void others_say(World& world, std::int64_t later) {
  DataSource source;
  source.setting = "setting:web/DATABASE_URL";
  source.service = "web";
  source.endpoint = "endpoint:db:5432";
  source.dial.host = "10.0.0.5";
  source.dial.port = 5432;
  source.dial.vantage = "host";
  world.deployment.data_sources = {source};
  world.fakes.on<PostgresSessionQuestion>().answer_all(PostgresSessionAnswer{});
  PostgresRowsAnswer answer;
  answer.columns = {"floor"};
  answer.rows = {{std::to_string(World::now + later)}};
  world.fakes.on<PostgresRowsQuestion>().answer_all(answer);
}

std::function<void(World&)> by_another_clock(std::vector<TokenClaim> claims, std::int64_t later) {
  return [claims = std::move(claims), later](World& world) {
    with(claims)(world);
    others_say(world, later);
  };
}

/// A key that may be a token, with the right role.
void a_key(World& world, TokenAnswer answer) {
  world.service("web");
  auto& setting = world.secret("web", "KEY");
  setting.rule.token = TokenRule{{}, {{"role", {"service_role"}}}, true};
  holds(world, std::move(answer), "setting:web/KEY");
}

Scenario says(const std::string& name, std::function<void(World&)> arrange, const std::string& code = {}) {
  std::vector<std::string> findings;
  if (!code.empty()) findings.push_back(code + " " + pass);
  return {name, std::move(arrange), findings, {}};
}

const bool added = add_scenarios(
    "license",
    {
        says("a licence that is good for a year", healthy),
        says("no token at all", [](World& world) { world.plain("web", "NAME", "x"); }),
        says("a token that never expires", with({})),
        says("the last second", with({number("exp", World::now)}), "license-expires-now"),
        says("a minute too late", with({number("exp", World::now - 60)}), "license-expired"),
        says("six days", with({number("exp", World::now + 6 * a_day)}), "license-expires-now"),
        says("three weeks", with({number("exp", World::now + 21 * a_day)}), "license-expires-soon"),
        says("five weeks", with({number("exp", World::now + 35 * a_day)})),
        says("milliseconds", with({number("exp", (World::now + a_day) * 1000)}), "license-time-in-milliseconds"),
        says("beyond all times", with({{"exp", "number", "9223372036854775807"}}), "license-time-in-milliseconds"),
        says("a time in words", with({{"exp", "string", "1900000000"}}), "license-time-invalid"),
        says("for later", with({number("nbf", World::now + a_day)}), "license-not-yet-valid"),
        says("made tomorrow", with({number("iat", World::now + a_day)}), "license-not-yet-valid"),
        says("made by a clock that is a little ahead", with({number("iat", World::now + 30)})),
        says("made yesterday", with({number("iat", World::now - a_day), number("nbf", World::now - a_day)})),
        {"expired, and the application does not mind",
         [](World& world) {
           with({number("exp", World::now - 60)})(world);
           world.setting("web", "PASS").rule.token->expires = false;
         },
         {},
         {}},
        says("expired by this clock alone", by_another_clock({number("exp", World::now - 60)}, -3600),
             "license-time-misjudged"),
        says("expired by any clock", by_another_clock({number("exp", World::now - 9000)}, -3600), "license-expired"),
        says("the clock is wrong the other way", by_another_clock({number("exp", World::now - 60)}, 3600),
             "license-expired"),
        says("the clock is nearly right", by_another_clock({number("exp", World::now - 20)}, -40), "license-expired"),
        says("not valid yet by this clock alone", by_another_clock({number("nbf", World::now + 1800)}, 3600),
             "license-time-misjudged"),
        {"no id",
         [](World& world) {
           healthy(world);
           holds(world, token({{"plan", "string", "gold"}}));
         },
         {"license-claim-missing " + pass},
         {}},
        {"an id that is null, and no plan",
         [](World& world) {
           healthy(world);
           holds(world, token({{"license_id", "null", ""}}));
         },
         {"license-claim-missing " + pass, "license-claim-missing " + pass},
         {}},
        {"another plan",
         [](World& world) {
           healthy(world);
           holds(world, token({{"license_id", "string", ""}, {"plan", "string", "tin"}}));
         },
         {"license-claim-unexpected " + pass},
         {}},
        {"a plan of another kind",
         [](World& world) {
           healthy(world);
           holds(world, token({{"license_id", "string", ""}, {"plan", "object", ""}}));
         },
         {"license-claim-unexpected " + pass},
         {}},
        {"two parts",
         [](World& world) {
           healthy(world);
           holds(world, broken("parts", 2));
         },
         {"license-malformed " + pass},
         {}},
        {"a licence that does not look like one",
         [](World& world) {
           healthy(world);
           holds(world, broken("parts", 0));
         },
         {"license-malformed " + pass},
         {}},
        {"a key of another kind is no token", [](World& world) { a_key(world, broken("parts", 0)); }, {}, {}},
        {"a key that was cut off",
         [](World& world) { a_key(world, broken("parts", 1)); },
         {"license-malformed setting:web/KEY"},
         {}},
        {"the key of somebody who may do less",
         [](World& world) { a_key(world, token({{"role", "string", "anon"}})); },
         {"license-claim-unexpected setting:web/KEY"},
         {}},
        {"one token for two services",
         [](World& world) {
           with({number("exp", World::now - 60)})(world);
           world.service("jobs");
           auto& second = world.secret("jobs", "PASS");
           second.rule = world.setting("web", "PASS").rule;
           holds(world, token({number("exp", World::now - 60)}), "setting:jobs/PASS");
           world.says(second, "agrees-with", true);
         },
         {"license-expired " + pass},
         {}},
        {"a placeholder is told about elsewhere",
         [](World& world) {
           healthy(world);
           auto& setting = world.setting("web", "PASS");
           setting.rule.examples = {"eyJ..."};
           world.says(setting, "example", true);
           holds(world, broken("parts", 4));
         },
         {},
         {}},
        {"a switched-off service needs no token",
         [](World& world) {
           healthy(world);
           holds(world, broken("parts", 2));
           world.service("web").enabled = false;
         },
         {},
         {}},
        {"nothing is set",
         [](World& world) {
           healthy(world);
           holds(world, failed(FailureKind::not_found, "unset"));
         },
         {},
         {}},
        {"the bundle does not say",
         [](World& world) {
           healthy(world);
           holds(world, failed(FailureKind::not_recorded));
         },
         {},
         {pass}},
        {"nobody knows the time",
         [](World& world) {
           healthy(world);
           world.fakes.on<ClockQuestion>().answer_all(failed(FailureKind::not_recorded));
         },
         {},
         {pass}},
    });

TEST_CASE("license judges the tokens", "[license]") {
  expect_scenarios("license");
}

TEST_CASE("license says when, and by whose clock", "[license]") {
  World world;
  by_another_clock({number("exp", World::now - 60)}, -3600)(world);
  const auto judgement = run_check(check_named("license"), world);
  CHECK(evidence_of(judgement, "license-time-misjudged", "setting") == "PASS");
  CHECK(evidence_of(judgement, "license-time-misjudged", "claim") == "exp");
  CHECK(evidence_of(judgement, "license-time-misjudged", "skew") == "3599 s ahead");
  CHECK(evidence_of(judgement, "license-time-misjudged", "where") == ".env:4");
}

TEST_CASE("license asks for no claim but those that it compares", "[license]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("license"), world);
  REQUIRE(world.fakes.on<TokenQuestion>().asked().size() == 1);
  CHECK(world.fakes.on<TokenQuestion>().asked().front().claims == std::vector<std::string>{"plan"});
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().figure.find("HS256") != std::string::npos);
}

TEST_CASE("license counts whole days", "[license]") {
  World world;
  with({number("exp", World::now + 3 * a_day + 7)})(world);
  CHECK(evidence_of(run_check(check_named("license"), world), "license-expires-now", "days") == "3");
}

}  // namespace
}  // namespace doctor::test
