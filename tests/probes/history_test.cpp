#include <sys/stat.h>
#include <utmpx.h>

#include <algorithm>
#include <ctime>

#include "probes/engine_json.hpp"
#include "probes/files.hpp"
#include "probes/files_support.hpp"
#include "probes/host_history.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace std::chrono_literals;
using probes::HostRecords;
using test::TemporaryDirectory;

namespace {

constexpr std::int64_t now = 1'772'360'000;  // 2026-03-01 10:13:20 UTC
constexpr std::int64_t booted = now - 7200;

/// A host of which nothing is there yet.
HostRecords records_in(const TemporaryDirectory& directory) {
  HostRecords records;
  records.boot_clock = directory / "stat";
  records.boots = directory / "wtmp";
  records.kernel_buffer = directory / "kmsg";
  records.kernel_logs = {directory / "kern.log"};
  records.dpkg_logs = {directory / "dpkg.log.1", directory / "dpkg.log"};
  records.dnf_logs = {directory / "dnf.rpm.log"};
  records.pacman_logs = {directory / "pacman.log"};
  records.units = directory / "system";
  return records;
}

std::string boot_record(std::int64_t at) {
  utmpx record{};
  record.ut_type = BOOT_TIME;
  record.ut_tv.tv_sec = static_cast<std::int32_t>(at);
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

std::vector<std::string> told(const HostHistoryAnswer& answer) {
  std::vector<std::string> lines;
  for (const auto& event : answer.events)
    lines.push_back(std::to_string(event.at - now) + " " + event.kind + " " + event.name +
                    (event.detail.empty() ? "" : ": " + event.detail));
  return lines;
}

using Lines = std::vector<std::string>;

/// The time zone of this process for the length of a test.
class Zone {
 public:
  explicit Zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    unsetenv("TZ");
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
};

}  // namespace

TEST_CASE("a host without any record has nothing to tell, and nothing to excuse") {
  const TemporaryDirectory directory;
  const auto answer = host_history(records_in(directory), 14, now);
  CHECK(answer.events.empty());
  CHECK(answer.unseen.empty());
}

TEST_CASE("boots of the kernel's clock and of wtmp, the last one once") {
  const TemporaryDirectory directory;
  directory.write("stat", "cpu 1 2 3\nbtime " + std::to_string(booted) + "\nprocesses 5\n");
  directory.write("wtmp", boot_record(now - 30 * 86'400) + boot_record(now - 90'000) + boot_record(booted + 20));
  CHECK(told(host_history(records_in(directory), 14, now)) == Lines{"-90000 boot ", "-7200 boot "});
}

TEST_CASE("what the kernel has ended, from its buffer and from its log once each") {
  const Zone zone{"UTC"};
  const TemporaryDirectory directory;
  directory.write("stat", "cpu\nbtime " + std::to_string(booted) + "\n");
  directory.write("kmsg", "3,9,60000000,-;Out of memory: Killed process 42 (java) total-vm:1\n");
  directory.write(
      "kern.log",
      "Mar  1 08:14:21 host kernel: [60.0] Out of memory: Killed process 42 (java) total-vm:1\n"
      "Feb 28 10:13:20 host kernel: [1.0] Memory cgroup out of memory: Killed process 7 (tail) total-vm:1\n");
  CHECK(told(host_history(records_in(directory), 14, now)) ==
        Lines{"-86400 oom-kill tail: process 7, limit of its group", "-7200 boot ",
              "-7140 oom-kill java: process 42, the host's memory"});
}

TEST_CASE("a log without years is of the last twelve months, in the zone of the host") {
  const Zone zone{"EST5"};
  const TemporaryDirectory directory;
  directory.write("kern.log",
                  "Dec 30 10:00:00 host kernel: Out of memory: Killed process 1 (a) total-vm:1\n"
                  "Mar  1 05:13:00 host kernel: Out of memory: Killed process 2 (b) total-vm:1\n");
  const auto answer = host_history(records_in(directory), 100, now);
  REQUIRE(answer.events.size() == 2);
  CHECK(answer.events[0].at == 1'767'106'800);  // 2025-12-30 15:00:00 UTC
  CHECK(answer.events[1].at == now - 20);
}

TEST_CASE("packages of every package manager, rotated logs first, the last days only") {
  const Zone zone{"UTC"};
  const TemporaryDirectory directory;
  directory.write("dpkg.log.1", "2026-02-01 10:12:05 upgrade old:all 1 2\n2026-02-28 10:12:05 upgrade jq:amd64 1 2\n");
  directory.write("dpkg.log", "2026-03-01 10:12:20 upgrade nginx:amd64 3 4\n");
  directory.write("dnf.rpm.log", "2026-03-01T09:12:20+0000 SUBDEBUG Upgrade: curl-8.1-2.el9.x86_64\n");
  directory.write("pacman.log", "[2026-03-01T10:12:00+0100] [ALPM] upgraded zlib (1 -> 2)\n");
  const auto answer = host_history(records_in(directory), 14, now);
  CHECK(told(answer) == Lines{"-86475 package jq: 1 -> 2", "-3680 package zlib: 1 -> 2",
                              "-3660 package curl: upgraded to 8.1-2.el9", "-60 package nginx: 3 -> 4"});
  CHECK(answer.events.back().source == directory / "dpkg.log");
}

TEST_CASE("units that were changed, and their drop-ins") {
  const TemporaryDirectory directory;
  mkdir((directory / "system").c_str(), 0755);
  mkdir((directory / "system/docker.service.d").c_str(), 0755);
  mkdir((directory / "system/multi-user.target.wants").c_str(), 0755);
  directory.write("system/web.service", "[Service]\n");
  directory.write("system/docker.service.d/limits.conf", "[Service]\n");
  directory.write("system/docker.service.d/limits.conf.bak", "\n");
  directory.write("system/multi-user.target.wants/web.service", "\n");
  symlink("/dev/null", (directory / "system/cups.service").c_str());
  const auto answer = host_history(records_in(directory), 14, std::time(nullptr));
  Lines names;
  for (const auto& event : answer.events) names.push_back(event.kind + " " + event.name + " " + event.detail);
  std::sort(names.begin(), names.end());
  CHECK(names == Lines{"unit cups.service ", "unit docker.service limits.conf", "unit web.service "});
}

TEST_CASE("what stands in the way of a log is said, and nothing is waited for") {
  const TemporaryDirectory directory;
  mkfifo((directory / "kmsg").c_str(), 0600);
  mkfifo((directory / "kern.log").c_str(), 0600);
  mkdir((directory / "dpkg.log").c_str(), 0755);
  const auto began = std::chrono::steady_clock::now();
  const auto answer = host_history(records_in(directory), 14, now);
  CHECK(std::chrono::steady_clock::now() - began < 1s);
  REQUIRE(answer.unseen.size() == 2);
  CHECK(answer.unseen[0].find("kern.log: ") != std::string::npos);
  CHECK(answer.unseen[1].find("dpkg.log: ") != std::string::npos);
}

TEST_CASE("of a large log the end is read") {
  const Zone zone{"UTC"};
  const TemporaryDirectory directory;
  std::string text = "2026-03-01 10:00:00 upgrade first:all 1 2\n";
  const std::string other = "2026-03-01 10:00:00 status installed other:all 1\n";
  while (text.size() < 5U * 1024 * 1024) text += other;
  text += "2026-03-01 10:12:20 upgrade last:all 1 2\n";
  directory.write("dpkg.log", text);
  CHECK(told(host_history(records_in(directory), 14, now)) == Lines{"-60 package last: 1 -> 2"});
}

TEST_CASE("this very host tells of its boot through the helper") {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  probes::HostHistoryProbe probe{helper};
  const auto answer = probe.ask({3650}, Deadline::after(5s));
  REQUIRE(answer);
  const auto boot = std::find_if(answer->events.begin(), answer->events.end(),
                                 [](const PastEvent& event) { return event.kind == "boot"; });
  REQUIRE(boot != answer->events.end());
  CHECK(boot->at > 1'600'000'000);
  CHECK(std::is_sorted(answer->events.begin(), answer->events.end(),
                       [](const PastEvent& a, const PastEvent& b) { return a.at < b.at; }));
}

TEST_CASE("events of Docker and of Podman") {
  const auto events = probes::engine_json::events(
      R"({"Type":"container","Action":"start","Actor":{"Attributes":{"name":"app-web-1"}},"time":200}
{"Type":"container","Action":"die","Actor":{"Attributes":{"name":"app-web-1","exitCode":"137"}},"time":300}
{"Type":"container","Action":"create","Actor":{"Attributes":{"name":"app-web-1"}},"time":100}
{"Action":"health_status: unhealthy","Actor":{"Attributes":{"name":"app-web-1"}},"time":400}
{"Action":"died","Actor":{"Attributes":{"name":"pod","containerExitCode":"2"}},"time":500}
{"Action":"kill","Actor":{"Attributes":{"name":"a\u001b[31m","signal":"15"}},"time":600}
{"Action":"start","Actor":{"Attributes":{}},"time":700}
{"Action":7,"Actor":[],"time":"x"}
nonsense
[1]
)");
  std::vector<std::string> told;
  for (const auto& event : events)
    told.push_back(std::to_string(event.at) + event.kind + " " + event.name + " " + event.detail);
  CHECK(told == Lines{"100create app-web-1 ", "200start app-web-1 ", "300die app-web-1 exit code 137",
                      "400health app-web-1 unhealthy", "500die pod exit code 2", "600kill a\\x1b[31m signal 15"});
}
