// --timings of the finished binary.

#include <thread>

#include "cli/shop.hpp"
#include "lab/check.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

/// An application of its own that answers, after a while.
struct Slow {
  static constexpr std::chrono::milliseconds delay{300};
  test::ScriptedServer server{[](test::Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.pause(delay);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  }};
  Shop shop{server.port()};

  CommandResult check(const Arguments& more) const { return run(shop.command(more)); }
};

}  // namespace

TEST_CASE("--timings tells where the time went", "[timings]") {
  const Slow slow;
  const auto result = slow.check({"--format", "json", "--timings"});
  INFO(result.out << result.err);
  const auto report = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  const auto& timings = report.at("run").at("timings");
  std::int64_t together = 0;
  std::vector<std::string> names;
  for (const auto& part : timings.at("parts")) {
    names.push_back(part.at("name"));
    together += part.at("duration_ms").get<std::int64_t>();
  }
  CHECK(names == std::vector<std::string>{"discovery", "checks", "diagnosis", "plugins", "timeline"});
  const auto all = report.at("run").at("duration_ms").get<std::int64_t>();
  CHECK(together <= all);
  CHECK(2 * together >= all);  // nothing long is missing
  REQUIRE_FALSE(timings.at("probes").empty());
  const auto& slowest = timings.at("probes").at(0);
  CHECK(slowest.at("probe") == "http");
  CHECK(slowest.at("asked").get<int>() >= 1);
  CHECK(slowest.at("longest_ms").get<int>() >= Slow::delay.count());
  CHECK(slowest.at("duration_ms") >= slowest.at("longest_ms"));
  CHECK(slowest.at("slowest").get<std::string>().find("/health") != std::string::npos);
}

TEST_CASE("--timings for people, and none unless asked for", "[timings]") {
  const Slow slow;
  const auto shown = slow.check({"--timings"}).out;
  CHECK(shown.find("Where the time went") != std::string::npos);
  CHECK(shown.find("http") != std::string::npos);
  CHECK(slow.check({}).out.find("Where the time went") == std::string::npos);
  const auto report = nlohmann::json::parse(slow.check({"--format", "json"}).out, nullptr, false);
  CHECK_FALSE(report.at("run").contains("timings"));
}

TEST_CASE("a small healthy run does not wait for its timeline", "[timings]") {
  const Slow slow;
  const auto result = slow.check({"--format", "json", "--timings"});
  const auto report = nlohmann::json::parse(result.out, nullptr, false);
  CHECK(report.at("findings").empty());
  const auto& timeline = report.at("run").at("timings").at("parts").back();
  CHECK(timeline.at("name") == "timeline");
  CHECK(timeline.at("duration_ms").get<int>() < 1000);
}

}  // namespace doctor::lab
