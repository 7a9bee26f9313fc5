// A bundle is whole or absent, the same for the same input, and holds no secret.

#include "bundle/writer.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>

#include "bundle/archive.hpp"
#include "bundle/budget.hpp"
#include "bundle/folder.hpp"
#include "bundle/redaction_json.hpp"
#include "bundle/sha256.hpp"
#include "support/catch.hpp"
#include "support/sanitized.hpp"

namespace doctor::bundle {
namespace {

namespace fs = std::filesystem;

const std::string secret = "kX9vT2mQ7pLw4zRb";

redact::Redactor redactor() {
  return redact::Redactor{{{"DB_PASSWORD", secret}}};
}

Deadline soon() {
  return Deadline::after(std::chrono::seconds{60});
}

Item item(const std::string& section, const std::string& name, const std::string& text) {
  Item made;
  made.section = section;
  made.name = name;
  made.source = "test";
  made.estimate = text.size();
  made.read = [text](const Take& take, std::uint64_t most, const Deadline&) -> Outcome<Collected> {
    const bool all = text.size() <= most;
    take(all ? text : text.substr(text.size() - most));
    return Collected{all, all ? "" : "the newest"};
  };
  return made;
}

/// A log of that many bytes, which exists nowhere as a whole.
Item endless_log(std::uint64_t size) {
  auto made = item("logs", "endless.log", "");
  made.estimate = size;
  made.newest_last = true;
  made.read = [size](const Take& take, std::uint64_t most, const Deadline&) -> Outcome<Collected> {
    const std::string line = "2026-01-01T00:00:00Z INFO request served in 12 ms, password=" + secret + " status=200\n";
    std::string piece;
    while (piece.size() < 65536) piece += line;
    for (std::uint64_t sent = 0; sent + piece.size() <= std::min(size, most); sent += piece.size())
      if (!take(piece)) break;
    return Collected{size <= most, size <= most ? "" : "the newest"};
  };
  return made;
}

struct Read {
  std::map<std::string, std::string> members;
  Manifest manifest;
};

/// Everything of an archive, held against its manifest.
Read read_whole(const std::string& path) {
  Read all;
  std::vector<std::string> order;
  const auto read = read_archive(path, [&](const ArchiveMember& member) {
    order.push_back(member.path);
    auto& content = all.members[member.path];
    return member
        .bytes([&](std::string_view bytes) {
          content += bytes;
          return true;
        })
        .has_value();
  });
  INFO((read ? "" : read.error()));
  REQUIRE(read.has_value());
  REQUIRE_FALSE(order.empty());
  CHECK(order.front() == manifest_name);
  CHECK(std::is_sorted(order.begin() + 1, order.end()));
  const auto manifest = manifest_from_json(all.members.at(std::string{manifest_name}));
  REQUIRE(manifest.has_value());
  all.manifest = *manifest;
  CHECK(all.manifest.members.size() + 1 == all.members.size());
  for (const auto& member : all.manifest.members) {
    REQUIRE(all.members.count(member.path) == 1);
    CHECK(member.size == all.members.at(member.path).size());
    CHECK(member.sha256 == Sha256::of(all.members.at(member.path)));
  }
  return all;
}

WriterOptions options(Compression compression = Compression::gzip) {
  WriterOptions chosen;
  chosen.compression = compression;
  chosen.time = 1767225600;
  return chosen;
}

Writer opened(const std::string& path, const redact::Redactor& with, const WriterOptions& chosen = options()) {
  auto writer = Writer::open(path, chosen, with);
  INFO((writer ? "" : writer.error()));
  REQUIRE(writer.has_value());
  return std::move(*writer);
}

/// A small bundle of everything.
void fill(Writer& writer) {
  REQUIRE(writer.add("report/report.json", "{\"a\": 1}", Filter::document).has_value());
  REQUIRE(writer.add(item("logs", "app.log", "started\npassword " + secret + "\n"), 1000, soon()).has_value());
  REQUIRE(writer.add(item("config", ".env", "DB_PASSWORD=" + secret + "\nPORT=80\n"), 1000, soon()).has_value());
  writer.miss({"host/memory.txt", "host", "not allowed"});
}

void write_bundle(const std::string& path, const redact::Redactor& with, const WriterOptions& chosen = options()) {
  auto writer = opened(path, with, chosen);
  fill(writer);
  REQUIRE(writer.finish({}).has_value());
  REQUIRE(writer.leaks().value().empty());
  REQUIRE(writer.commit().has_value());
}

}  // namespace

TEST_CASE("a bundle has its members, redacted and counted", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  for (const auto compression : {Compression::gzip, Compression::zstd}) {
    const auto path = directory.path("b");
    write_bundle(path, with, options(compression));
    const auto read = read_whole(path);
    CHECK(read.members.at("report/report.json") == "{\"a\": 1}");
    CHECK(read.members.at("config/.env") == "DB_PASSWORD=[redacted:DB_PASSWORD]\nPORT=80\n");
    CHECK(read.members.at("logs/app.log").find(secret) == std::string::npos);
    CHECK(read.members.at(std::string{redaction_name}).find("DB_PASSWORD") != std::string::npos);
    for (const auto& member : read.manifest.members)
      if (member.path == "config/.env")
        CHECK(member.redacted == std::map<std::string, std::uint64_t>{{"DB_PASSWORD", 1}});
    REQUIRE(read.manifest.missing.size() == 1);
    CHECK(read.manifest.missing.front().path == "host/memory.txt");
    CHECK(directory.mode("b") == 0600);
  }
  CHECK(directory.entries() == 1);
}

TEST_CASE("the mode of a bundle does not depend on the umask", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  for (const mode_t mask : {0000U, 0777U}) {
    const auto before = umask(mask);
    write_bundle(directory.path("b"), with);
    umask(before);
    CHECK(directory.mode("b") == 0600);
  }
}

TEST_CASE("the same members give the same bytes, whatever their order", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  for (const auto compression : {Compression::gzip, Compression::zstd}) {
    write_bundle(directory.path("first"), with, options(compression));
    auto writer = opened(directory.path("second"), with, options(compression));
    writer.miss({"host/memory.txt", "host", "not allowed"});
    REQUIRE(writer.add(item("config", ".env", "DB_PASSWORD=" + secret + "\nPORT=80\n"), 1000, soon()).has_value());
    REQUIRE(writer.add(item("logs", "app.log", "started\npassword " + secret + "\n"), 1000, soon()).has_value());
    REQUIRE(writer.add("report/report.json", "{\"a\": 1}", Filter::document).has_value());
    REQUIRE(writer.finish({}).has_value());
    REQUIRE(writer.commit().has_value());
    CHECK(directory.read("first") == directory.read("second"));
  }
}

TEST_CASE("without commit nothing is left behind", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  {
    auto writer = opened(directory.path("b"), with);
    fill(writer);
    CHECK(directory.entries() == 0);  // not even under another name
    REQUIRE(writer.finish({}).has_value());
    CHECK(directory.entries() == 0);
  }
  CHECK(directory.entries() == 0);
}

TEST_CASE("an older bundle is replaced as a whole", "[writer]") {
  const test::Folder directory;
  directory.write("b", "an older one");
  const auto with = redactor();
  {
    auto writer = opened(directory.path("b"), with);
    fill(writer);
    REQUIRE(writer.finish({}).has_value());
  }
  CHECK(directory.read("b") == "an older one");
  write_bundle(directory.path("b"), with);
  read_whole(directory.path("b"));
  CHECK(directory.entries() == 1);
}

TEST_CASE("what is no regular file is neither followed nor replaced", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  directory.write("victim", "precious");
  fs::create_symlink(directory.path("victim"), directory.path("link"));
  fs::create_symlink(directory.path("nowhere"), directory.path("dangling"));
  REQUIRE(mkfifo(directory.path("fifo").c_str(), 0600) == 0);
  fs::create_directory(directory.path("folder"));
  for (const auto* name : {"link", "dangling", "fifo", "folder", "folder/", "missing/b", "victim/b", "."}) {
    const auto writer = Writer::open(directory.path(name), options(), with);
    INFO(name);
    REQUIRE_FALSE(writer.has_value());
    CHECK(writer.error().find(directory.path()) != std::string::npos);
  }
  CHECK(directory.read("victim") == "precious");
  CHECK(directory.entries() == 5);
  const auto null = Writer::open("/dev/null", options(), with);
  CHECK_FALSE(null.has_value());
}

TEST_CASE("a link planted meanwhile is replaced, not followed", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  directory.write("victim", "precious");
  auto writer = opened(directory.path("b"), with);
  fill(writer);
  REQUIRE(writer.finish({}).has_value());
  fs::create_symlink(directory.path("victim"), directory.path("b"));
  REQUIRE(writer.commit().has_value());
  CHECK(directory.read("victim") == "precious");
  CHECK_FALSE(fs::is_symlink(directory.path("b")));
  read_whole(directory.path("b"));
}

TEST_CASE("an item that cannot be read is missing, and the others are there", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  auto writer = opened(directory.path("b"), with);
  auto broken = item("logs", "broken.log", "");
  broken.read = [](const Take& take, std::uint64_t, const Deadline&) -> Outcome<Collected> {
    take("half a line of " + secret);
    ProbeFailure failure;
    failure.kind = FailureKind::permission_denied;
    failure.detail = "may not read " + secret;
    return tl::unexpected{failure};
  };
  REQUIRE(writer.add(broken, 1000, soon()).has_value());
  REQUIRE(writer.add(item("logs", "good.log", "fine\n"), 1000, soon()).has_value());
  REQUIRE(writer.add(item("logs", "good.log", "again\n"), 1000, soon()).has_value());
  REQUIRE(writer.add(item("logs", "../../escape", "x\n"), 1000, soon()).has_value());
  REQUIRE(writer.finish({}).has_value());
  REQUIRE(writer.leaks().value().empty());
  REQUIRE(writer.commit().has_value());
  const auto read = read_whole(directory.path("b"));
  CHECK(read.members.at("logs/good.log") == "fine\n");
  CHECK(read.members.size() == 3);
  CHECK(read.manifest.missing.size() == 3);
  CHECK(read.members.at("manifest.json").find(secret) == std::string::npos);
}

TEST_CASE("a secret that reached the archive is found before it has a name", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  auto binary = item("support", "dump.bin", std::string(100000, '\x01') + secret + std::string(100000, '\x02'));
  binary.binary = true;
  auto key = item("support", "key.bin",
                  "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIOdJ4BnFZmm1p3Hd5sVg0nGv2Qm0q1Tt5qkq0Jx1zXbT\n"
                  "-----END PRIVATE KEY-----\n");
  key.binary = true;
  auto harmless = item("support", "harmless.bin", std::string(1000, '\x03'));
  harmless.binary = true;
  auto writer = opened(directory.path("b"), with);
  for (const auto& added : {binary, key, harmless}) REQUIRE(writer.add(added, 1000000, soon()).has_value());
  REQUIRE(writer.finish({}).has_value());
  CHECK(writer.leaks().value() == std::vector<std::string>{"support/dump.bin", "support/key.bin"});
  CHECK(directory.entries() == 0);
}

TEST_CASE("a binary member goes in byte by byte", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i % 256);
  auto binary = item("support", "profile.pb.gz", bytes);
  binary.binary = true;
  auto writer = opened(directory.path("b"), with);
  REQUIRE(writer.add(binary, 1000000, soon()).has_value());
  REQUIRE(writer.finish({}).has_value());
  REQUIRE(writer.commit().has_value());
  CHECK(read_whole(directory.path("b")).members.at("support/profile.pb.gz") == bytes);
}

TEST_CASE("logs share the room that the rest leaves", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  auto chosen = options();
  chosen.most_bytes = 400000;
  auto writer = opened(directory.path("b"), with, chosen);
  std::vector<std::string> read;
  const auto added = add_all(
      writer,
      {item("logs", "flood.log", std::string(900000, 'f')), item("logs", "other.log", std::string(900000, 'o')),
       item("logs", "small.log", "small\n"), item("config", "app.yml", std::string(100000, 'c'))},
      [&](const Item& begun) { read.push_back(begun.path()); }, soon());
  REQUIRE(added.has_value());
  CHECK(read == std::vector<std::string>{"config/app.yml", "logs/small.log", "logs/flood.log", "logs/other.log"});
  REQUIRE(writer.finish({}).has_value());
  REQUIRE(writer.commit().has_value());
  const auto all = read_whole(directory.path("b"));
  CHECK(all.members.at("config/app.yml").size() == 100000);
  CHECK(all.members.at("logs/small.log") == "small\n");
  CHECK(all.members.at("logs/flood.log").size() > 140000);
  CHECK(all.members.at("logs/other.log").size() > 140000);
  CHECK(all.members.at("logs/flood.log").size() + all.members.at("logs/other.log").size() < 300000);
}

TEST_CASE("a log of two gigabytes stays within memory and size", "[writer]") {
  const test::Folder directory;
  const auto path = directory.path("b");
  const auto child = fork();
  if (child == 0) {
    const auto with = redactor();
    auto chosen = options();
    chosen.most_bytes = test::is_sanitized ? 4'000'000 : 64'000'000;
    auto writer = Writer::open(path, chosen, with);
    const bool whole = writer &&
                       add_all(
                           *writer, {endless_log(2'000'000'000)}, [](const Item&) {}, soon())
                           .has_value() &&
                       writer->finish({}) && writer->leaks().value_or(std::vector<std::string>{"?"}).empty() &&
                       writer->commit();
    _exit(whole ? 0 : 1);
  }
  int status = 0;
  rusage usage{};
  REQUIRE(wait4(child, &status, 0, &usage) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  if (!test::is_sanitized) CHECK(usage.ru_maxrss < 80 * 1024);  // less than what goes into the bundle
  const auto read = read_whole(path);
  CHECK(read.members.at("logs/endless.log").size() <= 80'000'000);
  CHECK(read.members.at("logs/endless.log").size() > 3'000'000);
  CHECK(read.members.at("logs/endless.log").find(secret) == std::string::npos);
  for (const auto& member : read.manifest.members)
    if (member.path == "logs/endless.log") CHECK_FALSE(member.complete);
}

TEST_CASE("what packs too well to be believed is packed less", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  auto chosen = options();
  chosen.most_bytes = 100'000'000;
  auto zeros = item("logs", "zeros.log", "");
  zeros.read = [](const Take& take, std::uint64_t, const Deadline&) -> Outcome<Collected> {
    const std::string line(1'000'000, '0');
    for (int i = 0; i < 80; ++i) take(line);
    return Collected{};
  };
  zeros.binary = true;  // the redactor is not what is measured here
  auto writer = opened(directory.path("b"), with, chosen);
  REQUIRE(writer.add(zeros, 90'000'000, soon()).has_value());
  REQUIRE(writer.finish({}).has_value());
  REQUIRE(writer.commit().has_value());
  CHECK(read_archive(directory.path("b"), [](const ArchiveMember&) { return true; }).has_value());
}

TEST_CASE("a file that may not grow is an error, and nothing stays", "[writer]") {
  const test::Folder directory;
  const auto path = directory.path("b");
  for (const rlim_t most : {1UL, 4096UL, 200000UL}) {
    const auto child = fork();
    if (child == 0) {
      const rlimit limit{most, most};
      setrlimit(RLIMIT_FSIZE, &limit);
      std::signal(SIGXFSZ, SIG_IGN);
      const auto with = redactor();
      auto writer = Writer::open(path, options(), with);
      if (!writer) _exit(1);
      const auto written = writer->add(endless_log(1'000'000), 1'000'000, soon())
                               .and_then([&] { return writer->add(endless_log(1), 1, soon()); })
                               .and_then([&] { return writer->finish({}).map([](const Manifest&) {}); });
      _exit(!written && written.error().find(path) != std::string::npos ? 0 : 2);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    INFO("limit " << most);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(directory.entries() == 0);
  }
}

TEST_CASE("a stop ends the writing", "[writer]") {
  const test::Folder directory;
  const auto with = redactor();
  std::stop_source stop;
  auto chosen = options();
  chosen.stop = stop.get_token();
  auto writer = opened(directory.path("b"), with, chosen);
  fill(writer);
  stop.request_stop();
  CHECK_FALSE(writer.finish({}).has_value());
  CHECK_FALSE(add_all(
                  writer, {item("logs", "x.log", "x")}, [](const Item&) {},
                  Deadline::after(std::chrono::seconds{5}, stop.get_token()))
                  .has_value());
}

}  // namespace doctor::bundle
