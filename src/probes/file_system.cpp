#include <cerrno>

#include <fcntl.h>
#include <sys/statvfs.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/in_root.hpp"
#include "util/text.hpp"

namespace doctor::probes::jobs {
namespace {

constexpr std::uint64_t most_mountinfo = 4 * 1024 * 1024;

struct MountPoint {
  std::string path;
  std::string type;
};

bool octal(char c) {
  return c >= '0' && c <= '7';
}

/// Blanks and backslashes of mountinfo are octal, "\040".
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '\\' && i + 3 < text.size() && octal(text[i + 1]) && octal(text[i + 2]) && octal(text[i + 3]);
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

bool covers(const std::string& mount, const std::string& path) {
  return mount == "/" || path == mount || (path.starts_with(mount) && path[mount.size()] == '/');
}

/// The mount that holds `path`: the longest mount point that covers it; of two at one place the later lies on top.
/// Fields as in proc(5): ID parent major:minor root MOUNTPOINT options ... - TYPE source options.
MountPoint mount_of(const std::string& path, const std::string& mountinfo) {
  MountPoint best;
  for (const auto& line : util::split(mountinfo, '\n')) {
    const auto fields = util::split(line, ' ');
    const auto dash = line.find(" - ");
    if (fields.size() < 6 || dash == std::string::npos) continue;
    auto place = unescaped(fields[4]);
    if (!covers(place, path) || place.size() < best.path.size()) continue;
    const auto rest = std::string_view{line}.substr(dash + 3);
    best = {std::move(place), std::string{rest.substr(0, rest.find(' '))}};
  }
  return best;
}

}  // namespace

Outcome<FileSystemAnswer> file_system(const FileSystemQuestion& question) {
  struct statvfs system {};
  const auto place = open_path(question.path, O_PATH);
  if (!place || fstatvfs(place.get(), &system) != 0) return failed_errno(errno, "the file system cannot be examined");
  const auto inside = rooted(question.path);
  const auto real = inside ? inside->path : read_link("/proc/self/fd/" + std::to_string(place.get()));
  if (real.empty()) return failed_errno(errno, "the path cannot be resolved");
  const auto process = inside ? inside->root.substr(0, inside->root.rfind('/')) : std::string{"/proc/self"};
  const auto mountinfo = contents(process + "/mountinfo", most_mountinfo);
  if (!mountinfo) return Failed{mountinfo.error()};
  const auto mount = mount_of(real, *mountinfo);
  FileSystemAnswer answer;
  answer.mount_point = mount.path;
  answer.type = mount.type;
  const auto usable = system.f_blocks - system.f_bfree + system.f_bavail;  // what is kept for root is nobody's room
  answer.total = static_cast<std::uint64_t>(usable) * system.f_frsize;
  answer.available = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
  answer.inodes = system.f_files;
  answer.inodes_free = system.f_favail;
  answer.read_only = (system.f_flag & ST_RDONLY) != 0;
  return answer;
}

}  // namespace doctor::probes::jobs
