#include "util/whole_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "util/text.hpp"

namespace doctor::util {
namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;
constexpr mode_t everybody_reads = owner_only | S_IRGRP | S_IROTH;
constexpr int attempts = 16;

/// A name that nobody can have planted something at.
std::string random_name() {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, 16> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return {};
  std::string name = ".doctor-";
  for (const auto byte : random) name += letters[byte % letters.size()];
  return name;
}

/// A new file under a random name, whose name is left in `name`.
Descriptor named_file(int directory, std::string& name) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    name = random_name();
    if (name.empty()) return {};
    Descriptor file{openat(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_only)};
    if (file.valid() || errno != EEXIST) return file;
  }
  return {};
}

/// A file without a name; `linkable` says whether it can be given one. The mode holds whatever the umask is.
Descriptor nameless(int directory, bool& linkable) {
  linkable = faccessat(AT_FDCWD, "/proc/self/fd", X_OK, 0) == 0;
  Descriptor file;
  if (linkable) file = Descriptor{openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, owner_only)};
  if (!file.valid()) {
    linkable = false;
    std::string name;
    file = named_file(directory, name);
    if (file.valid()) unlinkat(directory, name.c_str(), 0);
  }
  if (file.valid() && fchmod(file.get(), owner_only) != 0) return {};
  return file;
}

Descriptor open_directory(const std::string& path) {
  Descriptor directory{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.valid() || errno != EACCES) return directory;
  return Descriptor{open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};  // one that may be written but not listed
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(value_, other.value_);
  return *this;
}

Descriptor::~Descriptor() {
  if (value_ >= 0) close(value_);
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = EIO;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

tl::expected<Descriptor, std::string> nameless_file(const std::string& directory) {
  const auto place = open_directory(directory);
  bool linkable = false;
  auto file = place.valid() ? nameless(place.get(), linkable) : Descriptor{};
  if (!file.valid()) return tl::unexpected{"cannot write to " + shown(directory) + ": " + std::strerror(errno)};
  return file;
}

std::string WholeFile::failure(std::string_view why) const {
  return "cannot write " + shown(path_) + ": " + (why.empty() ? std::string{std::strerror(errno)} : std::string{why});
}

tl::expected<WholeFile, std::string> WholeFile::open(const std::string& path) {
  WholeFile whole;
  whole.path_ = path;
  const auto slash = path.rfind('/');
  whole.name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  whole.directory_ = open_directory(slash == std::string::npos ? "." : path.substr(0, slash + 1));
  if (!whole.directory_.valid()) return tl::unexpected{whole.failure()};
  const auto name = whole.name_.empty() ? std::string{"."} : whole.name_;
  struct stat existing {};
  if (fstatat(whole.directory_.get(), name.c_str(), &existing, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISREG(existing.st_mode))
      return tl::unexpected{whole.failure("something that is not a regular file is there")};
  } else if (errno != ENOENT) {
    return tl::unexpected{whole.failure()};
  }
  whole.file_ = nameless(whole.directory_.get(), whole.linkable_);
  if (!whole.file_.valid()) return tl::unexpected{whole.failure()};
  return whole;
}

tl::expected<void, std::string> WholeFile::write(std::string_view bytes) {
  if (!write_all(file_.get(), bytes)) return tl::unexpected{failure()};
  return {};
}

tl::expected<void, std::string> WholeFile::restart() {
  if (ftruncate(file_.get(), 0) != 0 || lseek(file_.get(), 0, SEEK_SET) != 0) return tl::unexpected{failure()};
  return {};
}

bool WholeFile::link_as(const std::string& name) const {
  const auto own = "/proc/self/fd/" + std::to_string(file_.get());
  return linkat(AT_FDCWD, own.c_str(), directory_.get(), name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

/// For a file system that cannot give a name to a file without one.
bool WholeFile::copy_to(const std::string& name) const {
  const Descriptor copy{
      openat(directory_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_only)};
  if (!copy.valid()) return false;
  std::array<char, 65536> buffer{};
  off_t offset = 0;
  for (;;) {
    const auto count = pread(file_.get(), buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return fchmod(copy.get(), owner_only) == 0 && fsync(copy.get()) == 0;
    if (count < 0 || !write_all(copy.get(), {buffer.data(), static_cast<std::size_t>(count)})) return false;
    offset += count;
  }
}

/// Under another name first, since a name is only ever replaced by renaming.
bool WholeFile::replace() const {
  const auto name = random_name();
  if (name.empty()) return false;
  if ((linkable_ ? link_as(name) : copy_to(name)) &&
      renameat(directory_.get(), name.c_str(), directory_.get(), name_.c_str()) == 0)
    return true;
  const int reason = errno;
  if (reason != EEXIST) unlinkat(directory_.get(), name.c_str(), 0);
  errno = reason;
  return false;
}

/// For commit_new() on a file system that cannot give a name to a file without one.
bool WholeFile::rename_copy() const {
  const auto name = random_name();
  if (name.empty()) return false;
  if (copy_to(name) && fchmodat(directory_.get(), name.c_str(), everybody_reads, 0) == 0 &&
      renameat2(directory_.get(), name.c_str(), directory_.get(), name_.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  const int reason = errno;
  unlinkat(directory_.get(), name.c_str(), 0);
  errno = reason;
  return false;
}

tl::expected<void, std::string> WholeFile::commit_new() {
  if (fchmod(file_.get(), everybody_reads) != 0 || fsync(file_.get()) != 0) return tl::unexpected{failure()};
  if (!(linkable_ ? link_as(name_) : rename_copy())) return tl::unexpected{failure()};
  fsync(directory_.get());
  return {};
}

tl::expected<void, std::string> WholeFile::commit() {
  if (fsync(file_.get()) != 0) return tl::unexpected{failure()};
  const bool is_there = (linkable_ && link_as(name_)) || replace();
  if (!is_there) return tl::unexpected{failure()};
  fsync(directory_.get());  // the file is there and whole; some file systems know no fsync of directories
  return {};
}

}  // namespace doctor::util
