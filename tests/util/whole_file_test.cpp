#include "util/whole_file.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "bundle/folder.hpp"
#include "support/catch.hpp"

namespace doctor::util {
namespace {

bool write_whole(const std::string& path, const std::string& text) {
  auto file = WholeFile::open(path);
  return file && file->write(text) && file->commit();
}

/// In a process of its own that has no /proc: no file system gives a name to a nameless file there. Nothing when that
/// cannot be had.
template <class Function>
bool without_proc(const Function& function, int& code) {
  const auto child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", "/proc", "tmpfs", 0, nullptr) != 0)
      _exit(77);
    _exit(function() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  return code != 77;
}

}  // namespace

TEST_CASE("a file is at its path whole, or the older one is", "[whole-file]") {
  const test::Folder folder;
  CHECK(write_whole(folder.path("new"), "text"));
  CHECK(folder.read("new") == "text");
  CHECK(folder.mode("new") == 0600);
  CHECK(write_whole(folder.path("new"), "other"));
  CHECK(folder.read("new") == "other");
  {
    auto file = WholeFile::open(folder.path("new"));
    REQUIRE(file.has_value());
    REQUIRE(file->write("half").has_value());
  }
  CHECK(folder.read("new") == "other");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a file begins again", "[whole-file]") {
  const test::Folder folder;
  auto file = WholeFile::open(folder.path("new"));
  REQUIRE(file.has_value());
  REQUIRE(file->write("a longer first attempt").has_value());
  REQUIRE(file->restart().has_value());
  REQUIRE(file->write("second").has_value());
  REQUIRE(file->commit().has_value());
  CHECK(folder.read("new") == "second");
}

TEST_CASE("the working directory needs no name", "[whole-file]") {
  const test::Folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const bool written = write_whole("here", "text");
  std::filesystem::current_path(before);
  CHECK(written);
  CHECK(folder.read("here") == "text");
}

TEST_CASE("where a file without a name can get none, it is copied, whole as well", "[whole-file]") {
  const test::Folder folder;
  const std::string text(300000, 'x');
  int code = 0;
  const auto both = [&] { return write_whole(folder.path("new"), "first") && write_whole(folder.path("new"), text); };
  if (!without_proc(both, code)) return;  // needs root
  CHECK(code == 0);
  CHECK(folder.read("new") == text);
  CHECK(folder.mode("new") == 0600);
  CHECK(folder.entries() == 1);
}

TEST_CASE("a copy for which there is no room leaves nothing", "[whole-file]") {
  const test::Folder folder;
  int code = 0;
  const auto full = [&] {
    if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0) _exit(77);
    auto file = WholeFile::open(folder.path("new"));
    if (!file || !file->write(std::string(40000, 'x'))) return false;
    const auto committed = file->commit();  // twice as much for a moment
    return !committed && committed.error().find("No space left") != std::string::npos && folder.entries() == 0;
  };
  if (without_proc(full, code)) CHECK(code == 0);
}

TEST_CASE("a nameless file is read back and leaves no trace", "[whole-file]") {
  const test::Folder folder;
  const auto file = nameless_file(folder.path());
  REQUIRE(file.has_value());
  REQUIRE(write_all(file->get(), "spooled"));
  std::string back(7, '\0');
  REQUIRE(pread(file->get(), back.data(), back.size(), 0) == 7);
  CHECK(back == "spooled");
  CHECK(folder.entries() == 0);
  CHECK_FALSE(nameless_file(folder.path("missing")).has_value());
}

}  // namespace doctor::util
