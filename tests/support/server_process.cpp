#include "support/server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace doctor::test {
namespace {

/// After fork: only async-signal-safe calls.
[[noreturn]] void become(const std::vector<char*>& argv, const std::optional<Account>& drop_to, int output,
                         const std::string& directory, int death_signal) {
  if (drop_to && (setgroups(0, nullptr) != 0 || setgid(drop_to->gid) != 0 || setuid(drop_to->uid) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, death_signal);
  if (chdir(directory.c_str()) != 0) _exit(126);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, 0);
  dup2(output, 1);
  dup2(output, 2);
  execv(argv.front(), argv.data());
  _exit(127);
}

sockaddr_in on_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = on_loopback(0);
  socklen_t length = sizeof address;
  const bool ok = fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  if (fd >= 0) close(fd);
  if (!ok) throw std::runtime_error{"no free port"};
  return ntohs(address.sin_port);
}

bool accepts(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = on_loopback(port);
  const bool connected = fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return connected;
}

pid_t spawn(const std::vector<std::string>& command, int output, const std::string& directory,
            const std::optional<Account>& drop_to, int death_signal) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error{"fork failed"};
  if (pid == 0) become(argv, drop_to, output, directory, death_signal);
  return pid;
}

}  // namespace doctor::test
