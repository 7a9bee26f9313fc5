// --wait and --watch against servers that come late, never, or now and then.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <thread>

#include "cli/pseudo_terminal.hpp"
#include "cli/shop.hpp"
#include "lab/check.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"
#include "support/sanitized.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto healthy = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
constexpr auto broken = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

nlohmann::json report_of(const CommandResult& result) {
  auto report = nlohmann::json::parse(result.out, nullptr, false);
  INFO(result.out << result.err);
  REQUIRE(report.is_object());
  CHECK(report.at("summary").at("exit_code") == result.exit);
  return report;
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// Until the file says so.
void await(const std::string& file, const std::string& words) {
  const auto end = std::chrono::steady_clock::now() + seconds{30};
  while (!std::filesystem::exists(file) || !says(read_file(file), words)) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error{"nothing was said"};
    std::this_thread::sleep_for(milliseconds{50});
  }
}

}  // namespace

TEST_CASE("a server that comes late is waited for", "[wait]") {
  const Shop shop;
  CommandOptions options;
  options.output = shop.directory().parent() + "/told";
  const auto file = shop.directory().parent() + "/report.json";
  Child child{shop.command({"--format", "json", "--output", file, "--wait", "60s", "--interval", "300ms"}), options};
  await(options.output, "failing: ");
  std::this_thread::sleep_for(seconds{3});
  CHECK(child.alive());
  const test::ScriptedServer server{test::answering(healthy), {"127.0.0.1", shop.port()}};
  const auto result = child.wait(seconds{60});
  CHECK(result.exit == 0);
  const auto told = read_file(options.output);
  const auto report = nlohmann::json::parse(read_file(file));
  const auto& wait = report.at("run").at("wait");
  INFO(told << wait);
  CHECK(wait.at("reached") == true);
  CHECK(wait.at("attempts") >= 2);
  CHECK(wait.at("waited_ms") > 3000);
  REQUIRE(wait.at("became_healthy").size() == 1);
  CHECK(wait.at("became_healthy").at(0).at("subject") == "endpoint:shop:3000");
  CHECK(wait.at("became_healthy").at(0).at("after_ms") > 3000);
  CHECK(wait.at("flapping").empty());
  CHECK(wait.at("starting").empty());
  CHECK(report.at("findings").empty());
  CHECK(says(told, "healthy: "));
  CHECK_FALSE(says(told, "\x1b"));
}

TEST_CASE("who waits for what cannot be examined is told of it", "[wait]") {
  const FilesCase files;
  Arguments arguments{doctor_binary(), "check", files.directory().path(), "--only", "database", "--format", "json"};
  arguments.insert(arguments.end(), {"--wait", "2s", "--interval", "300ms"});
  const auto result = run(arguments);
  const auto report = report_of(result);
  CHECK(result.exit == 3);
  CHECK(says(result.err, "not examined: "));
  CHECK(says(result.err, report.at("unexamined").at(0).at("subject").get<std::string>()));
  CHECK(report.at("run").at("wait").at("became_examined").empty());
}

TEST_CASE("a server that never comes is told when the limit is over", "[wait]") {
  const Shop shop;
  const auto result = run(shop.command({"--format", "json", "--wait", "8s", "--interval", "300ms"}));
  const auto report = report_of(result);
  CHECK(result.exit == 1);
  CHECK(result.wall > seconds{4});
  if (!test::is_sanitized) CHECK(result.wall < seconds{9});
  const auto& wait = report.at("run").at("wait");
  CHECK(wait.at("reached") == false);
  CHECK(wait.at("attempts") > 2);
  CHECK(wait.at("became_healthy").empty());
  CHECK(wait.at("starting").size() >= 1);
  CHECK(report.at("summary").at("error") == 1);
}

TEST_CASE("the limit holds although a server accepts and says nothing", "[wait]") {
  const Shop shop;
  const test::ScriptedServer server{test::silent(), {"127.0.0.1", shop.port()}};
  const auto result = run(shop.command({"--format", "json", "--wait", "4s"}));
  if (!test::is_sanitized) CHECK(result.wall < seconds{5});
}

TEST_CASE("a server that is well at once is examined once", "[wait]") {
  const Shop shop;
  const test::ScriptedServer server{test::answering(healthy), {"127.0.0.1", shop.port()}};
  const auto result = run(shop.command({"--format", "json", "--wait", "30s"}));
  CHECK(result.exit == 0);
  CHECK(report_of(result).at("run").at("wait").at("attempts") == 1);
  CHECK(result.err.empty());
}

TEST_CASE("what comes and goes is flapping, what was never there is not", "[wait]") {
  const Shop shop;
  shop.directory().write(".env", "", 0600);  // the licence is missing, and stays so
  auto asked = std::make_shared<std::atomic<int>>(0);
  const test::ScriptedServer server{[asked](test::Peer& peer) {
                                      if (!says(peer.receive_until("\r\n\r\n"), "GET /health ")) return;
                                      peer.send((*asked)++ % 2 == 0 ? broken : healthy);
                                    },
                                    {"127.0.0.1", shop.port()}};
  const auto result = run(shop.command({"--format", "json", "--wait", "20s", "--interval", "300ms"}));
  const auto report = report_of(result);
  INFO(report.dump(2));
  CHECK(result.exit == 1);
  const auto& wait = report.at("run").at("wait");
  REQUIRE(wait.at("flapping").size() == 1);
  CHECK(wait.at("flapping").at(0).at("subject") == "endpoint:shop:3000");
  CHECK(wait.at("flapping").at(0).at("times") >= 1);
  REQUIRE(wait.at("starting").size() == 1);
  CHECK(wait.at("starting").at(0).at("subject") == "setting:shop/SHOP_LICENSE");
  CHECK(says(result.err, "failing again: "));
}

TEST_CASE("a deployment that changes meanwhile is read anew", "[wait]") {
  const Shop shop;
  const test::ScriptedServer server{test::answering(healthy), {"127.0.0.1", shop.port()}};
  shop.directory().write(".env", "", 0600);
  CommandOptions options;
  options.output = shop.directory().parent() + "/told";
  Child child{shop.command({"--format", "json", "--wait", "60s", "--interval", "200ms"}), options};
  await(options.output, "failing: ");
  CHECK(child.alive());
  shop.directory().write(".env", "SHOP_LICENSE=abcdefgh12345678\n", 0600);
  CHECK(child.wait(seconds{60}).exit == 0);
}

TEST_CASE("an interrupt ends the waiting at once", "[wait][signal]") {
  const Shop shop;
  for (const auto* interval : {"200ms", "20s"}) {
    Child child{shop.command({"--format", "json", "--wait", "60s", "--interval", interval}), {}};
    std::this_thread::sleep_for(milliseconds{1500});
    REQUIRE(child.alive());
    const auto sent = std::chrono::steady_clock::now();
    child.send(SIGINT);
    const auto result = child.wait(seconds{20});
    if (!test::is_sanitized) CHECK(std::chrono::steady_clock::now() - sent < seconds{1});
    CHECK(result.exit == 130);
    CHECK(report_of(result).at("run").at("wait").at("reached") == false);
  }
}

TEST_CASE("an interrupt is one at every moment, also while the files are read anew", "[wait][signal]") {
  const Shop shop;
  CommandOptions options;
  options.output = shop.directory().parent() + "/told";
  for (int moment = 0; moment < 16; ++moment) {
    Child child{shop.command({"--format", "json", "--wait", "60s", "--interval", "10ms"}), options};
    await(options.output, "failing: ");
    std::this_thread::sleep_for(milliseconds{23 * moment});
    child.send(SIGINT);
    INFO(23 * moment << " ms");
    CHECK(child.wait(seconds{20}).exit == 130);
    std::filesystem::remove(options.output);
  }
}

TEST_CASE("the report for people says what happened while doctor waited", "[wait]") {
  const Shop shop;
  auto asked = std::make_shared<std::atomic<int>>(0);
  const test::ScriptedServer server{[asked](test::Peer& peer) {
                                      if (!says(peer.receive_until("\r\n\r\n"), "GET /health ")) return;
                                      peer.send((*asked)++ == 0 ? broken : healthy);
                                    },
                                    {"127.0.0.1", shop.port()}};
  const auto result = run(shop.command({"--wait", "60s", "--interval", "200ms"}));
  CHECK(result.exit == 0);
  CHECK(says(result.out, "healthy after "));
}

TEST_CASE("--watch redraws a terminal until it is interrupted", "[wait][signal]") {
  const Shop shop;
  Terminal terminal{shop.command({"--watch", "--interval", "300ms", "--quiet"})};
  terminal.read_until("\x1b[H", 3);
  const auto sent = std::chrono::steady_clock::now();
  terminal.send(SIGINT);
  CHECK(terminal.wait() == 1);  // of the last run, not of the interrupt
  if (!test::is_sanitized) CHECK(std::chrono::steady_clock::now() - sent < seconds{1});
}

TEST_CASE("a terminal has one line of progress while doctor waits", "[wait]") {
  const Shop shop;
  Terminal terminal{shop.command({"--wait", "8s", "--interval", "300ms", "--quiet"})};
  CHECK(terminal.wait() == 1);
  CHECK(says(terminal.seen(), "\r\x1b[Kwaiting "));
  CHECK_FALSE(says(terminal.seen(), "doctor: after"));
}

TEST_CASE("the line of progress is no longer than the terminal is wide", "[wait]") {
  const Shop shop;
  Terminal terminal{shop.command({"--wait", "4s", "--interval", "300ms", "--quiet", "--only", "health"}), {{}, 40, 24}};
  CHECK(terminal.wait() == 1);
  const std::string begin = "\r\x1b[K";
  std::size_t longest = 0;
  for (auto at = terminal.seen().find(begin); at != std::string::npos;) {
    const auto next = terminal.seen().find(begin, at + 1);
    if (next != std::string::npos) longest = std::max(longest, next - at - begin.size());
    at = next;
  }
  INFO(terminal.seen());
  CHECK(longest > 30);
  CHECK(longest < 40);
}

TEST_CASE("--watch needs a terminal, and neither --wait nor --output", "[wait]") {
  const Shop shop;
  for (const auto& more : std::vector<Arguments>{
           {"--watch"}, {"--watch", "--wait", "3s"}, {"--watch", "--output", shop.directory().parent() + "/report"}}) {
    const auto result = run(shop.command(more));
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    CHECK(says(result.err, "--watch"));
  }
}

}  // namespace doctor::lab
