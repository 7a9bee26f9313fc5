#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/in_root.hpp"

namespace doctor::probes::jobs {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_files = 200'000;
constexpr std::chrono::seconds most_time{2};
constexpr std::size_t most_answers = 10;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

/// Sums what lies below a directory, without recursion and without leaving the file system.
class Counter {
 public:
  explicit Counter(dev_t device) : device_{device} {}

  bool complete() const { return complete_; }

  /// What an entry takes on the disk, with all below it.
  std::uint64_t take(const std::string& path, const struct stat& status) {
    std::uint64_t bytes = size_of(status);
    std::vector<std::string> open;
    if (S_ISDIR(status.st_mode)) open.push_back(path);
    while (!open.empty() && in_bounds()) {
      const std::string directory = std::move(open.back());
      open.pop_back();
      bytes += visit(directory, open);
    }
    return bytes;
  }

  bool in_bounds() {
    const bool inside = files_ < most_files && Clock::now() < end_;
    if (!inside) complete_ = false;
    return inside;
  }

  bool same_device(const struct stat& status) const { return status.st_dev == device_; }

 private:
  std::uint64_t visit(const std::string& directory, std::vector<std::string>& open) {
    auto descriptor = open_path(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const std::unique_ptr<DIR, CloseDirectory> handle{descriptor ? fdopendir(descriptor.release()) : nullptr};
    if (handle == nullptr) {
      complete_ = false;
      return 0;
    }
    std::uint64_t bytes = 0;
    while (const dirent* next = readdir(handle.get())) {
      const std::string_view name{next->d_name};
      struct stat status {};
      if (name == "." || name == "..") continue;
      if (!in_bounds()) break;
      if (fstatat(dirfd(handle.get()), next->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !same_device(status))
        continue;
      bytes += size_of(status);
      if (S_ISDIR(status.st_mode)) open.push_back(directory + "/" + next->d_name);
    }
    return bytes;
  }

  /// A file with several names counts once.
  std::uint64_t size_of(const struct stat& status) {
    ++files_;
    if (!S_ISDIR(status.st_mode) && status.st_nlink > 1 && !seen_.insert(status.st_ino).second) return 0;
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }

  dev_t device_;
  Clock::time_point end_ = Clock::now() + most_time;
  std::size_t files_ = 0;
  std::set<ino_t> seen_;
  bool complete_ = true;
};

}  // namespace

Outcome<UsageAnswer> usage(const UsageQuestion& question) {
  auto descriptor = open_path(question.path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  const std::unique_ptr<DIR, CloseDirectory> handle{descriptor ? fdopendir(descriptor.release()) : nullptr};
  struct stat root {};
  if (handle == nullptr || fstat(dirfd(handle.get()), &root) != 0)
    return failed_errno(errno, "the directory cannot be read");
  Counter counter{root.st_dev};
  UsageAnswer answer;
  while (const dirent* next = readdir(handle.get())) {
    const std::string name{next->d_name};
    struct stat status {};
    if (name == "." || name == ".." || !counter.in_bounds()) continue;
    if (fstatat(dirfd(handle.get()), next->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (counter.same_device(status)) answer.largest.push_back({name, counter.take(question.path + "/" + name, status)});
  }
  std::sort(answer.largest.begin(), answer.largest.end(), [](const UsageEntry& a, const UsageEntry& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
  });
  if (answer.largest.size() > most_answers) answer.largest.resize(most_answers);
  answer.complete = counter.complete();
  return answer;
}

}  // namespace doctor::probes::jobs
