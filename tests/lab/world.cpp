#include "lab/world.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace doctor::lab {
namespace {

bool loopback_up() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool up = socket >= 0 && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  if (socket >= 0) ::close(socket);
  return up;
}

std::string leave(int namespaces) {
  if (::unshare(namespaces) != 0) return std::string{"no namespaces of its own: "} + std::strerror(errno);
  return loopback_up() ? "" : "the loopback device of a new network cannot be switched on";
}

/// The first process of a new namespace: when it ends, so does every other one there.
bool become_first_process() {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::mount("proc", "/proc", "proc", 0, nullptr) == 0;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

}  // namespace

std::string leave_network() {
  return leave(CLONE_NEWNET);
}

std::string enter_world() {
  if (auto reason = leave(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID); !reason.empty()) return reason;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "its mounts cannot be made private";
  return become_first_process() ? "" : "no process namespace of its own";
}

}  // namespace doctor::lab
