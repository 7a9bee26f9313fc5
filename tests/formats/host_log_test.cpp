#include "formats/host_log.hpp"

#include <utmpx.h>

#include "support/catch.hpp"

using namespace doctor::formats;

namespace {

/// "2026-03-01T10:12:05 name: detail" of every event.
std::vector<std::string> told(const std::string& text, HostLog kind) {
  std::vector<std::string> lines;
  for (const auto& event : read_host_log(text, kind))
    lines.push_back(std::to_string(event.at.month) + "-" + std::to_string(event.at.day) + " " +
                    std::to_string(event.at.hour) + ":" + std::to_string(event.at.minute) + " " + event.name + ": " +
                    event.detail);
  return lines;
}

using Lines = std::vector<std::string>;

std::int64_t seconds(std::string_view text) {
  const auto time = take_iso_time(text);
  REQUIRE(time);
  return seconds_of(*time).value_or(-1);
}

}  // namespace

TEST_CASE("times of logs in all their forms") {
  CHECK(seconds("2026-03-01T10:12:05Z") == 1'772'359'925);
  CHECK(seconds("2026-03-01T10:12:05.123456+01:00") == 1'772'359'925 - 3600);
  CHECK(seconds("2026-03-01 10:12:05-0530") == 1'772'359'925 + 5 * 3600 + 1800);
  CHECK(seconds("2026-03-01 10:12") == 1'772'359'920);
  CHECK(seconds("2026-03-01T10:12:05+00") == 1'772'359'925);
  for (const std::string_view text : {"", "2026", "2026-03-01", "2026-13-01T10:12:05Z", "2026-03-32 10:12:05",
                                      "2026-03-01T25:12:05", "2026-03-01T10:61:05", "0000-03-01 10:12:05",
                                      "2026-03-01T10:12:05+99:00", "2026-03-01T10:12:05+01:", "Mar  1 10:12:05"}) {
    auto rest = text;
    CHECK_FALSE(take_iso_time(rest));
    CHECK(rest == text);
  }
  std::string_view rest = "2026-03-01 10:12:05 upgrade";
  CHECK(take_iso_time(rest));
  CHECK(rest == " upgrade");
}

TEST_CASE("what dpkg has done") {
  CHECK(told("2026-03-01 10:12:05 startup archives unpack\n"
             "2026-03-01 10:12:05 upgrade nginx:amd64 1.18.0-6 1.18.0-7\r\n"
             "2026-03-01 10:12:06 status installed nginx:amd64 1.18.0-7\n"
             "2026-03-01 10:12:07 install jq:amd64 <none> 1.6-2\n"
             "2026-03-01 10:12:08 remove tmux:amd64 3.3a-3 <none>\n"
             "2026-03-01 10:12:09 upgrade nginx:amd64 1.18",
             HostLog::dpkg) == Lines{"3-1 10:12 nginx: 1.18.0-6 -> 1.18.0-7", "3-1 10:12 jq: installed 1.6-2",
                                     "3-1 10:12 tmux: removed 3.3a-3"});
}

TEST_CASE("what dnf and pacman have done") {
  CHECK(told("2026-03-01T10:12:05+0000 SUBDEBUG Upgrade: nginx-1:1.20.1-14.el9.x86_64\n"
             "2026-03-01T10:12:05+0000 SUBDEBUG Upgraded: nginx-1:1.18.1-14.el9.x86_64\n"
             "2026-03-01T10:12:06+0000 SUBDEBUG Installed: postgresql-server-15.4-1.el9.x86_64\n"
             "2026-03-01T10:12:07+0000 SUBDEBUG Erase: jq-1.6-2.el9.x86_64\n"
             "2026-03-01T10:12:07+0000 SUBDEBUG Upgrade: none\n",
             HostLog::dnf) == Lines{"3-1 10:12 nginx: upgraded to 1:1.20.1-14.el9",
                                    "3-1 10:12 postgresql-server: installed 15.4-1.el9",
                                    "3-1 10:12 jq: removed 1.6-2.el9"});
  CHECK(told("[2026-03-01T10:12:05+0000] [ALPM] upgraded nginx (1.20-1 -> 1.22-1)\n"
             "[2026-03-01 10:13] [ALPM] installed jq (1.6-4)\n"
             "[2026-03-01T10:12:05+0000] [ALPM-SCRIPTLET] upgraded nothing (1 -> 2)\n"
             "[2026-03-01T10:12:05+0000] [ALPM] transaction started\n",
             HostLog::pacman) == Lines{"3-1 10:12 nginx: 1.20-1 -> 1.22-1", "3-1 10:13 jq: installed 1.6-4"});
}

TEST_CASE("what the kernel has ended for want of memory") {
  CHECK(
      told(
          "Mar  1 10:12:05 host kernel: [12345.678] Out of memory: Killed process 4711 (chatalot-server) total-vm:1kB\n"
          "2026-03-02T10:12:05.5+00:00 host kernel: Memory cgroup out of memory: Killed process 12 (tail) total-vm:1\n"
          "Mar  3 10:12:05 host sshd[1]: Out of memory: Killed process 1 (forged)\n"
          "Mar  3 10:12:05 host kernel: eth0: link up\n"
          "Foo 31 10:12:05 host kernel: Out of memory: Killed process 1 (x)\n",
          HostLog::kernel) == Lines{"3-1 10:12 chatalot-server: process 4711, the host's memory",
                                    "3-2 10:12 tail: process 12, limit of its group"});
  CHECK(oom_kill("Killed process 5, UID 999, (java) total-vm:1kB"));
  CHECK_FALSE(oom_kill("systemd: Killed process 5 (java)"));
  CHECK_FALSE(oom_kill("Out of memory: Killed process (java)"));
}

TEST_CASE("names from logs are safe to print") {
  const auto events = read_host_log(
      "2026-03-01 10:12:05 upgrade \x1b[31mred:amd64 1\x07 " + std::string(300, '2') + "\n", HostLog::dpkg);
  REQUIRE(events.size() == 1);
  CHECK(events[0].name == "\\x1b[31mred");
  CHECK(events[0].detail.size() < 200);
}

TEST_CASE("records of the kernel's buffer") {
  const auto record = kernel_record("6,339,5140900,-;NET: Registered\n SUBSYSTEM=net\n");
  REQUIRE(record);
  CHECK(record->microseconds == 5'140'900);
  CHECK(record->text == "NET: Registered");
  CHECK(kernel_record("4,1,2;text"));
  for (const auto* text : {"", "6", "6,339", "6,339,;x", "6,339,x,-;y", "6,339,12x,-;y", "6,339,-5,-;y"})
    CHECK_FALSE(kernel_record(text));
}

TEST_CASE("boots of wtmp") {
  utmpx boot{};
  boot.ut_type = BOOT_TIME;
  boot.ut_tv.tv_sec = 1'700'000'000;
  utmpx login{};
  login.ut_type = USER_PROCESS;
  login.ut_tv.tv_sec = 1'700'000'500;
  std::string bytes{reinterpret_cast<const char*>(&boot), sizeof boot};
  bytes.append(reinterpret_cast<const char*>(&login), sizeof login);
  bytes.append(reinterpret_cast<const char*>(&boot), sizeof boot - 1);
  CHECK(boots_of(bytes) == std::vector<std::int64_t>{1'700'000'000});
  CHECK(boots_of("").empty());
}

TEST_CASE("only the newest events of a log are kept") {
  std::string text;
  for (std::size_t i = 0; i < 2 * most_host_events + 10; ++i)
    text += "2026-03-01 10:12:05 upgrade p" + std::to_string(i) + ":all 1 2\n";
  const auto events = read_host_log(text, HostLog::dpkg);
  REQUIRE(events.size() == most_host_events);
  CHECK(events.back().name == "p" + std::to_string(2 * most_host_events + 9));
}
