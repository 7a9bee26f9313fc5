// A file that decides what doctor says is read only when nobody else could have written it.

#include "probes/trusted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/files_support.hpp"
#include "support/catch.hpp"

namespace doctor {

using test::soon;
using test::TemporaryDirectory;

namespace {

Outcome<probes::TrustedFile> read(const std::string& path, std::uint64_t most = 100) {
  const auto helper = probes::Helper::start();
  return probes::read_trusted(*helper, path, most, soon());
}

void expect_refused(const std::string& path, const std::string& words) {
  const auto file = read(path);
  REQUIRE(file);
  INFO(file->refused);
  CHECK(file->refused.find(words) != std::string::npos);
  CHECK(file->bytes.empty());
}

constexpr uid_t nobody = 65534;

}  // namespace

TEST_CASE("a file that only its user may write is read, bytes as they are", "[trusted]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("page.md", std::string("-+\n\0x", 5));
  const auto file = read(path);
  REQUIRE(file);
  CHECK(file->refused.empty());
  CHECK(file->bytes == std::string("-+\n\0x", 5));
  CHECK(read(directory.write("empty.md", ""))->bytes.empty());
  REQUIRE_FALSE(read(path, 4));
  CHECK(read(path, 4).error().kind == FailureKind::too_large);
}

TEST_CASE("a file, or a folder, that others may write is refused", "[trusted]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("page.md", "x", 0666);
  expect_refused(path, "everybody");
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  REQUIRE(chmod(directory.path().c_str(), 0777) == 0);
  expect_refused(path, "its folder");
  REQUIRE(chmod(directory.path().c_str(), 01777) == 0);
  CHECK(read(path)->refused.empty());
  if (geteuid() != 0) return;
  REQUIRE(chown(path.c_str(), nobody, nobody) == 0);
  expect_refused(path, "another user");
  REQUIRE(chown(path.c_str(), 0, nobody) == 0);
  REQUIRE(chmod(path.c_str(), 0664) == 0);
  expect_refused(path, "group");
}

TEST_CASE("of a link it is the target that counts", "[trusted]") {
  const TemporaryDirectory directory;
  const TemporaryDirectory open_to_all;
  REQUIRE(chmod(open_to_all.path().c_str(), 0777) == 0);
  open_to_all.write("page.md", "x");
  const auto link = directory / "page.md";
  REQUIRE(symlink((open_to_all / "page.md").c_str(), link.c_str()) == 0);
  expect_refused(link, "its folder");
}

TEST_CASE("what is no regular file is not read", "[trusted]") {
  const TemporaryDirectory directory;
  REQUIRE(mkfifo((directory / "pipe").c_str(), 0600) == 0);
  REQUIRE_FALSE(read(directory / "pipe"));
  CHECK(read(directory / "pipe").error().code == "FIFO");
  CHECK(read(directory.path()).error().code == "EISDIR");
  CHECK(read(directory / "nothing").error().kind == FailureKind::not_found);
  CHECK(read(std::string("a\0b", 3)).error().kind == FailureKind::not_found);
}

}  // namespace doctor
