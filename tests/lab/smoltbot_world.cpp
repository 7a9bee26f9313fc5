#include "lab/smoltbot_world.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace doctor::lab {
namespace {

constexpr const char* hosts_file = "/etc/hosts";
constexpr const char* resolver_file = "/etc/resolv.conf";

bool loopback_up() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool up = socket >= 0 && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  if (socket >= 0) ::close(socket);
  return up;
}

std::string hosts() {
  const auto line = [](const std::string& address, const std::string& name) { return address + " " + name + "\n"; };
  return line("127.0.0.1", "localhost") + line(anthropic_address, "api.anthropic.com") +
         line(openai_address, "api.openai.com") + line(gemini_address, "generativelanguage.googleapis.com") +
         line(mnemom_address, "api.mnemom.ai") + line(cloudflare_address, "api.cloudflare.com");
}

/// A file of this namespace over one that everybody else keeps.
bool cover(const char* path, const std::string& text) {
  std::string file = "/tmp/doctor-lab-file-XXXXXX";
  const int descriptor = ::mkstemp(file.data());
  if (descriptor < 0) return false;
  ::fchmod(descriptor, 0644);
  ::close(descriptor);
  std::ofstream{file} << text;
  const bool covered = ::mount(file.c_str(), path, nullptr, MS_BIND, nullptr) == 0;
  ::unlink(file.c_str());
  return covered;
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

std::string enter_smoltbot_world() {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID) != 0)
    return std::string{"no namespaces of its own: "} + std::strerror(errno);
  if (!loopback_up()) return "the loopback device of a new network cannot be switched on";
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "its mounts cannot be made private";
  if (!become_first_process()) return "no process namespace of its own";
  if (!cover(hosts_file, hosts()) || !cover(resolver_file, ""))
    return "/etc/hosts and /etc/resolv.conf cannot be covered";
  return {};
}

void add_host(const std::string& address, const std::string& name) {
  std::ofstream{hosts_file, std::ios::app} << address << " " << name << "\n";
}

}  // namespace doctor::lab
