#include "doctor/format/prometheus.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

namespace doctor::formats {
namespace {

/// As prom-client for Node.js writes it, with a counter that nothing has moved.
const std::string exported =
    "# HELP gateway_requests_total Requests\n"
    "# TYPE gateway_requests_total counter\n"
    "gateway_requests_total{provider=\"anthropic\",status=\"200\"} 120\n"
    "gateway_requests_total{provider=\"openai\",status=\"401\"} 7\n"
    "\n"
    "# HELP gateway_background_tasks_total Tasks\n"
    "# TYPE gateway_background_tasks_total counter\n"
    "\n"
    "# HELP nodejs_external_memory_bytes External memory.\n"
    "# TYPE nodejs_external_memory_bytes gauge\n"
    "nodejs_external_memory_bytes 2.5e+6 1760000000000\n";

struct Case {
  const char* name;
  std::string text;
  bool valid;
};

/// What Prometheus itself (promtool check metrics) says of each.
const std::vector<Case> cases{
    {"a service", exported, true},
    {"nothing", "", true},
    {"blank lines and comments", "\n  \n# a comment\n#\n#HELP\n", true},
    {"blanks between the parts", "a {  b = \"c\" , d=\"e\" ,}  1  2\n", true},
    {"tabs", "a\t{b=\"c\"}\t1\n", true},
    {"escapes", "a{b=\"1\\\\2\\\"3\\n4\"} 1\n", true},
    {"not a number, and infinities", "a NaN\nb +Inf\nc -Inf\n", true},
    {"colons in a name", "job:rate:sum 1\n", true},
    {"a family without a type", "# HELP a text\na 1\n", true},
    {"a name that begins with a digit", "1a 1\n", false},
    {"a dash in a name", "a-b 1\n", false},
    {"no value", "a\n", false},
    {"a value that is none", "a one\n", false},
    {"two numbers and a word", "a 1 2 x\n", false},
    {"a label without a value", "a{b} 1\n", false},
    {"a label without marks", "a{b=c} 1\n", false},
    {"a value that does not end", "a{b=\"c} 1\n", false},
    {"braces that do not end", "a{b=\"c\" 1\n", false},
    {"an unknown escape", "a{b=\"\\t\"} 1\n", false},
    {"no comma", "a{b=\"1\" c=\"2\"} 1\n", false},
    {"a label twice", "a{b=\"1\",b=\"2\"} 1\n", false},
    {"an unknown type", "# TYPE a thing\na 1\n", false},
    {"the last line breaks off", "a 1\nb 12", false},
    {"HTML", "<!doctype html>\n<html>\n", false},
    {"JSON", "{\"status\": \"ok\"}\n", false},
    {"not UTF-8", "a{b=\"\xff\"} 1\n", false},
};

}  // namespace

TEST_CASE("metrics are families and series with numbers", "[prometheus]") {
  const auto metrics = parse_metrics(exported);
  REQUIRE(metrics);
  REQUIRE(metrics->samples.size() == 3);
  CHECK(metrics->samples[1].name == "gateway_requests_total");
  CHECK(metrics->samples[1].label("provider") == "openai");
  CHECK(metrics->samples[1].label("status") == "401");
  CHECK(metrics->samples[1].label("nothing").empty());
  CHECK(metrics->samples[1].value == 7);
  CHECK(metrics->samples[2].value == 2.5e6);
  REQUIRE(metrics->families.size() == 3);
  CHECK(metrics->families[1].type == "counter");
  CHECK(metrics->knows("gateway_background_tasks_total"));
  CHECK_FALSE(metrics->knows("gateway_background_tasks"));
}

TEST_CASE("metrics are valid when Prometheus says so", "[prometheus]") {
  for (const auto& one : cases) {
    INFO(one.name);
    CHECK(parse_metrics(one.text).has_value() == one.valid);
  }
}

TEST_CASE("what only OpenMetrics has is accepted", "[prometheus]") {
  const auto metrics = parse_metrics(
      "# TYPE a counter\n# UNIT a seconds\n# TYPE s stateset\na_total{x=\"1\"} 1.0 1.5 # {trace=\"t\"} 0.5 2.5\n"
      "{\"a.b\",\"c d\"=\"e\"} 2\n# EOF\n");
  REQUIRE(metrics);
  REQUIRE(metrics->samples.size() == 2);
  CHECK(metrics->samples[1].name == "a.b");
  CHECK(metrics->samples[1].label("c d") == "e");
}

TEST_CASE("escapes and odd numbers are read", "[prometheus]") {
  const auto metrics = parse_metrics(
      "\xef\xbb\xbf"
      "a{b=\"1\\\\2\\\"3\\n4\"} NaN\r\nb -Inf\r\nc 1e400\nd -1e-400\ne .5\n");
  REQUIRE(metrics);
  CHECK(metrics->samples[0].label("b") == "1\\2\"3\n4");
  CHECK(std::isnan(metrics->samples[0].value));
  CHECK(std::isinf(metrics->samples[1].value));
  CHECK(metrics->samples[1].value < 0);
  CHECK(std::isinf(metrics->samples[2].value));
  CHECK(metrics->samples[3].value == 0);
  CHECK(metrics->samples[4].value == 0.5);
}

TEST_CASE("an error of metrics says where it is", "[prometheus]") {
  const auto error = [](const std::string& text) { return parse_metrics(text).error(); };
  CHECK(error("a 1\n  b x\n").line == 2);
  CHECK(error("a 1\n  b x\n").column == 5);
  CHECK(error("a{b=\"\\q\"} 1\n").column == 7);
  CHECK(error("# TYPE a thing\n").column == 10);
  CHECK(error(std::string("a 1\nb\0 1\n", 9)).line == 2);
  CHECK(error(std::string("a 1\nb\0 1\n", 9)).column == 2);
}

TEST_CASE("metrics have bounds", "[prometheus]") {
  CHECK(parse_metrics(std::string(most_metrics_bytes + 1, '\n')).error().line == 0);
  CHECK(parse_metrics("#" + std::string(most_metrics_line, ' ') + "\n").error().line == 1);
  std::string many;
  for (std::size_t i = 0; i < most_metrics_series; ++i) many += "a 1\n";
  CHECK(parse_metrics(many).has_value());
  CHECK(parse_metrics(many + "a 1\n").error().line == most_metrics_series + 1);
  std::string families;
  for (int i = 0; i < 200'000; ++i) families += "# HELP a" + std::to_string(i) + " x\n";
  CHECK(parse_metrics(families)->families.size() == 200'000);
}

/// Skipped where the program is not installed; in CI that is a failure.
TEST_CASE("metrics agree with promtool", "[prometheus]") {
  if (std::system("promtool --version > /dev/null 2>&1") != 0) {
    const auto* ci = std::getenv("CI");
    if (ci != nullptr && std::string{ci} == "true") FAIL("promtool is not installed");
    WARN("promtool is not installed: nothing was compared");
    return;
  }
  const auto file = "/tmp/doctor-metrics-" + std::to_string(getpid());
  for (const auto& one : cases) {
    INFO(one.name);
    std::ofstream{file, std::ios::binary} << one.text;
    const auto said = std::system(("promtool check metrics < " + file + " > /dev/null 2>&1").c_str());
    // 3: valid, with advice on names.
    CHECK((WEXITSTATUS(said) == 0 || WEXITSTATUS(said) == 3) == one.valid);
  }
  std::remove(file.c_str());
}

}  // namespace doctor::formats
