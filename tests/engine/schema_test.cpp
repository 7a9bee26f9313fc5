// What doctor writes of containers is what the published schemas say, and no more than they say.

#include <algorithm>

#include "docs/published.hpp"
#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;
using test::published_faults;
using Faults = std::vector<std::string>;

json document_of(const CommandResult& result, int exit) {
  INFO(result.out << result.err);
  REQUIRE(result.exit == exit);
  auto document = json::parse(result.out, nullptr, false);
  REQUIRE(document.is_object());
  return document;
}

bool is_seen_from_container(const json& finding) {
  const auto& evidence = finding.at("evidence");
  return std::any_of(evidence.begin(), evidence.end(), [](const json& item) {
    return item.at("vantage").get<std::string>().find("container") != std::string::npos ||
           item.at("source").get<std::string>().find("container") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("what is written about containers is what the schemas say", "[engine][schema]") {
  DockerStack stack;
  stack.up();
  const Directory beside{"schema"};
  const auto& here = stack.directory().path();
  const auto before = beside.path("before.tar.gz");
  const auto after = beside.path("after.tar.gz");
  const auto healthy = document_of(stack.doctor({"check", here, "--format", "json", "--bundle", before}), 0);
  CHECK(published_faults(healthy, "report") == Faults{});
  CHECK(healthy.at("findings").empty());
  const auto as_nobody = stack.doctor({"check", here, "--format", "json"}, 65534);
  CHECK(published_faults(json::parse(as_nobody.out), "report") == Faults{});

  // The volume keeps the password of its first start.
  stack.files().password(random_alphanumeric(32));
  stack.compose({"up", "-d"});
  const auto waited = document_of(stack.doctor({"check", here, "--format", "json", "--wait", "2s", "--timings"}), 1);
  CHECK(published_faults(waited, "report") == Faults{});
  CHECK(waited.at("run").at("wait").at("reached") == false);
  const auto report = document_of(stack.doctor({"check", here, "--format", "json", "--bundle", after}), 1);
  CHECK(published_faults(report, "report") == Faults{});
  const auto& findings = report.at("findings");
  REQUIRE_FALSE(findings.empty());
  CHECK(findings.at(0).at("entry") == "chatalot-database-auth-failed");
  CHECK(std::any_of(findings.begin(), findings.end(), is_seen_from_container));
  const auto& timeline = report.at("timeline");
  CHECK(std::any_of(timeline.begin(), timeline.end(),
                    [](const json& event) { return event.at("source") == "Docker Engine"; }));

  const auto what_if = document_of(stack.doctor({"analyze", after, "--format", "json", "--set", "RUST_LOG=trace"}), 1);
  CHECK(published_faults(what_if, "report") == Faults{});
  CHECK_FALSE(what_if.at("what_if").at("changes").empty());
  const auto diff = document_of(stack.doctor({"diff", before, after, "--format", "json"}), 1);
  CHECK(published_faults(diff, "diff") == Faults{});
  CHECK_FALSE(diff.at("facts").empty());
  const auto plan = document_of(stack.doctor({"plan", here, "--format", "json"}), 0);
  CHECK(published_faults(plan, "plan") == Faults{});
}

}  // namespace doctor::lab
