#include "plugins/plugins.hpp"

#include <map>

#include "support/catch.hpp"

using namespace doctor;
using namespace std::chrono_literals;
using plugins::Options;
using plugins::Result;
using probes::FoundPlugin;
using probes::PluginRunAnswer;
using probes::PluginRunQuestion;
using probes::PluginsAnswer;
using probes::PluginsQuestion;

namespace {

class FakeList final : public Probe<PluginsQuestion> {
 public:
  PluginsAnswer answer;
  Outcome<PluginsAnswer> ask(const PluginsQuestion&, const Deadline&) override { return answer; }
};

/// Answers by path and first argument.
class FakeRun final : public Probe<PluginRunQuestion> {
 public:
  std::map<std::string, Outcome<PluginRunAnswer>> answers;
  Outcome<PluginRunAnswer> ask(const PluginRunQuestion& question, const Deadline&) override {
    const auto found = answers.find(question.path + (question.arguments.empty() ? "" : " " + question.arguments[0]));
    if (found != answers.end()) return found->second;
    ProbeFailure failure;
    failure.kind = FailureKind::timed_out;
    failure.detail = "it had not ended by then and was killed";
    return Failed{failure};
  }
};

struct Host {
  FakeList list;
  FakeRun programs;

  void plugin(const std::string& id, const std::string& verdict) {
    list.answer.plugins.push_back({"doctor", id, "/p/" + id, {}, "", false});
    programs.answers["/p/" + id + " describe"] =
        PluginRunAnswer{0, R"({"schema":"doctor-plugin/v1","id":")" + id + R"(","title":"T","healthy":"H"})", ""};
    programs.answers["/p/" + id + " run"] = PluginRunAnswer{0, R"({"schema":"doctor-plugin/v1",)" + verdict + "}", ""};
  }

  std::vector<Result> run(const Options& options = {}) {
    return plugins::run({list, programs}, options, Deadline::after(5s));
  }
};

/// "plugin:ID status", a reason behind it.
std::vector<std::string> ends(const std::vector<Result>& results) {
  std::vector<std::string> all;
  for (const auto& result : results) all.push_back(result.check.id + " " + result.check.status);
  return all;
}

using Ends = std::vector<std::string>;

}  // namespace

TEST_CASE("plugins end as they say") {
  Host host;
  host.plugin("bad", R"("findings":[{"code":"x"}])");
  host.plugin("good", R"("healthy":[{"figure":"1"}])");
  host.plugin("blind", R"("unexamined":[{"reason":"no right"}])");
  host.list.answer.plugins.push_back({"nagios", "disk", "/n/disk", {"-w"}, "", true});
  host.programs.answers["/n/disk -w"] = PluginRunAnswer{1, "DISK WARNING|/=1%", ""};
  const auto results = host.run();
  CHECK(ends(results) ==
        Ends{"plugin:bad failed", "plugin:good passed", "plugin:blind unexamined", "plugin:disk failed"});
  CHECK(results[1].check.healthy == "H");
  CHECK(results[2].check.reason == "no right");
}

TEST_CASE("what a plugin does wrong is not health") {
  Host host;
  const auto reason = [&] {
    const auto results = host.run();
    REQUIRE(results.size() == 1);
    CHECK(results[0].check.status == "unexamined");
    CHECK(results[0].verdict.findings.empty());
    return results[0].check.reason;
  };
  host.plugin("p", R"("healthy":[{"figure":"1"}])");
  SECTION("it is refused") {
    host.list.answer.plugins[0].refused = "it can be written by everybody";
    CHECK(reason().find("written by everybody") != std::string::npos);
  }
  SECTION("it does not end") {
    host.programs.answers.erase("/p/p run");
    CHECK(reason().find("`run`") == 0);
  }
  SECTION("it fails") {
    host.programs.answers["/p/p run"] =
        PluginRunAnswer{7, R"({"schema":"doctor-plugin/v1"})", "Traceback\nKeyError: x\n"};
    const auto why = reason();
    CHECK(why.find("exit code 7") != std::string::npos);
    CHECK(why.find("KeyError: x") != std::string::npos);
  }
  SECTION("it prints something else") {
    host.programs.answers["/p/p run"] = PluginRunAnswer{0, "all is well", ""};
    CHECK(reason().find("`run`: the answer") == 0);
  }
  SECTION("it says nothing") {
    host.programs.answers["/p/p run"] = PluginRunAnswer{0, R"({"schema":"doctor-plugin/v1"})", ""};
    reason();
  }
  SECTION("it calls itself otherwise") {
    host.programs.answers["/p/p describe"] =
        PluginRunAnswer{0, R"({"schema":"doctor-plugin/v1","id":"q","title":"T"})", ""};
    CHECK(reason().find("`describe`: id") == 0);
  }
}

TEST_CASE("plugins are chosen and left out by their names") {
  Host host;
  for (const auto* id : {"a", "b", "c"}) host.plugin(id, R"("healthy":[{"figure":"1"}])");
  CHECK(ends(host.run({{"plugin:b", "redis"}, {}, 1s})) == Ends{"plugin:b passed"});
  CHECK(ends(host.run({{}, {"plugin:a"}, 1s})) == Ends{"plugin:a skipped", "plugin:b passed", "plugin:c passed"});
  CHECK(host.run({{"redis"}, {}, 1s}).empty());
}

TEST_CASE("what plugins found becomes part of the report") {
  Host host;
  host.plugin("bad", R"("findings":[{"code":"x","subject":"service:web","title":"It is broken","cause":"c",
      "fix":[{"text":"Do:","command":"true","risk":"disruptive"}],"evidence":[{"name":"n","value":"v"}]}])");
  host.plugin("blind", R"("unexamined":[{"reason":"no right"}])");
  diagnosis::Report report;
  diagnosis::Problem warning;
  warning.severity = "warning";
  report.problems = {warning};
  Deployment deployment;
  plugins::add_to(report, host.run({{}, {"plugin:none"}, 1s}), deployment);
  REQUIRE(report.problems.size() == 2);
  const auto& problem = report.problems[0];
  CHECK(problem.severity == "error");
  CHECK(problem.root);
  CHECK(problem.code == "plugin-bad-x");
  CHECK(problem.check == "plugin:bad");
  CHECK(problem.subject == "service:web");
  CHECK(problem.title == "It is broken");
  CHECK_FALSE(problem.fingerprint.empty());
  REQUIRE(problem.fix.size() == 1);
  CHECK(problem.fix[0].command == "true");
  CHECK(problem.fix[0].risk == "disruptive");
  CHECK(problem.evidence.at(0).name == "n");
  CHECK(report.checks.size() == 2);
  CHECK(report.unexamined.at(0).check == "plugin:blind");
  CHECK(diagnosis::exit_code(report, "error", false) == 1);
}
