#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bundle/collect_support.hpp"
#include "probes/engine.hpp"
#include "probes/helper.hpp"
#include "probes/journal.hpp"
#include "probes/log_source.hpp"
#include "probes/sockets.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

namespace doctor {
namespace {

using test::Bundled;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "doctor-collect-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A service whose log is read by the real helper, and through an Engine that is not there unless one is given.
class Logged : public Bundled {
 public:
  explicit Logged(const std::string& docker_host = "unix:///nowhere/docker.sock")
      : engine_{probes::make_engine(docker_host)}, helper_{probes::Helper::start()} {
    live.container_log = [this](const Container& container, const probes::LogPart& part, const probes::LogLines& take,
                                const std::function<void()>& again, const Deadline& deadline) {
      return probes::container_log(*engine_, *helper_, container, part, take, again, deadline);
    };
    live.process_log = [this](const Process& process, const probes::LogPart& part, const probes::LogPieces& pieces,
                              const Deadline& deadline) {
      return probes::process_log(*helper_, process, part, pieces, deadline);
    };
    live.process_journal = [this](const Process& process, const probes::LogPart& part, const probes::LogPieces& pieces,
                                  const Deadline& deadline) {
      return probes::process_journal(*helper_, process, part, pieces, deadline, {journalctl});
    };
  }

  probes::Helper& helper() { return *helper_; }
  std::string journalctl = "/nowhere/journalctl";

  void json_file(const std::string& path) {
    auto& one = container("web");
    one.log_driver = "json-file";
    one.log_path = path;
  }

 private:
  std::shared_ptr<probes::Engine> engine_;
  std::shared_ptr<probes::Helper> helper_;
};

/// A process whose output is a file.
class Writer {
 public:
  explicit Writer(const std::string& path) : pid_{fork()} {
    if (pid_ != 0) return;
    if (std::freopen(path.c_str(), "a", stdout) == nullptr || std::freopen(path.c_str(), "a", stderr) == nullptr)
      _exit(1);
    for (;;) pause();
  }
  ~Writer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  pid_t pid() const { return pid_; }
  void wait_for(const std::string& path) const {
    const auto link = "/proc/" + std::to_string(pid_) + "/fd/2";
    for (int i = 0; i < 500; ++i) {
      std::error_code error;
      if (std::filesystem::read_symlink(link, error) == path) return;
      usleep(10'000);
    }
  }

 private:
  pid_t pid_;
};

/// A process whose output is a socket, as systemd's journal is one.
class Talker {
 public:
  Talker() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[0], 1);
      dup2(ends[0], 2);
      for (char ready = '1'; ::write(1, &ready, 1) >= 0;) pause();
      _exit(1);
    }
    char ready = 0;
    if (::read(ends[1], &ready, 1) != 1) std::abort();
    close(ends[0]);
    close(ends[1]);
  }
  ~Talker() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Talker(const Talker&) = delete;
  Talker& operator=(const Talker&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

std::string entry(const std::string& text, int second, const std::string& stream = "stdout") {
  char time[64];
  std::snprintf(time, sizeof time, "2026-03-01T10:%02d:%02d.123456789Z", second / 60 % 60, second % 60);
  return R"({"log":")" + text + R"(","stream":")" + stream + R"(","time":")" + time + "\"}\n";
}

void write(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary | std::ios::app} << text;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// 2026-03-01 10:00:00 UTC
constexpr std::int64_t ten = 1'772'359'200;

}  // namespace

TEST_CASE("a container's log is lines with their times and streams, its older files first", "[collect]") {
  const Folder folder;
  write(folder.file("log"), entry("new \\u00e9\\n", 3) + entry("half ", 4) + entry("and half\\n", 5, "stdout"));
  write(folder.file("log.1"), entry("old\\n", 1, "stderr"));
  Logged test;
  test.json_file(folder.file("log"));
  CHECK(test.text("logs/web.log") ==
        "2026-03-01T10:00:01.123456789Z stderr old\n2026-03-01T10:00:03.123456789Z stdout new \xC3\xA9\n"
        "2026-03-01T10:00:05.123456789Z stdout half and half\n");
  const auto collected = test.collected("logs/web.log");
  CHECK(collected.complete);
  CHECK(holds(collected.note, "3 lines from 2026-03-01 10:00:01 UTC to 2026-03-01 10:00:05 UTC"));
}

TEST_CASE("of a log the newest lines are kept, whole", "[collect]") {
  const Folder folder;
  std::string log;
  for (int i = 0; i < 3000; ++i) log += entry("line " + std::to_string(i) + "\\n", i);
  write(folder.file("log"), log);
  Logged test;
  test.json_file(folder.file("log"));
  for (const std::uint64_t most : {100UL, 1000UL, 65'536UL, 70'000UL}) {
    std::string text;
    const auto collected = test.read_item("logs/web.log", text, most);
    INFO(most);
    REQUIRE(collected.has_value());
    CHECK_FALSE(collected->complete);
    CHECK(text.size() <= most);
    CHECK(text.starts_with("2026-03-01T10:"));
    CHECK(text.ends_with("line 2999\n"));
  }
  std::string text;
  CHECK(test.read_item("logs/web.log", text, 1'000'000)->complete);
  CHECK(holds(text, "line 0\n"));
}

TEST_CASE("lines of a log older than --since are left out", "[collect]") {
  const Folder folder;
  write(folder.file("log"), entry("one\\n", 1) + entry("two\\n", 120));
  Logged test;
  test.json_file(folder.file("log"));
  test.options.since = ten + 60;
  CHECK(test.text("logs/web.log") == "2026-03-01T10:02:00.123456789Z stdout two\n");
  CHECK(test.collected("logs/web.log").complete);
}

TEST_CASE("hostile lines of a log become text", "[collect]") {
  const Folder folder;
  write(folder.file("log"), entry("a\\u0000b\\u001b[31mred\\u001b[0m\\u001b]0;x\\u0007 \\u202e\\n", 1) +
                                "{\"log\": 3}\nnonsense\n" + entry("raw \xff\xfe end\\r\\n", 2));
  Logged test;
  test.json_file(folder.file("log"));
  const auto text = test.text("logs/web.log");
  CHECK(holds(text, "abred?]0;x? ?\n"));
  CHECK(text.find_first_of(std::string{"\0\x1b\x07\xff\xfe", 5}) == std::string::npos);
}

TEST_CASE("many short lines in one entry do not grow past what was asked for", "[collect]") {
  const Folder folder;
  std::string dots;
  for (int i = 0; i < 20'000; ++i) dots += ".\\r";
  write(folder.file("log"), entry(dots + "\\n", 1));
  Logged test;
  test.json_file(folder.file("log"));
  std::string text;
  const auto collected = test.read_item("logs/web.log", text, 100'000).value();
  CHECK(text.size() <= 100'000);
  CHECK_FALSE(collected.complete);
}

TEST_CASE("the log of a bare process is its file", "[collect]") {
  const Folder folder;
  const auto path = folder.file("app.log");
  write(path, "\x1b[2m2026-03-01T10:00:01Z\x1b[0m one\n  at \xff\n2026-03-01T10:02:00Z two\n");
  const Writer writer{path};
  writer.wait_for(path);
  Logged test;
  test.process("app").pid = writer.pid();
  CHECK(test.text("logs/app.log") == "2026-03-01T10:00:01Z one\n  at ?\n2026-03-01T10:02:00Z two\n");
  test.options.since = ten + 60;
  CHECK(test.text("logs/app.log") == "2026-03-01T10:02:00Z two\n");
}

TEST_CASE("a log of 2 GB costs no more than its newest part", "[collect]") {
  const Folder folder;
  const auto path = folder.file("app.log");
  write(path, "first\n");
  std::filesystem::resize_file(path, 2'000'000'000);
  write(path, "\nthe end\n");
  const Writer writer{path};
  writer.wait_for(path);
  Logged test;
  test.process("app").pid = writer.pid();
  const auto begin = std::chrono::steady_clock::now();
  std::string text;
  const auto collected = test.read_item("logs/app.log", text, 64UL * 1024 * 1024).value();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
  CHECK(text == "the end\n");
  CHECK_FALSE(collected.complete);
}

TEST_CASE("what goes to the journal is asked of journalctl", "[collect][journal]") {
  const Folder folder;
  const Talker talker;
  Logged test;
  test.process("app").pid = talker.pid();
  CHECK(holds(test.text("logs/app.log"), "there is no journalctl here"));
  test.journalctl = folder.file("journalctl");
  const auto answers = [&](const std::string& script) {
    std::ofstream{test.journalctl, std::ios::trunc} << "#!/bin/sh\n" + script + "\n";
    chmod(test.journalctl.c_str(), 0755);
  };
  answers("echo '2026-03-01T10:12:05.123456+00:00 app[7]: started'; echo \"2026-03-01T10:12:06+00:00 app[7]: $*\"");
  const auto text = test.text("logs/app.log");
  CHECK(holds(text, "app[7]: started\n"));
  CHECK(holds(text, "--no-hostname"));
  CHECK(holds(text, "--lines="));
  test.options.since = 1772359925;  // the second before the last line
  CHECK(holds(test.text("logs/app.log"), "--since=@1772359925"));
  test.options.since = 0;
  answers("echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1");
  CHECK(holds(test.text("logs/app.log"), "insufficient permissions"));
  answers("exit 0");
  CHECK(holds(test.text("logs/app.log"), "nothing of it"));
  answers(
      "for word; do case $word in --lines=*) n=${word#--lines=};; esac; done; yes \"2026-03-01T10:12:05Z $n"
      " xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      "x"
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      "x"
      "\" | head -n $n");
  CHECK(holds(test.text("logs/app.log"), " 5000 x"));  // 50,000 of them are more than can be held
  chmod(test.journalctl.c_str(), 0777);
  CHECK(holds(test.text("logs/app.log"), "journalctl is not run"));
}

TEST_CASE("the unit of a process is the nearest service around it", "[collect][journal]") {
  CHECK(probes::unit_of("0::/system.slice/chatalot.service\n") == "chatalot.service");
  CHECK(probes::unit_of("0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service") == "shop.service");
  CHECK(probes::unit_of("12:pids:/system.slice/app@2.service\n0::/\n") == "app@2.service");
  CHECK(probes::unit_of("0::/user.slice/user-0.slice/session-3.scope\n").empty());
  CHECK(probes::unit_of("0::/user.slice/user-1000.slice/user@1000.service\n").empty());
  CHECK(probes::unit_of("0::/x/--file=passwd.service\n").empty());
  CHECK(probes::unit_of("0::/x/a b.service\n").empty());
  CHECK(probes::unit_of("").empty());
  CHECK(probes::journal_arguments("", 4711, {}, 10).back() == "_PID=4711");
  CHECK(probes::journal_arguments("a.service", 4711, {}, 10).back() == "--unit=a.service");
}

TEST_CASE("100 MB without an end of a line", "[collect]") {
  const Folder folder;
  const auto path = folder.file("app.log");
  {
    std::ofstream file{path, std::ios::binary};
    const std::string piece(1'000'000, 'x');
    for (int i = 0; i < 100; ++i) file << piece;
  }
  const Writer writer{path};
  writer.wait_for(path);
  Logged test;
  test.process("app").pid = writer.pid();
  std::string text;
  const auto collected = test.read_item("logs/app.log", text).value();
  CHECK(text.empty());
  CHECK_FALSE(collected.complete);
}

TEST_CASE("where there is no log the reason is told", "[collect]") {
  const Folder folder;
  Logged test;
  test.container("web").log_driver = "none";
  CHECK(test.text("logs/web.log") == "[its container keeps no log]");
  test.container("web").log_driver = "json-file";
  test.deployment.services.front().container->id = "c0ffee";
  test.deployment.services.front().container->log_path = folder.file("");  // a directory, and there is no Engine
  CHECK(holds(test.text("logs/web.log"), "Engine"));
}

TEST_CASE("through the Engine frames become lines", "[collect]") {
  const std::string line = "2026-03-01T10:00:01.000000001Z hello\n";
  std::string body{"\2\0\0\0\0\0\0", 7};
  body += static_cast<char>(line.size());
  body += line;
  const auto answer = [](const std::string& text, const std::string& header) {
    return "HTTP/1.1 200 OK\r\n" + header + "Content-Length: " + std::to_string(text.size()) +
           "\r\nConnection: close\r\n\r\n" + text;
  };
  const test::ScriptedServer server{[&](test::Peer& peer) {
    const auto request = peer.receive_until("\r\n\r\n");
    peer.send(holds(request, "/_ping") ? answer("OK", "Api-Version: 1.43\r\n") : answer(body, ""));
  }};
  Logged test{"tcp://127.0.0.1:" + std::to_string(server.port())};
  auto& one = test.container("web");
  one.id = "c0ffee";
  one.log_driver = "local";
  CHECK(test.text("logs/web.log") == "2026-03-01T10:00:01.000000001Z stderr hello\n");
}

TEST_CASE("the helper lists every listening socket", "[collect]") {
  Logged test;
  const test::ScriptedServer server{[](test::Peer&) {}};
  const auto sockets = probes::listening_sockets(test.helper(), Deadline::after(std::chrono::seconds{3}));
  REQUIRE(sockets.has_value());
  const auto ours = std::find_if(sockets->begin(), sockets->end(),
                                 [&](const probes::ListeningSocket& one) { return one.port == server.port(); });
  REQUIRE(ours != sockets->end());
  CHECK(ours->listener.pid == getpid());
}

}  // namespace doctor
