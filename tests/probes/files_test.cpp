#include "probes/files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "probes/files_support.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace std::chrono_literals;
using probes::Helper;
using test::soon;
using test::TemporaryDirectory;

namespace {

std::shared_ptr<Helper> helper() {
  return Helper::start();
}

FileAnswer file(const std::string& path) {
  return probes::FileProbe{helper()}.ask({path}, soon()).value();
}

AccessAnswer access_of(const std::string& path, const std::string& want, std::uint32_t uid,
                       std::vector<std::uint32_t> gids) {
  return probes::AccessProbe{helper()}.ask({path, want, uid, std::move(gids)}, soon()).value();
}

/// What df(1) says of the file system with a path: bytes used, bytes available.
std::pair<std::uint64_t, std::uint64_t> df(const std::string& path) {
  const auto command = "df -B1 --output=used,avail '" + path + "' | tail -n 1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
  unsigned long long used = 0;
  unsigned long long available = 0;
  if (!pipe || std::fscanf(pipe.get(), "%llu %llu", &used, &available) != 2) throw std::runtime_error("df");
  return {used, available};
}

/// A mounted tmpfs, or nothing where mounting is not allowed.
class Tmpfs {
 public:
  Tmpfs(const std::string& path, const char* options, unsigned long flags = 0) : path_{path} {
    std::filesystem::create_directory(path);
    mounted_ = mount("none", path.c_str(), "tmpfs", flags, options) == 0;
  }
  ~Tmpfs() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  Tmpfs(const Tmpfs&) = delete;
  Tmpfs& operator=(const Tmpfs&) = delete;
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("the file probe says what stands at a path") {
  const TemporaryDirectory folder;
  const auto path = folder.write("plain", "12345", 0640);
  const auto plain = file(path);
  CHECK(plain.kind == "file");
  CHECK(plain.mode == 0640);
  CHECK(plain.size == 5);
  CHECK(plain.uid == geteuid());
  CHECK(plain.modified > 1'600'000'000);
  CHECK(file(folder.path()).kind == "directory");
  CHECK(file(folder / "nothing").kind == "missing");
  CHECK(file(path + "/below").kind == "missing");
  CHECK(file("/dev/null").kind == "device");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(file(folder / "fifo").kind == "fifo");
  std::filesystem::create_symlink(path, folder / "link");
  CHECK(file(folder / "link").kind == "file");
  std::filesystem::create_symlink("loop", folder / "loop");
  CHECK(probes::FileProbe{helper()}.ask({folder / "loop"}, soon()).error().code == "ELOOP");
}

TEST_CASE("the text probe reads regular files within bounds") {
  const TemporaryDirectory folder;
  probes::TextProbe probe{helper()};
  CHECK(probe.ask({folder.write("a", "päth\r\n")}, soon()).value().text == "päth\r\n");
  CHECK(probe.ask({folder.write("full", std::string(100, 'x')), 100}, soon()).value().text.size() == 100);
  const auto large = probe.ask({folder.write("large", std::string(101, 'x')), 100}, soon());
  CHECK(large.error().kind == FailureKind::too_large);
  CHECK(probe.ask({folder.write("nul", std::string("a\0b", 3))}, soon()).error().code == "NUL");
  CHECK(probe.ask({folder.write("latin", "caf\xe9")}, soon()).error().code == "UTF-8");
  CHECK(probe.ask({folder / "nothing"}, soon()).error().kind == FailureKind::not_found);
  CHECK(probe.ask({folder.path()}, soon()).error().code == "EISDIR");
}

TEST_CASE("a FIFO, a device and a socket are named, not read") {
  const TemporaryDirectory folder;
  const auto shared = helper();
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(probes::read_bytes(*shared, folder / "fifo", 100, soon()).error().code == "FIFO");
  CHECK(probes::read_bytes(*shared, "/dev/zero", 100, soon()).error().code == "DEVICE");
  const int number = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(probes::read_bytes(*shared, folder / "socket", 100, soon()).error().code == "SOCKET");
  close(number);
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("read_bytes takes any path and any byte") {
  const TemporaryDirectory folder;
  const auto shared = helper();
  const auto path = folder.write("new\nline\xff\"", std::string("\0\xff\n", 3));
  CHECK(probes::read_bytes(*shared, path, 100, soon()).value() == std::string("\0\xff\n", 3));
  CHECK(probes::read_bytes(*shared, "/proc/self/mountinfo", 1'000'000, soon()).value().find(" / ") !=
        std::string::npos);
  CHECK(probes::read_bytes(*shared, std::string("/etc/passwd\0x", 13), 100, soon()).error().kind ==
        FailureKind::not_found);
}

TEST_CASE("the directory probe lists regular files by name, with digests") {
  const TemporaryDirectory folder;
  folder.write("002_b.sql", "select 2;\r\n");
  folder.write("001_a.sql", "abc");
  std::filesystem::create_directory(folder / "below");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  probes::DirectoryProbe probe{helper()};
  const auto plain = probe.ask({folder.path(), ""}, soon()).value();
  REQUIRE(plain.entries.size() == 2);
  CHECK(plain.entries[0].name == "001_a.sql");
  CHECK(plain.entries[0].size == 3);
  CHECK(plain.entries[0].digest.empty());
  const auto digested = probe.ask({folder.path(), "sha384"}, soon()).value();
  CHECK(digested.entries[0].digest ==  // FIPS 180-2, appendix: SHA-384 of "abc"
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  CHECK_FALSE(digested.entries[0].crlf);
  CHECK(digested.entries[1].crlf);
  CHECK(probe.ask({folder / "nothing", ""}, soon()).error().kind == FailureKind::not_found);
}

TEST_CASE("access is judged by owner, then group, then other") {
  const TemporaryDirectory folder;
  const auto path = folder.write("key", "x", 0640);
  REQUIRE(chown(path.c_str(), 1000, 2000) == 0);
  CHECK(access_of(path, "read", 1000, {1}).allowed);
  CHECK(access_of(path, "write", 1000, {1}).allowed);
  CHECK(access_of(path, "read", 999, {999, 2000}).allowed);
  CHECK_FALSE(access_of(path, "write", 999, {2000}).allowed);
  const auto other = access_of(path, "read", 999, {999});
  CHECK_FALSE(other.allowed);
  CHECK(other.reason == "mode");
  CHECK(other.blocked_at == path);
  CHECK(other.mode == 0640);
  CHECK(other.uid == 1000);
  CHECK(other.gid == 2000);
  CHECK(access_of(path, "write", 0, {0}).allowed);
  chmod(path.c_str(), 0046);
  CHECK_FALSE(access_of(path, "read", 1000, {2000}).allowed);  // the owner's bits count, not the group's
}

TEST_CASE("a directory on the way stops whoever may not pass it") {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder / "a/b");
  folder.write("a/b/file", "x", 0644);
  chmod((folder / "a").c_str(), 0700);
  const auto answer = access_of(folder / "a/b/file", "read", 999, {999});
  CHECK_FALSE(answer.allowed);
  CHECK(answer.blocked_at == folder / "a");
  CHECK(answer.mode == 0700);
  CHECK(access_of(folder / "a/b/file", "read", 0, {}).allowed);
  std::filesystem::create_symlink(folder / "a/b", folder / "link");
  CHECK(access_of(folder / "link/file", "read", 999, {999}).blocked_at == folder / "a");
  CHECK(access_of(folder / "a/../link/file", "read", 999, {999}).blocked_at == folder / "a");
  chmod((folder / "a").c_str(), 0711);
  CHECK(access_of(folder / "link/../b/file", "read", 999, {999}).allowed);
}

TEST_CASE("a missing path is missing, or judged by its nearest parent") {
  const TemporaryDirectory folder;
  const auto missing = access_of(folder / "data/files", "write", 0, {0});
  CHECK(missing.reason == "missing");
  CHECK(missing.blocked_at == folder / "data");
  CHECK(access_of(folder / "data/files", "create", 0, {0}).allowed);
  const auto denied = access_of(folder / "data/files", "create", 999, {999});
  CHECK(denied.reason == "mode");
  CHECK(denied.blocked_at == folder.path());
  const auto file = folder.write("file", "x", 0666);
  CHECK(access_of(file + "/below", "create", 0, {0}).reason == "missing");
  CHECK(access_of("/", "read", 999, {999}).allowed);
}

TEST_CASE("creating in a directory needs the right to search it too") {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "drop");
  chmod((folder / "drop").c_str(), 0772);
  CHECK_FALSE(access_of(folder / "drop", "write", 999, {999}).allowed);
  chmod((folder / "drop").c_str(), 0773);
  CHECK(access_of(folder / "drop", "write", 999, {999}).allowed);
}

TEST_CASE("a read-only mount stops even root") {
  const TemporaryDirectory folder;
  const Tmpfs mount{folder / "mount", "size=1m", MS_RDONLY};
  if (!mount.mounted()) {
    WARN("mounting is not allowed here");
    return;
  }
  CHECK(access_of(folder / "mount", "read", 0, {0}).allowed);
  const auto answer = access_of(folder / "mount", "write", 0, {0});
  CHECK_FALSE(answer.allowed);
  CHECK(answer.reason == "read-only mount");
  CHECK(access_of(folder / "mount/new", "create", 0, {0}).reason == "read-only mount");
  CHECK(probes::FileSystemProbe{helper()}.ask({folder / "mount"}, soon()).value().read_only);
}

TEST_CASE("the file system probe measures a full file system") {
  const TemporaryDirectory folder;
  const Tmpfs mount{folder / "mo unt", "size=1m,nr_inodes=100"};
  if (!mount.mounted()) {
    WARN("mounting is not allowed here");
    return;
  }
  probes::FileSystemProbe probe{helper()};
  const auto empty = probe.ask({folder / "mo unt"}, soon()).value();
  CHECK(empty.type == "tmpfs");
  CHECK(empty.mount_point == folder / "mo unt");
  CHECK(empty.total == 1024 * 1024);
  CHECK(empty.available == 1024 * 1024);
  CHECK(empty.inodes == 100);
  CHECK_FALSE(empty.read_only);
  folder.write("mo unt/fill", std::string(2 * 1024 * 1024, 'x'));
  const auto full = probe.ask({folder / "mo unt/fill"}, soon()).value();
  CHECK(full.mount_point == folder / "mo unt");
  CHECK(full.available == 0);
  CHECK(full.inodes_free == 98);
  const auto outside = probe.ask({folder.path()}, soon()).value();
  CHECK(outside.mount_point != folder / "mo unt");
  CHECK(probe.ask({folder / "nothing"}, soon()).error().kind == FailureKind::not_found);
}

TEST_CASE("what is kept for root counts neither as used nor as room, as df(1) has it") {
  const TemporaryDirectory folder;
  const auto [used, available] = df(folder.path());
  REQUIRE(used + available > 0);
  const auto answer = probes::FileSystemProbe{helper()}.ask({folder.path()}, soon()).value();
  // Others write to this file system meanwhile.
  const auto close = [](std::uint64_t one, std::uint64_t other) {
    return std::max(one, other) - std::min(one, other) <= std::max(one, other) / 50;
  };
  CHECK(close(answer.total, used + available));
  CHECK(close(answer.available, available));
}

TEST_CASE("usage sums each entry with all below it, largest first") {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder / "big/deep/deeper");
  folder.write("big/deep/deeper/data", std::string(3'000'000, 'x'));
  folder.write("small", std::string(10'000, 'x'));
  std::filesystem::create_hard_link(folder / "small", folder / "twin");
  std::filesystem::create_symlink("/usr", folder / "link");
  const Tmpfs other{folder / "other", "size=4m"};
  if (other.mounted()) folder.write("other/data", std::string(3'500'000, 'x'));
  const auto answer = probes::UsageProbe{helper()}.ask({folder.path()}, soon()).value();
  CHECK(answer.complete);
  REQUIRE(answer.largest.size() >= 3);
  CHECK(answer.largest[0].name == "big");
  CHECK(answer.largest[0].bytes >= 3'000'000);
  CHECK(answer.largest[0].bytes < 3'200'000);
  std::uint64_t rest = 0;
  for (std::size_t i = 1; i < answer.largest.size(); ++i) rest += answer.largest[i].bytes;
  CHECK(rest >= 10'000);
  CHECK(rest < 20'000);
}

TEST_CASE("usage keeps ten and says when it stopped early") {
  const TemporaryDirectory folder;
  for (int i = 0; i < 12; ++i) folder.write("file" + std::to_string(i), "x");
  const auto few = probes::UsageProbe{helper()}.ask({folder.path()}, soon()).value();
  CHECK(few.largest.size() == 10);
  CHECK(few.complete);
  const auto all = probes::UsageProbe{helper()}.ask({"/"}, soon());
  REQUIRE(all);  // within 3 s however large the machine's disk is
  CHECK_FALSE(all->largest.empty());
  CHECK(probes::UsageProbe{helper()}.ask({folder / "file1"}, soon()).error().code == "ENOTDIR");
}

TEST_CASE("a plain user's right to look is told apart from absence") {
  if (geteuid() != 0) return;
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "locked");
  folder.write("locked/file", "x");
  chmod((folder / "locked").c_str(), 0700);
  REQUIRE(seteuid(65534) == 0);
  const auto plain = helper();
  REQUIRE(seteuid(0) == 0);
  CHECK(probes::FileProbe{plain}.ask({folder / "locked/file"}, soon()).error().kind == FailureKind::permission_denied);
  CHECK(probes::TextProbe{plain}.ask({folder / "locked/file"}, soon()).error().kind == FailureKind::permission_denied);
  CHECK(probes::AccessProbe{plain}.ask({folder / "locked/file", "read", 0, {0}}, soon()).error().kind ==
        FailureKind::permission_denied);
  const auto blocked = probes::AccessProbe{plain}.ask({folder / "locked/file", "read", 999, {}}, soon());
  REQUIRE(blocked);
  CHECK(blocked->blocked_at == folder / "locked");
}
