#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
constexpr std::int64_t now = 784'111'777;

/// A service whose answers have this date.
void dated(World& world, const std::string& date) {
  world.service("web");
  HttpBase base;
  base.service = "web";
  base.endpoint = "endpoint:web:8080";
  base.url = "http://127.0.0.1:8080";
  base.dial.vantage = "host";
  world.deployment.http = {base};
  HttpAnswer answer;
  answer.status = 404;
  if (!date.empty()) answer.headers = {{"date", date}};
  world.fakes.on<HttpQuestion>().answer_all(answer);
  ClockAnswer clock;
  clock.now = now;
  world.fakes.on<ClockQuestion>().answer_all(clock);
  TimeKeepingAnswer keeping;
  keeping.synchronised = true;
  world.fakes.on<TimeKeepingQuestion>().answer_all(keeping);
}

void unkept(World& world) {
  world.fakes.on<TimeKeepingQuestion>().answer_all(TimeKeepingAnswer{});
}

/// A database whose clock says this.
void database(World& world, const std::string& seconds) {
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
  answer.rows = {{seconds}};
  world.fakes.on<PostgresRowsQuestion>().answer_all(answer);
}

/// Services outside, of which one has another time.
void providers(World& world, const std::string& date) {
  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const auto* host : {"one", "two", "three"}) {
    Upstream upstream;
    upstream.url = std::string{"https://"} + host + ".example.net/v1/models";
    upstream.vantage = "host";
    world.deployment.upstreams.push_back(upstream);
  }
  HttpAnswer answer;
  answer.headers = {{"date", date}};
  world.fakes.on<HttpQuestion>().answer_if(
      [](const HttpQuestion& question) { return question.url == "https://two.example.net/"; }, answer);
}

Scenario says(const std::string& name, const std::string& date, std::vector<std::string> codes) {
  for (auto& code : codes) code += " host:clock";
  return {name, [date](World& world) { dated(world, date); }, codes, {}};
}

const bool added =
    add_scenarios("clock", {
                               says("a clock that agrees", "Sun, 06 Nov 1994 08:49:37 GMT", {}),
                               says("an answer that was under way for a second", "Sun, 06 Nov 1994 08:49:36 GMT", {}),
                               says("a minute and a half behind", "Sun, 06 Nov 1994 08:51:07 GMT", {"clock-skewed"}),
                               says("an hour ahead", "Sun, 06 Nov 1994 07:49:37 GMT", {"clock-skewed"}),
                               says("a year ahead", "Sat, 06 Nov 1993 08:49:37 GMT", {"clock-skewed"}),
                               says("half a minute", "Sun, 06 Nov 1994 08:50:07 GMT", {"clock-drifting"}),
                               says("ten seconds under a time service", "Sun, 06 Nov 1994 08:49:47 GMT", {}),
                               says("no date at all", "", {}),
                               says("a date that is none", "yesterday, around noon, roughly", {}),
                               says("a day that no month has", "Sun, 31 Nov 1994 08:49:37 GMT", {}),
                               {"ten seconds, and nobody tells the time",
                                [](World& world) {
                                  dated(world, "Sun, 06 Nov 1994 08:49:47 GMT");
                                  unkept(world);
                                },
                                {"clock-not-synchronised host:clock"},
                                {}},
                               {"nobody tells the time, and it is right",
                                [](World& world) {
                                  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
                                  unkept(world);
                                },
                                {},
                                {}},
                               {"a database elsewhere with another time",
                                [](World& world) {
                                  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
                                  database(world, std::to_string(now - 300));
                                },
                                {"clock-skewed host:clock"},
                                {}},
                               {"a database with the same time",
                                [](World& world) {
                                  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
                                  database(world, std::to_string(now));
                                },
                                {},
                                {}},
                               {"an answer out of a cache",
                                [](World& world) {
                                  dated(world, "Sun, 06 Nov 1994 07:49:37 GMT");
                                  HttpAnswer answer;
                                  answer.headers = {{"date", "Sun, 06 Nov 1994 07:49:37 GMT"}, {"age", "3600"}};
                                  world.fakes.on<HttpQuestion>().answer_all(answer);
                                },
                                {},
                                {}},
                               {"a provider with another time",
                                [](World& world) { providers(world, "Sun, 06 Nov 1994 06:49:37 GMT"); },
                                {"clock-skewed host:clock"},
                                {}},
                               {"a provider that must not be asked",
                                [](World& world) {
                                  providers(world, "Sun, 06 Nov 1994 06:49:37 GMT");
                                  world.deployment.offline = true;
                                },
                                {},
                                {}},
                               {"a provider that is the deployment's own",
                                [](World& world) {
                                  providers(world, "Sun, 06 Nov 1994 06:49:37 GMT");
                                  for (auto& upstream : world.deployment.upstreams) upstream.own = true;
                                },
                                {},
                                {}},
                               {"nobody to compare with", [](World&) {}, {}, {}},
                               {"nobody answers",
                                [](World& world) {
                                  dated(world, "");
                                  world.fakes.on<HttpQuestion>().answer_all(failed(FailureKind::refused));
                                },
                                {},
                                {}},
                               {"the bundle does not say",
                                [](World& world) {
                                  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
                                  world.fakes.on<ClockQuestion>().answer_all(failed(FailureKind::not_recorded));
                                },
                                {},
                                {"host:clock"}},
                           });

TEST_CASE("clock compares the host's time with that of others", "[clock]") {
  expect_scenarios("clock");
}

TEST_CASE("clock says by how much and against whom", "[clock]") {
  World world;
  dated(world, "Sun, 06 Nov 1994 08:51:07 GMT");
  auto judgement = run_check(check_named("clock"), world);
  CHECK(evidence_of(judgement, "clock-skewed", "skew") == "90 s behind");
  CHECK(evidence_of(judgement, "clock-skewed", "against") == "http://127.0.0.1:8080");
  CHECK(evidence_of(judgement, "clock-skewed", "synchronised") == "yes");
  dated(world, "Sun, 06 Nov 1994 08:47:36 GMT");
  judgement = run_check(check_named("clock"), world);
  CHECK(evidence_of(judgement, "clock-skewed", "skew") == "120 s ahead");
}

TEST_CASE("clock asks for the host's own time around each answer", "[clock]") {
  World world;
  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
  run_check(check_named("clock"), world);
  std::vector<std::string> moments;
  for (const auto& question : world.fakes.on<ClockQuestion>().asked()) moments.push_back(question.moment);
  CHECK(moments == std::vector<std::string>{"", "before http://127.0.0.1:8080", "after http://127.0.0.1:8080"});
  CHECK(world.fakes.on<HttpQuestion>().asked().at(0).method == "HEAD");
}

TEST_CASE("clock asks two providers, and waits for one that cannot be reached only once", "[clock]") {
  World world;
  providers(world, "Sun, 06 Nov 1994 08:49:37 GMT");
  run_check(check_named("clock"), world);
  CHECK(world.fakes.on<HttpQuestion>().asked().size() == 3);
  CHECK(world.fakes.on<HttpQuestion>().asked().at(1).url == "https://one.example.net/");
  world.fakes.on<HttpQuestion>().answer_all(failed(FailureKind::timed_out));
  run_check(check_named("clock"), world);
  CHECK(world.fakes.on<HttpQuestion>().asked().size() == 5);
}

TEST_CASE("clock asks the public address only when the service itself answers", "[clock]") {
  World world;
  dated(world, "Sun, 06 Nov 1994 08:49:37 GMT");
  PublicUrl url;
  url.service = "web";
  url.url = "https://chat.example.org";
  world.deployment.public_urls = {url};
  run_check(check_named("clock"), world);
  CHECK(world.fakes.on<HttpQuestion>().asked().size() == 2);
  world.fakes.on<HttpQuestion>().answer_all(failed(FailureKind::refused));
  run_check(check_named("clock"), world);
  CHECK(world.fakes.on<HttpQuestion>().asked().size() == 3);
}

}  // namespace
}  // namespace doctor::test
