// Where Chatalot keeps its uploads.

#include <sys/mount.h>

#include <fstream>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

/// A small file system of its own on a directory.
class SmallDisk {
 public:
  SmallDisk(std::string path, const std::string& options) : path_(std::move(path)) {
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool read_only(const std::string& options) const {
    return ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, options.c_str()) == 0;
  }
  void fill() const {
    std::ofstream file{path_ + "/upload", std::ios::binary};
    const std::string block(65536, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

std::string owned_by(const ChatalotLab& lab) {
  return ",uid=" + std::to_string(lab.user()) + ",gid=" + std::to_string(lab.user()) + ",mode=0750";
}

}  // namespace

TEST_CASE("uploads that the server may not write", "[storage]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.directory().owner("data/files", 0);
  lab.directory().mode("data/files", 0755);
  const auto result = check(lab);
  expect_roots(result,
               {{"chatalot-storage-not-writable", "disk-not-writable", "disk", "setting:chatalot/FILE_STORAGE_PATH"}},
               1);
  CHECK(result.evidence("chatalot-storage-not-writable", "mode") == "0755");
}

TEST_CASE("a full disk under the uploads", "[storage]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const SmallDisk disk{lab.directory().path("data/files"), "size=2m" + owned_by(lab)};
  if (!disk.mounted()) return skip("mounting a tmpfs is not allowed here");
  disk.fill();
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-disk-full", "disk-space-exhausted", "disk", "disk:storage"}}, 1);
  CHECK(result.evidence("chatalot-disk-full", "role") == "storage");
}

TEST_CASE("uploads on a file system that is read-only", "[storage]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto options = "size=3g" + owned_by(lab);
  const SmallDisk disk{lab.directory().path("data/files"), options};
  if (!disk.mounted() || !disk.read_only(options)) return skip("mounting a tmpfs is not allowed here");
  expect_finding(check(lab), {"chatalot-storage-not-writable", "disk-read-only", "disk", ""});
}

}  // namespace doctor::lab
