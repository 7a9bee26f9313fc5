#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "probes/helper_descriptor.hpp"

/// Files of another mount namespace, reached through /proc/PID/root (proc(5)) without following a link out of it.
namespace doctor::probes {

/// "/proc/4711/root/etc/hosts" taken apart: {"/proc/4711/root", "/etc/hosts"}.
struct RootedPath {
  std::string root;
  std::string path;  ///< absolute inside; "/" for the root itself
};

/// Nothing: the path is an ordinary one of this host.
std::optional<RootedPath> rooted(std::string_view path);

/// open(2) with O_CLOEXEC. Of a path below /proc/PID/root every link, absolute ones and ".." too, stays below it
/// (openat2(2), RESOLVE_IN_ROOT), and magic links are refused. Empty, with errno, when it fails.
Descriptor open_path(const std::string& path, int flags);

/// The same for a path below a directory that is open already.
Descriptor open_below(const Descriptor& root, const std::string& path, int flags);

/// stat(2) and lstat(2), with the same rule. 0, or the errno.
int stat_path(const std::string& path, struct stat& status);
int lstat_path(const std::string& path, struct stat& status);

/// readlink(2), with the same rule. Empty, with errno, when it fails.
std::string read_link(const std::string& path);

}  // namespace doctor::probes
