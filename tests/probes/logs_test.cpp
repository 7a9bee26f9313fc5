#include "probes/logs.hpp"

#include <csignal>
#include <ctime>
#include <fstream>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "logs/docker.hpp"
#include "probes/engine_logs.hpp"
#include "probes/files_support.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

using namespace doctor;
using namespace std::chrono_literals;
using test::soon;
using test::TemporaryDirectory;

namespace {

using Lines = std::vector<std::pair<std::string, std::int64_t>>;

constexpr std::int64_t at = 1772317830;  // 2026-02-28T22:30:30Z
const std::string stamp = "2026-02-28T22:30:30.123456789Z";

std::string frame(char stream, const std::string& text) {
  std::string head{stream, 0, 0, 0};
  for (const int shift : {24, 16, 8, 0}) head += static_cast<char>(text.size() >> shift & 0xffU);
  return head + text;
}

std::string entry(const std::string& text, const std::string& stream = "stdout") {
  return R"({"log":")" + text + R"(","stream":")" + stream + R"(","time":")" + stamp + "\"}\n";
}

Lines read_frames(const std::string& bytes, std::size_t piece, bool raw = false) {
  Lines lines;
  logs::LogStreamReader reader{raw, [&](std::string_view line, std::int64_t when) { lines.emplace_back(line, when); }};
  for (std::size_t done = 0; done < bytes.size(); done += piece) reader.feed(bytes.substr(done, piece));
  reader.finish();
  return lines;
}

std::string answer(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
         body;
}

Outcome<bool> ask(const test::ScriptedServer& server, Lines& lines, bool tty = false) {
  const auto address = probes::engine_address("tcp://127.0.0.1:" + std::to_string(server.port()));
  return probes::engine_logs(
      address, "/v1.43", {"abc", tty, at, 20'000},
      [&](const logs::LogRecord& record) { lines.emplace_back(record.line, record.at); }, soon(1500ms));
}

logs::Patterns patterns() {
  logs::Patterns patterns;
  patterns.milestones["web"] = {{"started", "Starting App"}, {"listening", "Listening on "}};
  patterns.signatures = {{"app-broken", "the thing is broken", "web", "", "", ""}};
  return patterns;
}

/// A process of ours whose standard output is a file, a pipe, or the null device.
class Writer {
 public:
  explicit Writer(const std::string& command) : pid_{fork()} {
    if (pid_ == 0) {
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    usleep(500'000);
  }
  ~Writer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

struct ProbeCase {
  std::shared_ptr<probes::Engine> engine{probes::make_engine("unix:///nowhere/docker.sock")};
  std::shared_ptr<probes::Helper> helper{probes::Helper::start()};
  std::shared_ptr<Deployment> deployment{std::make_shared<Deployment>()};

  Service& service() {
    deployment->services.resize(1);
    deployment->services.front().name = "web";
    return deployment->services.front();
  }
  Outcome<LogsAnswer> ask() {
    probes::LogsProbe probe{engine, helper, deployment, patterns()};
    return probe.ask({"web"}, soon(5000ms));
  }
};

void write(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("frames of the Engine may be cut anywhere", "[logs]") {
  const auto bytes = frame(1, stamp + " first\n") + frame(2, stamp + " sec") + frame(1, stamp + " third\n") +
                     frame(2, "ond\n") + frame(1, stamp + " last");
  const Lines expected{{"first", at}, {"third", at}, {"second", at}, {"last", at}};
  for (std::size_t piece = 1; piece < 40; ++piece) CHECK(read_frames(bytes, piece) == expected);
  CHECK(read_frames(stamp + " one\r\n" + stamp + " two\r\n", 5, true) == Lines{{"one", at}, {"two", at}});
}

TEST_CASE("what is no frame is noticed", "[logs]") {
  logs::LogStreamReader reader{false, [](std::string_view, std::int64_t) {}};
  CHECK_FALSE(reader.feed("HTTP/1.1 and other text"));
  CHECK_FALSE(reader.feed(frame(1, "later")));
}

TEST_CASE("json-file entries, and lines that Docker has cut into pieces", "[logs]") {
  Lines lines;
  logs::JsonFileReader reader{[&](std::string_view line, std::int64_t when) { lines.emplace_back(line, when); }};
  const auto bytes = entry("a \\\"b\\\"\\n") + entry("part one, ") + entry("err\\n", "stderr") + entry("part two\\n") +
                     "not json\n" + R"({"log":"cut o)";
  for (const char c : bytes) reader.feed({&c, 1});
  reader.finish();
  CHECK(lines == Lines{{"a \"b\"", at}, {"err", at}, {"part one, part two", at}});
}

TEST_CASE("the Engine is asked for the log since the start", "[logs]") {
  const test::ScriptedServer server{test::answering(answer(frame(1, stamp + " hello\n")))};
  Lines lines;
  CHECK(ask(server, lines).value());
  CHECK(lines == Lines{{"hello", at}});
  CHECK(server.received().starts_with("GET /v1.43/containers/abc/logs?stdout=1&stderr=1&timestamps=1&since=" +
                                      std::to_string(at) + "&tail=20000 HTTP/1.1\r\n"));
}

TEST_CASE("an Engine that misbehaves about a log", "[logs]") {
  Lines lines;
  const auto kind = [&](test::Behaviour behaviour) {
    const test::ScriptedServer server{std::move(behaviour)};
    return ask(server, lines).error().kind;
  };
  CHECK(kind(test::answering(answer("{\"message\":\"no\"}", "404 Not Found"))) == FailureKind::not_found);
  CHECK(kind(test::answering(answer("{\"message\":\"no\"}", "501 Not Implemented"))) == FailureKind::protocol_error);
  CHECK(kind(test::answering(answer("this is no frame at all"))) == FailureKind::protocol_error);
  CHECK(kind(test::silent()) == FailureKind::timed_out);
  CHECK(kind(test::closing()) == FailureKind::protocol_error);
  CHECK(lines.empty());
}

TEST_CASE("a log without an end is given up at its bound or its time", "[logs]") {
  const test::ScriptedServer server{test::endless("HTTP/1.1 200 OK\r\n\r\n", frame(1, stamp + " again and again\n"))};
  Lines lines;
  const auto complete = ask(server, lines);
  if (complete)
    CHECK_FALSE(*complete);
  else
    CHECK(complete.error().kind == FailureKind::timed_out);
}

TEST_CASE("the files of json-file are read themselves, with those set aside", "[logs]") {
  const TemporaryDirectory folder;
  ProbeCase test;
  Container container;
  container.name = "app-web-1";
  container.log_driver = "json-file";
  container.log_path = folder / "log";
  container.started = at;
  write(folder / "log.1", entry("Starting App\\n") + entry("the thing is broken\\n"));
  write(folder / "log", entry("the thing is broken\\n") + entry("Listening on 1\\n"));
  test.service().container = container;
  auto answer = test.ask();
  REQUIRE(answer);
  CHECK(answer->source == "container app-web-1");
  CHECK(answer->lines == 4);
  CHECK(answer->milestones.size() == 2);
  REQUIRE(answer->hits.size() == 1);
  CHECK(answer->hits.front().count == 2);
  CHECK(answer->complete);

  test.service().container->started = at + 10;  // all of it is of an earlier run
  answer = test.ask();
  REQUIRE(answer);
  CHECK(answer->lines == 0);

  test.service().container->log_path = folder / "nothing";
  CHECK(test.ask().error().kind == FailureKind::not_found);  // and there is no Engine
  test.service().container->log_driver = "none";
  CHECK(test.ask().error().detail == "its container keeps no log");
}

TEST_CASE("the log of a bare process is the file that it writes to", "[logs]") {
  const TemporaryDirectory folder;
  ProbeCase test;
  const auto now = std::time(nullptr);
  const auto run = [&](const std::string& command) {
    const Writer writer{command};
    Process process;
    process.pid = writer.pid();
    process.started = now;
    test.service().process = process;
    return test.ask();
  };
  const auto file = folder / "app.log";
  write(file, "2020-01-01T00:00:00Z Starting App\nthe thing is broken\n");
  auto answer = run("exec >>" + file + " 2>&1; echo Starting App; echo the thing is broken; exec sleep 100");
  REQUIRE(answer);
  CHECK(answer->source == file);
  REQUIRE(answer->hits.empty());  // without a time of its own the line is of the time before it

  write(file, "Starting App\nthe thing is broken\n");
  answer = run("exec >>" + file + " 2>&1; echo Starting App; echo the thing is broken; exec sleep 100");
  REQUIRE(answer);
  REQUIRE(answer->hits.size() == 1);
  CHECK(answer->hits.front().count == 1);
  CHECK(answer->lines == 2);

  CHECK(run("exec >/dev/null 2>&1; exec sleep 100").error().detail == "its output is thrown away");
  const auto pipe = folder / "pipe";
  const auto piped = run("mkfifo " + pipe + "; cat " + pipe + " >/dev/null & exec >" + pipe + " 2>&1; exec sleep 100");
  REQUIRE_FALSE(piped);
  CHECK(piped.error().kind == FailureKind::not_found);
  Process gone;
  gone.pid = 999'999'999;
  test.service().process = gone;
  CHECK(test.ask().error().kind == FailureKind::not_found);
}

TEST_CASE("a service that does not run has no log", "[logs]") {
  ProbeCase test;
  test.service();
  CHECK(test.ask().error().kind == FailureKind::not_found);
}
