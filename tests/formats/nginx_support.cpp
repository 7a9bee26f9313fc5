#include "formats/nginx_support.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace doctor::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connected(std::uint16_t port) {
  const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return handle;
  close(handle);
  return -1;
}

}  // namespace

std::string program(const std::string& name) {
  for (const auto* directory : {"/usr/sbin/", "/usr/local/sbin/", "/usr/bin/", "/usr/local/bin/"})
    if (std::filesystem::exists(directory + name)) return directory + name;
  return {};
}

Scratch::Scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "doctor-proxy-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  path_ = pattern;
  std::filesystem::permissions(path_, std::filesystem::perms::all);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Scratch::write(const std::string& name, const std::string& text) const {
  std::filesystem::create_directories(std::filesystem::path{path(name)}.parent_path());
  std::ofstream{path(name), std::ios::binary} << text;
}

Ran run_shell(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error{"no shell"};
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    ran.output.append(buffer.data(), got);
  const int status = pclose(pipe);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

std::uint16_t unused_port() {
  const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool got = bind(handle, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                   getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(handle);
  if (!got) throw std::runtime_error{"no free port"};
  return ntohs(address.sin_port);
}

std::string request(std::uint16_t port, const std::string& text) {
  const int handle = connected(port);
  if (handle < 0) throw std::runtime_error{"nobody listens"};
  const timeval limit{2, 0};
  setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string answer;
  if (send(handle, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = recv(handle, buffer.data(), buffer.size(), 0)) > 0;)
      answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(handle);
  return answer;
}

std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string{} : answer.substr(end + 4);
}

RunningNginx::RunningNginx(const Scratch& directory, std::uint16_t port) {
  const auto nginx = program("nginx");
  const auto config = directory.path("nginx.conf");
  const auto log = directory.path("error.log");
  pid_ = fork();
  if (pid_ == 0) {
    execl(nginx.c_str(), "nginx", "-p", directory.path().c_str(), "-c", config.c_str(), "-e", log.c_str(), "-g",
          "daemon off;", nullptr);
    _exit(127);
  }
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (const int handle = connected(port); handle >= 0) {
      close(handle);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  throw std::runtime_error{"nginx does not come up"};
}

RunningNginx::~RunningNginx() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

}  // namespace doctor::test
