// What a bundle of an installation without containers holds.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "lab/bundle.hpp"
#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using Json = nlohmann::json;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::map<std::string, std::string> bundle_of(const ChatalotLab& lab, const Directory& beside,
                                             const Arguments& arguments = {}) {
  const auto file = beside.path("b.tar.gz");
  Arguments command{doctor_binary(), "bundle", lab.directory().path(), "-o", file};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto run = lab::run(command);
  INFO(run.err);
  REQUIRE(run.exit < 2);
  return bundle_members(file);
}

auto lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("a bundle of bare processes holds configuration, log, host and what the project asks for", "[bundle]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("NOTE_TO_SELF", "nobody's business");
  lab.start();
  const Directory beside{"bundle"};
  const auto members = bundle_of(lab, beside);
  const auto& env = members.at("config/.env");
  CHECK(lines(env) == lines(lab.directory().read(".env")));
  CHECK(holds(env, "DATABASE_URL=postgres://[redacted:"));
  CHECK_FALSE(holds(env, lab.password()));
  CHECK_FALSE(holds(env, "nobody's business"));
  CHECK(holds(members.at("logs/chatalot.log"), "Starting Chatalot server"));
  CHECK(holds(members.at("support/chatalot/api/health.txt"), "HTTP 200"));
  CHECK(holds(members.at("host/processes/chatalot.txt"), "Max open files"));
  CHECK(holds(members.at("host/sockets.txt"), ":" + std::to_string(lab.port())));
  CHECK(holds(members.at("host/deployment.txt"), "1 bare process"));
  CHECK(holds(members.at("host/disks.txt"), "inodes"));
  CHECK(holds(members.at("host/proc/meminfo.txt"), "MemTotal"));
  const auto manifest = Json::parse(members.at("manifest.json"));
  for (const auto& missing : manifest.at("missing")) {
    INFO(missing.dump(1));
    CHECK_FALSE(missing.at("reason").get<std::string>().empty());
  }
  for (const auto& member : manifest.at("members"))
    if (member.at("path") == "logs/chatalot.log") CHECK(holds(member.at("note"), " UTC to "));
}

TEST_CASE("a bundle of logs alone", "[bundle]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Directory beside{"bundle"};
  const auto members = bundle_of(lab, beside, {"--include", "logs"});
  CHECK(members.count("logs/chatalot.log") == 1);
  CHECK(members.count("config/.env") == 0);
}

TEST_CASE("a log of 2 GB costs neither memory nor room", "[bundle]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto log = lab.directory().parent() + "/server.log";
  constexpr std::uintmax_t size = 2'000'000'000;
  std::filesystem::resize_file(log, size);  // what nobody wrote takes no room on the disk
  {
    std::ofstream file{log, std::ios::app};
    file << "\n";
    const std::string line =
        "2026-03-01T10:12:05Z  INFO chatalot_server: request of a user served in 12 ms, status=200";
    for (int i = 0; i < 400'000; ++i) file << line << " id=" << i << "\n";
  }
  const Directory beside{"bundle"};
  const auto file = beside.path("b.tar.gz");
  const auto run = lab::run({doctor_binary(), "bundle", lab.directory().path(), "-o", file, "--max-size", "12MB"});
  INFO(run.err);
  REQUIRE(run.exit == 0);
  CHECK(run.rss_kb < 256 * 1024);  // promised of any run on hostile input
  CHECK(std::filesystem::file_size(file) < 12'000'000);
  std::uint64_t total = 0;
  const auto members = bundle_members(file);
  for (const auto& [path, bytes] : members) total += bytes.size();
  CHECK(total < 15'000'000);  // markers may be longer than what they replace
  CHECK(members.at("logs/chatalot.log").ends_with(" id=399999\n"));
  CHECK(members.at("logs/chatalot.log").size() > 8'000'000);
}

}  // namespace doctor::lab
