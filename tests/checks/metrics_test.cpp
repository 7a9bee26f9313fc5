#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string web = "endpoint:web:8080";

MetricRule rule(const std::string& metric) {
  MetricRule rule;
  rule.id = metric;
  rule.metric = metric;
  rule.violated = "app-" + metric;
  return rule;
}

MetricRule refusals() {
  auto refused = rule("requests_total");
  refused.labels = {{"provider", {"a", "b"}}, {"status", {"401"}}};
  refused.percent_of = "requests_total";
  refused.among = {{"provider", {"a", "b"}}};
  refused.minimum = 20;
  refused.most = 20;
  return refused;
}

MetricRule limited(std::optional<std::int64_t> least, std::optional<std::int64_t> most) {
  auto limited = rule("memory_bytes");
  limited.least = least;
  limited.most = most;
  return limited;
}

MetricRule of_the_limit() {
  auto memory = limited({}, 90);
  memory.percent_of = "memory-limit";
  return memory;
}

MetricRule moving() {
  auto jobs = rule("jobs_total");
  jobs.moves_within = std::chrono::hours{1};
  return jobs;
}

void serves(World& world, const MetricRule& one, Outcome<HttpAnswer> answer) {
  auto& service = world.service("web");
  service.rule.name = "web";
  service.rule.metrics = MetricsRule{"/metrics", {one}};
  HttpBase http;
  http.service = "web";
  http.endpoint = web;
  http.url = "http://127.0.0.1:8080";
  http.dial.host = "127.0.0.1";
  http.dial.port = 8080;
  http.dial.vantage = "host";
  world.deployment.http = {http};
  world.fakes.on<HttpQuestion>().answer_if(
      [](const HttpQuestion& question) { return question.url == "http://127.0.0.1:8080/metrics"; }, std::move(answer));
}

HttpAnswer page(const std::string& body, int status = 200) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {{"content-type", "text/plain; version=0.0.4"}};
  answer.body = body;
  return answer;
}

std::string requests(int refused, int served) {
  return "# TYPE requests_total counter\nrequests_total{provider=\"a\",status=\"401\"} " + std::to_string(refused) +
         "\nrequests_total{provider=\"b\",status=\"200\"} " + std::to_string(served) +
         "\nrequests_total{provider=\"none\",status=\"401\"} 500\n";
}

std::string jobs(int count, std::int64_t age) {
  return "# TYPE jobs_total counter\n" + (count > 0 ? "jobs_total " + std::to_string(count) + "\n" : std::string{}) +
         "process_start_time_seconds " + std::to_string(World::now - age) + "\n";
}

Scenario shows(const std::string& name, const MetricRule& one, const std::string& body,
               std::vector<std::string> codes = {}) {
  for (auto& code : codes) code += " " + web;
  return {name, [one, body](World& world) { serves(world, one, page(body)); }, codes, {}};
}

Scenario answers(const std::string& name, const Outcome<HttpAnswer>& answer, std::vector<std::string> findings,
                 std::vector<std::string> unexamined = {}) {
  return {name, [answer](World& world) { serves(world, limited({}, 10), answer); }, std::move(findings),
          std::move(unexamined)};
}

const bool added = add_scenarios(
    "metrics", {
                   shows("few refusals", refusals(), requests(10, 90)),
                   shows("many refusals", refusals(), requests(21, 79), {"metric-out-of-bounds"}),
                   shows("many refusals of very few", refusals(), requests(10, 9)),
                   shows("a counter that nothing has moved", refusals(), "# TYPE requests_total counter\n"),
                   shows("no such metric", refusals(), "other 1\n"),
                   shows("within", limited(5, 10), "memory_bytes 10\n"),
                   shows("too much", limited(5, 10), "memory_bytes 11\n", {"metric-out-of-bounds"}),
                   shows("too little", limited(5, 10), "memory_bytes 4.5\n", {"metric-out-of-bounds"}),
                   shows("all series together", limited({}, 10), "memory_bytes{a=\"1\"} 6\nmemory_bytes{a=\"2\"} 6\n",
                         {"metric-out-of-bounds"}),
                   shows("no number", limited({}, 10), "memory_bytes NaN\n"),
                   shows("endless", limited({}, 10), "memory_bytes +Inf\n", {"metric-out-of-bounds"}),
                   shows("without a limit", of_the_limit(), "memory_bytes 1e12\n"),
                   {"near the container's limit",
                    [](World& world) {
                      serves(world, of_the_limit(), page("memory_bytes 950\n"));
                      world.container("web").memory_limit = 1000;
                    },
                    {"metric-out-of-bounds " + web},
                    {}},
                   {"far from the limit that the compose file gives",
                    [](World& world) {
                      serves(world, of_the_limit(), page("memory_bytes 500\n"));
                      world.service("web").memory_limit = 1000;
                    },
                    {},
                    {}},
                   shows("a count that has moved", moving(), jobs(1, 7200)),
                   shows("a count that has not", moving(), jobs(0, 7200), {"metric-never-moved"}),
                   shows("a count that has had no time", moving(), jobs(0, 1800)),
                   shows("a count of a process whose age is not known", moving(), "# TYPE jobs_total counter\n"),
                   {"a rule for other settings",
                    [](World& world) {
                      auto conditional = limited({}, 10);
                      conditional.when = SettingCondition{"MODE", {"full"}};
                      serves(world, conditional, page("memory_bytes 11\n"));
                      world.plain("web", "MODE", "small");
                    },
                    {},
                    {}},
                   {"a rule for these settings",
                    [](World& world) {
                      auto conditional = limited({}, 10);
                      conditional.when = SettingCondition{"MODE", {"full"}};
                      serves(world, conditional, page("memory_bytes 11\n"));
                      world.plain("web", "MODE", "full");
                    },
                    {"metric-out-of-bounds " + web},
                    {}},
                   answers("an error page", page("not found", 404), {"metrics-unreadable " + web}),
                   answers("a web page", page("<!doctype html>\n"), {"metrics-unreadable " + web}),
                   answers("a text that breaks off", page("memory_bytes 1"), {"metrics-unreadable " + web}),
                   answers("silence", failed(FailureKind::timed_out), {"metrics-unreadable " + web}),
                   answers("nobody there", failed(FailureKind::refused), {}, {web}),
                   {"a service that shows no metrics", [](World& world) { world.service("web"); }, {}, {}},
                   {"a service that is switched off",
                    [](World& world) {
                      serves(world, limited({}, 10), page("memory_bytes 11\n"));
                      world.service("web").enabled = false;
                    },
                    {},
                    {}},
                   {"no way to get there",
                    [](World& world) {
                      serves(world, limited({}, 10), page("memory_bytes 11\n"));
                      world.deployment.http.front().url.clear();
                      world.deployment.http.front().dial.reason = "no port is published";
                    },
                    {},
                    {web}},
                   {"the bundle does not say",
                    [](World& world) { serves(world, limited({}, 10), failed(FailureKind::not_recorded)); },
                    {},
                    {web}},
               });

TEST_CASE("metrics judges the numbers that services show", "[metrics]") {
  expect_scenarios("metrics");
}

TEST_CASE("metrics shows the number in words, and the entry of its rule", "[metrics]") {
  World world;
  serves(world, refusals(), page(requests(30, 70)));
  auto judgement = run_check(check_named("metrics"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().entry == "app-requests_total");
  CHECK(evidence_of(judgement, "metric-out-of-bounds", "value") == "30 of 100 (30 %)");
  CHECK(evidence_of(judgement, "metric-out-of-bounds", "limit") == "at most 20 %");
  CHECK(evidence_of(judgement, "metric-out-of-bounds", "metric") == R"(requests_total{provider="a|b",status="401"})");
  serves(world, limited({}, 268'435'456), page("memory_bytes 400000000\n"));
  judgement = run_check(check_named("metrics"), world);
  CHECK(evidence_of(judgement, "metric-out-of-bounds", "value") == "400 MB");
  CHECK(evidence_of(judgement, "metric-out-of-bounds", "limit") == "at most 268 MB");
}

TEST_CASE("metrics says where a text breaks", "[metrics]") {
  World world;
  serves(world, limited({}, 10), page("memory_bytes 1\nmemory-bytes 2\n"));
  const auto judgement = run_check(check_named("metrics"), world);
  CHECK(evidence_of(judgement, "metrics-unreadable", "reason") == "the value is no number, line 2, column 7");
}

}  // namespace
}  // namespace doctor::test
