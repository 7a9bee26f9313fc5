// Archives are hostile input: each rule of read_archive against an archive that breaks it.

#include "bundle/archive.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "bundle/crafted.hpp"
#include "support/catch.hpp"
#include "support/sanitized.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

using test::MemoryFile;
using test::packed;
using test::Packer;
using test::Packing;
using test::pax_header;
using test::tar_end;
using test::tar_head;
using test::tar_member;
using test::tar_of;

using Result = tl::expected<void, std::string>;

/// Reads everything; what the members hold, by name.
struct Contents {
  std::map<std::string, std::string> members;
  Result result;

  explicit Contents(int descriptor, const ArchiveLimits& limits = {}) {
    result = read_archive(
        descriptor,
        [&](const ArchiveMember& member) {
          auto& content = members[member.path];
          const auto read = member.bytes([&](std::string_view bytes) {
            content += bytes;
            return true;
          });
          if (read) CHECK(content.size() == member.size);
          return true;
        },
        limits);
  }
};

/// What stands in the refusal. Members are skipped, and in a second reading taken: both refuse.
std::string refusal(const MemoryFile& file, const ArchiveLimits& limits = {}) {
  const auto skipped = read_archive(
      file.descriptor(), [](const ArchiveMember&) { return true; }, limits);
  const auto taken = Contents{file.descriptor(), limits}.result;
  CHECK_FALSE(taken.has_value());
  if (skipped) return taken ? "" : taken.error();  // only reading can find it
  CHECK(util::shown(skipped.error(), 1000) == skipped.error());
  return taken ? "" : taken.error();
}

std::string refusal(const std::string& bytes, const ArchiveLimits& limits = {}) {
  return refusal(MemoryFile{bytes}, limits);
}

void expect_refused(const std::string& tar, const std::string& words) {
  for (const auto packing : {Packing::gzip, Packing::zstd}) {
    const auto reason = refusal(packed(tar, packing));
    INFO("reason: " << reason);
    CHECK(reason.find(words) != std::string::npos);
  }
}

void expect_name_refused(const std::string& name, const std::string& words) {
  INFO("name: " << util::shown(name));
  expect_refused(tar_of({{"first", "1"}, {name, "2"}}), words);
}

/// The highest resident set of a child that reads `file`, in kB, and how long it took.
struct Cost {
  long rss_kb = 0;
  std::chrono::milliseconds wall{0};
  bool refused = false;
};

Cost cost_of(const MemoryFile& file) {
  const auto begin = std::chrono::steady_clock::now();
  const auto child = fork();
  if (child == 0) {
    const auto read = read_archive(file.descriptor(), [](const ArchiveMember& member) {
      return member.bytes([](std::string_view) { return true; }).has_value();
    });
    _exit(read ? 0 : 1);
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  Cost cost;
  cost.rss_kb = usage.ru_maxrss;
  cost.wall = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  cost.refused = WIFEXITED(status) && WEXITSTATUS(status) == 1;
  return cost;
}

void expect_cheap(const MemoryFile& bomb) {
  const auto cost = cost_of(bomb);
  CHECK(cost.refused);
  if (test::is_sanitized) return;
  CHECK(cost.rss_kb < 64 * 1024);
  CHECK(cost.wall < std::chrono::seconds{5});
}

}  // namespace

TEST_CASE("members of an archive come in order, with their bytes", "[archive]") {
  const std::string large(300000, 'x');
  const auto tar =
      tar_of({{"manifest.json", "{}"}, {"config/.env", "A=1\n"}, {"logs/a.log", large}, {"logs/empty", ""}});
  for (const auto packing : {Packing::gzip, Packing::zstd}) {
    const MemoryFile file{packed(tar, packing)};
    const Contents contents{file.descriptor()};
    REQUIRE(contents.result.has_value());
    CHECK(contents.members ==
          std::map<std::string, std::string>{
              {"manifest.json", "{}"}, {"config/.env", "A=1\n"}, {"logs/a.log", large}, {"logs/empty", ""}});
  }
}

TEST_CASE("members can be skipped, left early, and end the visit", "[archive]") {
  const MemoryFile file{packed(tar_of({{"a", std::string(100000, 'a')}, {"b", std::string(100000, 'b')}, {"c", "c"}}))};
  std::vector<std::string> seen;
  const auto all = read_archive(file.descriptor(), [&](const ArchiveMember& member) {
    seen.push_back(member.path);
    if (member.path == "b") CHECK(member.bytes([](std::string_view) { return false; }).has_value());
    return true;
  });
  CHECK(all.has_value());
  CHECK(seen == std::vector<std::string>{"a", "b", "c"});
  seen.clear();
  const auto some = read_archive(file.descriptor(), [&](const ArchiveMember& member) {
    seen.push_back(member.path);
    return member.path != "b";
  });
  CHECK(some.has_value());
  CHECK(seen == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the bytes of a member are handed over once", "[archive]") {
  const MemoryFile file{packed(tar_of({{"a", "a"}, {"b", "b"}}))};
  const auto twice = read_archive(file.descriptor(), [](const ArchiveMember& member) {
    CHECK(member.bytes([](std::string_view) { return true; }).has_value());
    CHECK_FALSE(member.bytes([](std::string_view) { return true; }).has_value());
    return true;
  });
  CHECK(twice.has_value());
}

TEST_CASE("a descriptor's position does not matter", "[archive]") {
  const MemoryFile file{packed(tar_of({{"a", "a"}}))};
  REQUIRE(lseek(file.descriptor(), 7, SEEK_SET) == 7);
  CHECK(Contents{file.descriptor()}.result.has_value());
  CHECK(lseek(file.descriptor(), 0, SEEK_CUR) == 7);
}

TEST_CASE("names that could leave a directory are refused", "[archive]") {
  expect_name_refused("../escape", "..");
  expect_name_refused("a/../../escape", "..");
  expect_name_refused("a/..", "..");
  expect_name_refused("./a", "\".\"");
  expect_name_refused("a//b", "empty step");
  expect_name_refused("/etc/passwd", "absolute");
  expect_name_refused("a\\..\\b", "not allowed");
  expect_name_refused("C:\\x", "not allowed");
}

TEST_CASE("names with characters that a terminal obeys are refused, and shown escaped", "[archive]") {
  expect_name_refused("a\x1b[31m", "\\x1b");
  expect_name_refused("a\nb", "not allowed");
  expect_name_refused("a\x7f", "not allowed");
  expect_name_refused("\xc3\xa4", "");
  expect_name_refused(
      "\xe2\x80\xae"
      "gpj",
      "");
}

TEST_CASE("names are neither empty nor endless nor repeated", "[archive]") {
  expect_refused(tar_of({{"", "x"}}), "name");
  expect_refused(pax_header({{"path", std::string(256, 'n')}}) + tar_of({{"x", "x"}}), "255");
  expect_refused(pax_header({{"path", std::string(500000, 'n')}}) + tar_of({{"x", "x"}}), "");
  expect_refused(tar_of({{"a", "1"}, {"b", "2"}, {"a", "3"}}), "twice");
  expect_refused(tar_of({{"a", "1"}}) + tar_of({{"a", "3"}}), "twice");
  const MemoryFile longest{packed(pax_header({{"path", std::string(255, 'n')}}) + tar_of({{"x", "x"}}))};
  CHECK(Contents{longest.descriptor()}.members.count(std::string(255, 'n')) == 1);
}

TEST_CASE("only regular files are members", "[archive]") {
  for (const char type : {'1', '2', '3', '4', '6'}) {
    INFO("type " << type);
    expect_refused(tar_of({{"a", "1"}, {"link", "", type, "a", {}}}), "not a regular file");
  }
  expect_refused(pax_header({{"linkpath", "/etc/passwd"}}) + tar_of({{"a", "", '2', "", {}}}), "not a regular file");
  expect_refused(tar_of({{"a", "1"}, {"folder", "", '5'}}), "packed again");
  expect_refused(tar_of({{"folder/", ""}}), "packed again");
}

TEST_CASE("sparse members are refused", "[archive]") {
  expect_refused(pax_header({{"GNU.sparse.major", "1"},
                             {"GNU.sparse.minor", "0"},
                             {"GNU.sparse.name", "holes"},
                             {"GNU.sparse.realsize", "1000000000"}}) +
                     tar_of({{"x", "1\n999999999\n1\n" + std::string(498, '\0') + "z"}}),
                 "");
  expect_refused(
      pax_header({{"GNU.sparse.size", "900000000"}, {"GNU.sparse.numblocks", "1"}, {"GNU.sparse.map", "899999999,1"}}) +
          tar_of({{"x", "z"}}),
      "");
}

TEST_CASE("a pax header that lies about the size is refused", "[archive]") {
  for (const auto* size : {"100000", "999999999999999", "18446744073709551615", "-1", ""}) {
    INFO("size " << size);
    expect_refused(pax_header({{"size", size}}) + tar_of({{"a", "short"}, {"b", "2"}}), "");
  }
  expect_refused(tar_head({"a", "", '0', {}, 077777777777}) + tar_end(), "larger");
}

TEST_CASE("more members than allowed are refused", "[archive]") {
  std::string tar;
  for (int i = 0; i < 10001; ++i) tar += tar_member({"f" + std::to_string(i), ""});
  const MemoryFile most{packed(tar.substr(0, tar.size() - 512) + tar_end())};
  CHECK(Contents{most.descriptor()}.members.size() == 10000);
  expect_refused(tar + tar_end(), "10000");
}

TEST_CASE("what is not tar in gzip or zstd is refused", "[archive]") {
  const auto tar = tar_of({{"a", "1"}});
  CHECK(refusal(std::string{}).find("empty") != std::string::npos);
  CHECK(refusal(packed(tar, Packing::xz)).find("another program") != std::string::npos);
  CHECK(refusal("PK\x03\x04" + tar).find("ZIP") != std::string::npos);
  CHECK(refusal(R"({"schema": "doctor-report/v1"})").find("JSON") != std::string::npos);
  CHECK(refusal(packed(packed(tar))).find("gzip") != std::string::npos);
  CHECK(refusal(packed(packed(tar, Packing::zstd))).find("gzip") != std::string::npos);
  CHECK_FALSE(refusal(std::string("garbage that is longer than a header of any kind would be")).empty());
  CHECK_FALSE(refusal(std::string("\x1f\x8b\x08\x00", 4) + "garbage").empty());
  CHECK_FALSE(refusal(std::string("\x28\xb5\x2f\xfd", 4) + "garbage").empty());
  expect_refused("plain text, packed", "");
  expect_refused("", "");
  expect_refused(tar_end(), "nothing");
}

TEST_CASE("tar that a browser has unpacked is read as well, under the same rules", "[archive]") {
  const MemoryFile file{tar_of({{"a", "1"}, {"b", "2"}})};
  const Contents contents{file.descriptor()};
  REQUIRE(contents.result.has_value());
  CHECK(contents.members == std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}});
  CHECK(refusal(tar_of({{"a", "1"}, {"../b", "2"}})).find("..") != std::string::npos);
  CHECK(refusal(tar_of({{"a", "1"}, {"a", "2"}})).find("twice") != std::string::npos);
  CHECK_FALSE(refusal(tar_of({{"a", "1"}}) + "trailing garbage").empty());
  const auto tar = tar_of({{"a", std::string(3000, 'a')}});
  for (const std::size_t size : {100UL, 511UL, 700UL, 512UL + 3000UL}) {
    INFO("cut at " << size);
    CHECK_FALSE(refusal(tar.substr(0, size)).empty());
  }
}

TEST_CASE("a nested archive is bytes", "[archive]") {
  const auto inner = packed(tar_of({{"../escape", "1"}}));
  const MemoryFile file{packed(tar_of({{"support/inner.tar.gz", inner}}))};
  const Contents contents{file.descriptor()};
  REQUIRE(contents.result.has_value());
  CHECK(contents.members.at("support/inner.tar.gz") == inner);
}

TEST_CASE("a truncated archive is refused, wherever it ends", "[archive]") {
  const auto tar = tar_of({{"a", std::string(3000, 'a')}, {"b", "b"}});
  for (const auto packing : {Packing::gzip, Packing::zstd}) {
    const auto whole = packed(tar, packing);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO("cut at " << size << " of " << whole.size());
      CHECK_FALSE(refusal(whole.substr(0, size)).empty());
    }
  }
  expect_refused(tar.substr(0, 700), "");
  expect_refused(tar.substr(0, 512 + 3000), "");
}

TEST_CASE("bytes behind the end are refused", "[archive]") {
  const auto tar = tar_of({{"a", "1"}});
  for (const auto packing : {Packing::gzip, Packing::zstd}) {
    CHECK_FALSE(refusal(packed(tar, packing) + "trailing garbage").empty());
    CHECK_FALSE(refusal(packed(tar, packing) + "\n").empty());
    CHECK_FALSE(refusal(packed(tar, packing) + std::string(512, '\0')).empty());
    CHECK_FALSE(refusal(packed(tar + std::string(2000, 'g'), packing)).empty());
    const MemoryFile padded{packed(tar + std::string(9216, '\0'), packing)};
    CHECK(Contents{padded.descriptor()}.result.has_value());
  }
}

TEST_CASE("bytes that were changed are refused or harmless", "[archive]") {
  const auto whole = packed(tar_of({{"a", std::string(3000, 'a')}, {"b", "b"}}));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ 0x55U);
    const MemoryFile file{bytes};
    const Contents contents{file.descriptor()};
    for (const auto& [name, content] : contents.members) CHECK(content.size() <= 65536);
  }
}

TEST_CASE("a bomb is refused early and costs little", "[archive]") {
  for (const auto packing : {Packing::gzip, Packing::zstd}) {
    const MemoryFile bomb;
    Packer packer{bomb, packing};
    constexpr std::uint64_t size = 300UL * 1000 * 1000;
    packer.add(tar_head({"zeros", "", '0', {}, size}));
    packer.zeros(size + (512 - size % 512) % 512);
    packer.add(tar_end());
    packer.finish();
    CHECK(refusal(bomb).find("200 times") != std::string::npos);
    expect_cheap(bomb);
  }
}

TEST_CASE("a bomb in the head of a member, or behind the last one, is refused as early", "[archive]") {
  const MemoryFile head;
  Packer in_head{head, Packing::gzip};
  in_head.add(tar_head({"PaxHeader/x", "", 'x', {}, 200UL * 1000 * 1000}));
  in_head.zeros(200UL * 1000 * 1000);
  in_head.finish();
  expect_cheap(head);
  const MemoryFile behind;
  Packer after{behind, Packing::gzip};
  after.add(tar_of({{"a", "1"}}));
  after.zeros(200UL * 1000 * 1000);
  after.finish();
  expect_cheap(behind);
}

TEST_CASE("an archive that unpacks to more than allowed is refused", "[archive]") {
  ArchiveLimits limits;
  limits.most_bytes = 100000;
  const MemoryFile exact{packed(tar_of({{"a", std::string(50000, 'a')}, {"b", std::string(40000, 'b')}}))};
  CHECK(Contents{exact.descriptor(), limits}.result.has_value());
  const auto more = tar_of({{"a", std::string(50000, 'a')}, {"b", std::string(50000, 'b')}});
  CHECK(refusal(packed(more), limits).find("100 kB") != std::string::npos);
  CHECK(refusal(std::string(100001, 'x'), limits).find("100 kB") != std::string::npos);
}

TEST_CASE("only a regular file is an archive", "[archive]") {
  const auto nothing = [](const ArchiveMember&) { return true; };
  const auto fifo = std::filesystem::temp_directory_path() / ("archive-fifo-" + std::to_string(getpid()));
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_FALSE(read_archive(fifo.string(), nothing).has_value());  // and does not wait for a writer
  std::filesystem::remove(fifo);
  CHECK_FALSE(read_archive(std::filesystem::temp_directory_path().string(), nothing).has_value());
  CHECK_FALSE(read_archive(std::string{"/dev/zero"}, nothing).has_value());
  const auto absent = read_archive("/nowhere/\x1b[31m.tar.gz", nothing);
  REQUIRE_FALSE(absent.has_value());
  CHECK(absent.error().find("\\x1b") != std::string::npos);
}

}  // namespace doctor::bundle
