#include "probes/in_root.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

namespace doctor::probes {

std::optional<RootedPath> rooted(std::string_view path) {
  constexpr std::string_view proc = "/proc/";
  constexpr std::string_view root = "/root";
  if (!path.starts_with(proc)) return std::nullopt;
  const auto end = path.find_first_not_of("0123456789", proc.size());
  if (end == std::string_view::npos || end == proc.size() || !path.substr(end).starts_with(root)) return std::nullopt;
  const auto rest = path.substr(end + root.size());
  if (!rest.empty() && rest.front() != '/') return std::nullopt;
  return RootedPath{std::string{path.substr(0, end + root.size())}, rest.empty() ? "/" : std::string{rest}};
}

namespace {

int status_of(const std::string& path, int flags, struct stat& status) {
  const auto file = open_path(path, O_PATH | flags);
  if (!file || fstat(file.get(), &status) != 0) return errno;
  return 0;
}

}  // namespace

Descriptor open_below(const Descriptor& root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // glibc 2.36 has no function for it.
  return Descriptor{static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how))};
}

Descriptor open_path(const std::string& path, int flags) {
  const auto inside = rooted(path);
  if (!inside) return Descriptor{open(path.c_str(), flags | O_CLOEXEC)};
  const Descriptor root{open(inside->root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  return root ? open_below(root, inside->path, flags) : Descriptor{};
}

int stat_path(const std::string& path, struct stat& status) {
  if (rooted(path)) return status_of(path, 0, status);
  return stat(path.c_str(), &status) == 0 ? 0 : errno;
}

int lstat_path(const std::string& path, struct stat& status) {
  if (rooted(path)) return status_of(path, O_NOFOLLOW, status);
  return lstat(path.c_str(), &status) == 0 ? 0 : errno;
}

std::string read_link(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const auto link = rooted(path) ? open_path(path, O_PATH | O_NOFOLLOW) : Descriptor{};
  const auto length = link ? readlinkat(link.get(), "", target.data(), target.size())
                           : readlink(path.c_str(), target.data(), target.size());
  return length < 0 ? std::string{} : std::string{target.data(), static_cast<std::size_t>(length)};
}

}  // namespace doctor::probes
