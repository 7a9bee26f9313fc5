#include "support/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/server_process.hpp"

namespace doctor::test {
namespace {

namespace fs = std::filesystem;

constexpr auto start_limit = std::chrono::seconds{20};
constexpr int answer_limit_ms = 10000;

std::string find_program() {
  for (const auto* place : {"/usr/bin/redis-server", "/usr/local/bin/redis-server"})
    if (access(place, X_OK) == 0) return place;
  return {};
}

/// Asked for once: getpwnam(3) is not thread-safe.
const std::optional<Account>& nobody() {
  static const auto found = [] {
    const passwd* entry = getpwnam("nobody");
    return entry == nullptr ? std::optional<Account>{} : Account{entry->pw_uid, entry->pw_gid};
  }();
  return found;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// A connection to the server; -1: none.
int connected(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

/// What the server says until it is silent for a moment, or leaves.
std::string answer_on(int fd) {
  std::string text;
  std::array<char, 65536> buffer{};
  pollfd polled{fd, POLLIN, 0};
  while (poll(&polled, 1, text.empty() ? answer_limit_ms : 20) > 0) {
    const auto count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::string formatted(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) text.append("$" + std::to_string(word.size()) + "\r\n").append(word).append("\r\n");
  return text;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

RedisServer::Availability RedisServer::available() {
  if (find_program().empty()) return {false, "no redis-server"};
  return {true, {}};
}

RedisServer::RedisServer() : RedisServer{Options{}} {}

RedisServer::RedisServer(Options options) : options_{std::move(options)} {
  if (const auto here = available(); !here.ok) throw std::runtime_error{here.reason};
  std::string pattern = (fs::temp_directory_path() / "doctor-redis-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp failed"};
  directory_ = pattern;
  port_ = free_port();
  configure();
  start();
}

RedisServer::~RedisServer() {
  stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void RedisServer::configure() const {
  std::ofstream file{directory_ + "/redis.conf"};
  file << "bind 127.0.0.1\nsave \"\"\nappendonly no\ndir " << directory_ << "\n";
  if (options_.certificate.empty()) {
    file << "port " << port_ << "\n";
  } else {
    std::ofstream{directory_ + "/server.crt"} << options_.certificate;
    std::ofstream{directory_ + "/server.key"} << options_.key;
    file << "port 0\ntls-port " << port_ << "\ntls-cert-file server.crt\ntls-key-file server.key\n"
         << "tls-ca-cert-file server.crt\ntls-auth-clients no\n";
  }
  if (!options_.password.empty()) file << "requirepass " << options_.password << "\n";
  for (const auto& [name, value] : options_.settings) file << name << " " << value << "\n";
  file.close();
  if (!options_.unprivileged || geteuid() != 0 || !nobody()) return;
  for (const auto& path : {directory_, directory_ + "/redis.conf"})
    if (chown(path.c_str(), nobody()->uid, nobody()->gid) != 0) throw std::runtime_error{"chown failed"};
}

void RedisServer::start() {
  if (pid_ > 0) return;
  const auto program = find_program();
  const auto configuration = directory_ + "/redis.conf";
  const auto drop_to = options_.unprivileged && geteuid() == 0 ? nobody() : std::optional<Account>{};
  const int output = open((directory_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw std::runtime_error{"the log cannot be opened"};
  pid_ = spawn({program, configuration}, output, directory_, drop_to, SIGKILL);
  close(output);
  wait_until_ready();
}

void RedisServer::wait_until_ready() {
  const auto limit = std::chrono::steady_clock::now() + start_limit;
  while (std::chrono::steady_clock::now() < limit) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error{"Redis ended at once: " + log()};
    }
    const bool listens = log().find("eady to accept connections") != std::string::npos;
    const int fd = listens || !options_.wait ? connected(port_) : -1;
    if (fd >= 0) close(fd);
    if (fd >= 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  throw std::runtime_error{"Redis does not start: " + log()};
}

void RedisServer::stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGCONT);
  kill(pid_, SIGKILL);  // nothing in it is worth a clean end
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::pause() const {
  kill(pid_, SIGSTOP);
}
void RedisServer::resume() const {
  kill(pid_, SIGCONT);
}

std::string RedisServer::command(const std::vector<std::string>& words) const {
  const int fd = connected(port_);
  if (fd < 0) throw std::runtime_error{"no connection to Redis: " + log()};
  if (!options_.password.empty()) {
    send_all(fd, formatted({"AUTH", options_.password}));
    answer_on(fd);
  }
  send_all(fd, formatted(words));
  auto answer = answer_on(fd);
  close(fd);
  return answer;
}

std::string RedisServer::log() const {
  std::ifstream file{directory_ + "/log", std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string RedisServer::url() const {
  const std::string scheme = options_.certificate.empty() ? "redis://" : "rediss://";
  const auto login = options_.password.empty() ? std::string{} : ":" + options_.password + "@";
  return scheme + login + "127.0.0.1:" + std::to_string(port_) + "/0";
}

IdleClients::IdleClients(const RedisServer& server, int count) {
  for (int i = 0; i < count; ++i) {
    sockets_.push_back(connected(server.port()));
    if (sockets_.back() < 0) continue;
    send_all(sockets_.back(), formatted({"PING"}));  // answered once the server has accepted the client
    answer_on(sockets_.back());
  }
}

IdleClients::~IdleClients() {
  for (const int fd : sockets_)
    if (fd >= 0) close(fd);
}

}  // namespace doctor::test
