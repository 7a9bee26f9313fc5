#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/files.hpp"
#include "probes/files_support.hpp"
#include "support/catch.hpp"

using namespace doctor;
using test::soon;

namespace {

/// A listening socket on a free port of the loopback interface.
class Server {
 public:
  explicit Server(int family) : number_{socket(family, SOCK_STREAM, 0)} {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_six = family == AF_INET6;
    const auto* address = is_six ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
    socklen_t size = is_six ? sizeof six : sizeof four;
    good_ = bind(number_, address, size) == 0 && listen(number_, 1) == 0;
    sockaddr_storage bound{};
    size = sizeof bound;
    getsockname(number_, reinterpret_cast<sockaddr*>(&bound), &size);
    port_ = ntohs(is_six ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                         : reinterpret_cast<sockaddr_in&>(bound).sin_port);
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  bool good() const { return good_; }
  std::uint16_t port() const { return port_; }
  void stop() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
  std::uint16_t port_ = 0;
  bool good_ = false;
};

ListenersAnswer ask(std::uint16_t port) {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  return probes::ListenersProbe{helper}.ask({port}, soon()).value();
}

}  // namespace

TEST_CASE("who listens on a port, by address, pid and program") {
  Server server{AF_INET};
  REQUIRE(server.good());
  const auto answer = ask(server.port());
  REQUIRE(answer.listeners.size() == 1);
  const auto& listener = answer.listeners.front();
  CHECK(listener.address == "127.0.0.1");
  CHECK(listener.pid == getpid());
  CHECK(listener.exe == std::filesystem::read_symlink("/proc/self/exe").string());
  CHECK(listener.process == std::filesystem::path{listener.exe}.filename().string().substr(0, 15));
  CHECK(listener.uid == geteuid());
  server.stop();
  CHECK(ask(server.port()).listeners.empty());
}

TEST_CASE("IPv6 listeners are seen too") {
  const Server server{AF_INET6};
  if (!server.good()) {
    WARN("no IPv6 here");
    return;
  }
  const auto answer = ask(server.port());
  REQUIRE(answer.listeners.size() == 1);
  CHECK(answer.listeners.front().address == "::1");
  CHECK(answer.listeners.front().pid == getpid());
}

TEST_CASE("of processes that share a socket the lowest pid is named") {
  const Server server{AF_INET};
  REQUIRE(server.good());
  const pid_t worker = fork();
  if (worker == 0) {
    pause();
    _exit(0);
  }
  CHECK(ask(server.port()).listeners.at(0).pid == std::min(getpid(), worker));
  kill(worker, SIGKILL);
  waitpid(worker, nullptr, 0);
}

TEST_CASE("a connection is no listener") {
  Server server{AF_INET};
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(server.port());
  REQUIRE(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(ask(server.port()).listeners.size() == 1);
  close(client);
}

TEST_CASE("without the right to see a process its listener has no pid") {
  if (geteuid() != 0) return;
  const Server server{AF_INET};
  REQUIRE(seteuid(65534) == 0);
  const auto answer = ask(server.port());
  REQUIRE(seteuid(0) == 0);
  REQUIRE(answer.listeners.size() == 1);
  CHECK(answer.listeners.front().pid == 0);
  CHECK(answer.listeners.front().process.empty());
  CHECK(answer.listeners.front().uid == 0);
}
