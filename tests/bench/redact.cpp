// ./dev bench: how fast the redactor, --hide-hosts and the leak scan go through ordinary logs, beside sed over the same
// file.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "bundle/hidden_hosts.hpp"
#include "redact/leak_scan.hpp"
#include "redact/stream_filter.hpp"
#include "support/log_corpus.hpp"

namespace {

using doctor::redact::KnownSecret;
using doctor::redact::Redactor;

constexpr std::size_t size = 32UL * 1024 * 1024;
constexpr double goal = 50;  // MB/s

std::string corpus() {
  std::string text;
  for (const auto& line : doctor::test::ordinary_lines(100'000)) text += line + "\n";
  while (text.size() < size) text += text.substr(0, std::min(text.size(), size - text.size()));
  return text;
}

Redactor redactor() {
  doctor::test::Values values{7};
  std::vector<KnownSecret> known;
  for (std::size_t i = 0; i < 30; ++i) known.push_back({"SECRET_" + std::to_string(i), values.password(12 + i)});
  return Redactor{known, {"app", "db"}};
}

/// Of a deployment with a dozen hosts, some of which the corpus names.
doctor::bundle::KnownHosts known_hosts() {
  doctor::bundle::KnownHosts hosts;
  hosts.names = {"chat.example.org", "chat.acme.com", "web-07", "web-07.acme.com", "mail.acme.de", "dbserver1"};
  hosts.addresses = {"10.9.8.7", "93.184.216.34", "2001:db8::9", "172.18.0.2", "203.0.113.9"};
  hosts.kept = {"postgres", "redis", "chatalot", "caddy"};
  return hosts;
}

/// Seconds of CPU time, of this process and of those that it ran: the machine may be busy.
double cpu_seconds() {
  double all = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const auto& time : {usage.ru_utime, usage.ru_stime})
      all += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }
  return all;
}

/// MB/s, the median of five runs.
double speed(const std::function<void()>& work) {
  std::vector<double> all;
  for (int run = 0; run < 5; ++run) {
    const auto begin = cpu_seconds();
    work();
    all.push_back(static_cast<double>(size) / 1024 / 1024 / (cpu_seconds() - begin));
  }
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

void row(const char* what, double mb_per_second, double peer, bool judged) {
  std::printf("%-34s %9.0f MB/s  %5.2f of sed%s\n", what, mb_per_second, mb_per_second / peer,
              !judged                ? ""
              : mb_per_second < goal ? "  (goal 50 MB/s)  UNDER"
                                     : "  (goal 50 MB/s)");
}

void measure(const std::string& path) {
  const auto text = corpus();
  std::ofstream{path, std::ios::binary} << text;
  const auto command = "sed -E 's/password=[^ ]+/password=x/g' " + path + " >/dev/null";
  const auto peer = speed([&] {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("sed failed");
  });
  row("sed -E 's/password=[^ ]+/.../g'", peer, peer, false);
  const auto one = redactor();
  const auto pieces = [&](const auto& take) {
    for (std::size_t at = 0; at < text.size(); at += 64UL * 1024) take(std::string_view{text}.substr(at, 64UL * 1024));
  };
  std::size_t written = 0;
  row("redact a log, 30 known secrets", speed([&] {
        doctor::redact::StreamFilter filter{one, [&](std::string_view part) {
                                              written += part.size();
                                              return true;
                                            }};
        pieces([&](std::string_view piece) { filter.write(piece); });
        filter.finish();
      }),
      peer, true);
  if (written == 0) throw std::runtime_error("nothing was written");
  const doctor::bundle::HiddenHosts hosts{"key", known_hosts()};
  row("hide hosts in a log", speed([&] {
        doctor::bundle::HidingStream stream{hosts};
        pieces([&](std::string_view piece) { written += stream.write(piece).size(); });
        written += stream.finish().size();
      }),
      peer, true);
  doctor::redact::LeakScan scan{one};
  row("scan the result for leaks", speed([&] {
        pieces([&](std::string_view piece) { scan.write(piece); });
        if (!scan.finish().empty()) throw std::runtime_error("a leak in ordinary lines");
      }),
      peer, false);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "/tmp/doctor-bench-redact.log";
  try {
    measure(path);
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
    std::remove(path.c_str());
    return 1;
  }
  std::remove(path.c_str());
  return 0;
}
