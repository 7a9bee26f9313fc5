#include <algorithm>
#include <cerrno>
#include <deque>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/in_root.hpp"
#include "util/text.hpp"

namespace doctor::probes::jobs {
namespace {

constexpr int most_links = 40;  // as the kernel (path_resolution(7))

enum Right : unsigned { search = 1, write = 2, read = 4 };

/// Owner, group or other, whichever comes first (path_resolution(7)). Root needs no right.
bool has_rights(const AccessQuestion& who, const struct stat& status, unsigned wanted) {
  if (who.uid == 0) return true;
  unsigned granted = status.st_mode & 7U;
  if (status.st_uid == who.uid)
    granted = (status.st_mode >> 6U) & 7U;
  else if (std::find(who.gids.begin(), who.gids.end(), status.st_gid) != who.gids.end())
    granted = (status.st_mode >> 3U) & 7U;
  return (granted & wanted) == wanted;
}

AccessAnswer blocked(std::string reason, std::string at, const struct stat& status) {
  AccessAnswer answer;
  answer.reason = std::move(reason);
  answer.blocked_at = std::move(at);
  answer.mode = status.st_mode & 07777U;
  answer.uid = status.st_uid;
  answer.gid = status.st_gid;
  return answer;
}

std::string below(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory + "/" + name;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// Where the walk along a path ended.
struct Walk {
  std::string at;  ///< real path of the component reached, or of the missing one; in the container for one of its files
  struct stat status {};
  bool missing = false;
  bool searchable = true;  ///< false: the user may not pass the directory `at`
};

/// Goes along a path as the kernel does for that user, links included.
class Walker {
 public:
  explicit Walker(const AccessQuestion& who) : who_{who} {
    const auto inside = rooted(who.path);
    if (inside) root_ = inside->root;
    push(inside ? inside->path : who.path);
  }

  Outcome<Walk> walk() {
    if (const int error = stat_path(root_ + "/", here_.status); error != 0)
      return failed_errno(error, "the root directory cannot be examined");
    here_.at = "/";
    while (!open_.empty() && !here_.missing && here_.searchable) {
      std::string name = std::move(open_.front());
      open_.pop_front();
      if (const int error = step(name); error != 0) return failed_errno(error, "the path cannot be examined");
    }
    return here_;
  }

 private:
  void push(const std::string& path) {
    const auto parts = util::split(path, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
      if (!part->empty() && *part != ".") open_.push_front(*part);
  }

  /// 0, or the errno that keeps doctor itself from looking.
  int step(const std::string& name) {
    if (!S_ISDIR(here_.status.st_mode)) {
      here_.at = below(here_.at, name);
      here_.missing = true;
      return 0;
    }
    if (!has_rights(who_, here_.status, search)) {
      here_.searchable = false;
      return 0;
    }
    if (name == "..") return enter(parent_of(here_.at));
    const auto next = below(here_.at, name);
    struct stat status {};
    if (const int error = lstat_path(root_ + next, status); error != 0) {
      if (error != ENOENT) return error;
      here_.missing = true;
      here_.at = next;
      return 0;
    }
    if (S_ISLNK(status.st_mode)) return follow(next);
    here_.at = next;
    here_.status = status;
    return 0;
  }

  int enter(const std::string& directory) {
    if (const int error = stat_path(root_ + directory, here_.status); error != 0) return error;
    here_.at = directory;
    return 0;
  }

  int follow(const std::string& link) {
    if (++links_ > most_links) return ELOOP;
    const auto text = read_link(root_ + link);
    if (text.empty()) return errno;
    push(text);
    return text.starts_with('/') ? enter("/") : 0;
  }

  const AccessQuestion& who_;
  std::string root_;  ///< of a container; empty: this host's
  std::deque<std::string> open_;
  Walk here_;
  int links_ = 0;
};

/// Whether a path lies on a file system that is mounted read-only.
Outcome<bool> on_read_only(const std::string& path) {
  struct statvfs system {};
  const auto place = open_path(path, O_PATH);
  if (!place || fstatvfs(place.get(), &system) != 0) return failed_errno(errno, "the file system cannot be examined");
  return (system.f_flag & ST_RDONLY) != 0;
}

/// The rights on what was found, for someone who got there.
Outcome<AccessAnswer> judge(const AccessQuestion& question, const Walk& walk) {
  const unsigned through = S_ISDIR(walk.status.st_mode) ? static_cast<unsigned>(search) : 0U;
  const bool reading = question.want == "read";
  if (!has_rights(question, walk.status, through | (reading ? read : write)))
    return blocked("mode", walk.at, walk.status);
  if (!reading) {
    const auto inside = rooted(question.path);
    const auto frozen = on_read_only(inside ? inside->root + walk.at : walk.at);
    if (!frozen) return Failed{frozen.error()};
    if (*frozen) return blocked("read-only mount", walk.at, walk.status);
  }
  AccessAnswer answer;
  answer.allowed = true;
  return answer;
}

}  // namespace

Outcome<AccessAnswer> access(const AccessQuestion& question) {
  if (!question.path.starts_with('/')) return failed(FailureKind::not_found, "ENOENT", "the path is not absolute");
  auto walk = Walker{question}.walk();
  if (!walk) return Failed{walk.error()};
  if (!walk->searchable) return blocked("mode", walk->at, walk->status);
  if (!walk->missing) return judge(question, *walk);
  struct stat nothing {};
  if (question.want != "create" || !S_ISDIR(walk->status.st_mode)) return blocked("missing", walk->at, nothing);
  walk->at = parent_of(walk->at);  // its status is still the one of the last directory that exists
  return judge(question, *walk);
}

}  // namespace doctor::probes::jobs
