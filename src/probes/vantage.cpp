#include "probes/vantage.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "probes/in_root.hpp"
#include "probes/name_query.hpp"
#include "probes/resolv_conf.hpp"
#include "probes/transport.hpp"
#include "util/crash.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_hosts = 4UL * 1024 * 1024;
constexpr std::size_t most_resolv_conf = 64UL * 1024;
constexpr std::chrono::milliseconds lookup_limit{2900};  // just below the Resolver's own

/// Why doctor cannot stand there. Each is its own shortcoming, no finding about the deployment.
ProbeFailure cannot_enter(int error) {
  ProbeFailure failure;
  failure.kind = FailureKind::permission_denied;
  const char* name = strerrorname_np(error);
  failure.code = name != nullptr ? name : "errno " + std::to_string(error);
  const bool forbidden = error == EPERM || error == EACCES;
  const bool gone = error == ESRCH || error == ENOENT;
  failure.detail = forbidden ? "only root may enter a container's network"
                   : gone    ? "the container has ended meanwhile"
                             : "the container's network cannot be entered";
  return failure;
}

Failed unreadable(int error) {
  return Failed{failure_of_errno(error, "file", {}, {})};
}

/// `file` as open(2) gave it, with errno when it is none.
Outcome<std::string> text_of(const Descriptor& file, std::size_t most) {
  if (!file) return unreadable(errno);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return unreadable(errno);
  if (!S_ISREG(status.st_mode)) return unreadable(S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  std::string text;
  std::string buffer(16UL * 1024, '\0');
  for (;;) {
    const auto count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(errno);
    if (count == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(count));
    if (text.size() <= most) continue;
    ProbeFailure failure;
    failure.kind = FailureKind::too_large;
    failure.phase = "file";
    failure.detail = "more than " + std::to_string(most) + " bytes";
    return Failed{std::move(failure)};
  }
}

/// What leads to a process: its directory in /proc, which is of no other process that gets the same number later.
struct Door {
  explicit Door(int pid) {
    if (pid <= 0) return;
    process = Descriptor{open(("/proc/" + std::to_string(pid)).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  }

  /// Moves the calling thread into the network of the process. 0, or the errno that forbids it.
  int enter() const {
    if (!process) return ESRCH;
    const Descriptor space{openat(process.get(), "ns/net", O_RDONLY | O_CLOEXEC)};
    if (!space) return errno;
    return setns(space.get(), CLONE_NEWNET) == 0 ? 0 : errno;
  }

  /// The text of a regular file as the process sees it; empty when there is none or it is too large.
  std::string text(const std::string& path, std::size_t most) const { return read(path, most).value_or(std::string{}); }

  Outcome<std::string> read(const std::string& path, std::size_t most) const {
    const Descriptor root{openat(process.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root) return unreadable(errno);
    return text_of(open_below(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), most);
  }

  Descriptor process;
};

/// As programs in the container do it: the hosts file, then the name servers.
Outcome<ResolveAnswer> look_up(const Door& door, const std::string& name) {
  if (const int error = door.enter(); error != 0) return Failed{cannot_enter(error)};
  const auto deadline = Deadline::after(lookup_limit);
  auto known = addresses_in_hosts(door.text("/etc/hosts", most_hosts), name);
  if (!known.empty()) return ResolveAnswer{std::move(known)};
  return query_name(parse_resolv_conf(door.text("/etc/resolv.conf", most_resolv_conf)), name, deadline);
}

}  // namespace

struct Vantages::Place {
  explicit Place(int pid)
      : door{std::make_shared<const Door>(pid)},
        resolver{[shared = door](const std::string& name) { return look_up(*shared, name); }} {}

  std::shared_ptr<const Door> door;
  Resolver resolver;
};

Vantages::Vantages(Resolver& host, const Places& places) : host_{host} {
  for (const auto& [name, pid] : places) places_.emplace(name, std::make_unique<Place>(pid));
}
Vantages::~Vantages() = default;

std::optional<ProbeFailure> Vantages::run(const std::string& vantage, const std::function<void(Resolver&)>& work) {
  if (vantage == host_vantage) {
    work(host_);
    return std::nullopt;
  }
  const auto found = places_.find(vantage);
  if (found == places_.end()) return no_such_vantage(vantage);
  auto& place = *found->second;
  int error = 0;
  std::exception_ptr thrown;
  std::thread worker{[&, name = util::doing()] {
    const util::Doing doing{name};
    error = place.door->enter();
    if (error != 0) return;
    try {
      work(place.resolver);
    } catch (const std::exception&) {
      thrown = std::current_exception();
    }
  }};
  worker.join();
  if (thrown) std::rethrow_exception(thrown);
  return error == 0 ? std::nullopt : std::optional{cannot_enter(error)};
}

Outcome<std::string> Vantages::text(const std::string& vantage, const std::string& path, std::size_t most) const {
  if (!path.starts_with('/')) return unreadable(ENOENT);
  if (vantage == host_vantage) return text_of(open_path(path, O_RDONLY | O_NONBLOCK | O_NOCTTY), most);
  const auto found = places_.find(vantage);
  if (found == places_.end()) return Failed{no_such_vantage(vantage)};
  return found->second->door->read(path, most);
}

std::optional<ProbeFailure> Vantages::why_not(int pid) {
  int error = 0;
  std::thread worker{[&] { error = Door{pid}.enter(); }};
  worker.join();
  return error == 0 ? std::nullopt : std::optional{cannot_enter(error)};
}

}  // namespace doctor::probes
