#include "support/network_space.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace doctor::test {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

void raise_loopback() {
  const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int outcome = ::ioctl(control, SIOCSIFFLAGS, &request);
  ::close(control);
  if (outcome != 0) fail("the loopback device");
}

}  // namespace

bool NetworkSpace::available() {
  bool can = false;
  std::thread{[&] { can = ::geteuid() == 0 && ::unshare(CLONE_NEWNET) == 0; }}.join();
  return can;
}

NetworkSpace::NetworkSpace(std::string root) : root_{std::move(root)}, thread_{[this] { live(); }} {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return inhabitant_ != 0 || thrown_; });
  if (!thrown_) return;
  lock.unlock();
  thread_.join();
  std::rethrow_exception(thrown_);
}

NetworkSpace::~NetworkSpace() {
  {
    const std::lock_guard guard{mutex_};
    stop_ = evicted_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void NetworkSpace::live() {
  std::thread dweller;
  try {
    if (::unshare(CLONE_NEWNET) != 0) fail("unshare");
    raise_loopback();
    dweller = std::thread{[this] { dwell(); }};
  } catch (const std::exception&) {
    const std::lock_guard guard{mutex_};
    thrown_ = std::current_exception();
    changed_.notify_all();
    return;
  }
  std::unique_lock lock{mutex_};
  while (!stop_) {
    changed_.wait(lock, [&] { return stop_ || work_; });
    if (!work_) continue;
    try {
      work_();
    } catch (const std::exception&) {
      thrown_ = std::current_exception();
    }
    work_ = nullptr;
    changed_.notify_all();
  }
  lock.unlock();
  dweller.join();
}

void NetworkSpace::dwell() {
  std::unique_lock lock{mutex_};
  if (!root_.empty() && (::unshare(CLONE_FS) != 0 || ::chroot(root_.c_str()) != 0))
    thrown_ = std::make_exception_ptr(std::runtime_error{"chroot"});
  inhabitant_ = ::gettid();
  changed_.notify_all();
  changed_.wait(lock, [&] { return evicted_; });
}

void NetworkSpace::inside(const std::function<void()>& work) {
  std::unique_lock lock{mutex_};
  work_ = work;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !work_; });
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void NetworkSpace::evict() {
  {
    const std::lock_guard guard{mutex_};
    evicted_ = true;
  }
  changed_.notify_all();
  const auto process = "/proc/self/task/" + std::to_string(inhabitant_);
  while (::access(process.c_str(), F_OK) == 0) ::usleep(1000);
}

NameServer::NameServer(std::map<std::string, std::string> names, int otherwise)
    : names_{std::move(names)}, otherwise_{otherwise}, socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* raw = &address;
  if (::bind(socket_, static_cast<sockaddr*>(raw), sizeof address) != 0) fail("port 53");
  thread_ = std::thread{[this] { serve(); }};
}

NameServer::~NameServer() {
  stop_ = true;
  thread_.join();
  ::close(socket_);
}

std::vector<std::string> NameServer::asked() const {
  const std::lock_guard guard{mutex_};
  return asked_;
}

void NameServer::serve() {
  while (!stop_) {
    pollfd polled{socket_, POLLIN, 0};
    if (::poll(&polled, 1, 20) <= 0) continue;
    std::array<char, 512> bytes{};
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    void* raw = &peer;
    const auto count = ::recvfrom(socket_, bytes.data(), bytes.size(), 0, static_cast<sockaddr*>(raw), &length);
    if (count < 12) continue;
    const auto reply = answer({bytes.data(), static_cast<std::size_t>(count)});
    if (!reply.empty()) ::sendto(socket_, reply.data(), reply.size(), 0, static_cast<sockaddr*>(raw), length);
  }
}

/// One question as of RFC 1035, section 4.1.
std::string NameServer::answer(const std::string& query) {
  std::string name;
  std::size_t at = 12;
  while (at < query.size() && query[at] != '\0') {
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(query[at]));
    name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
    at += length + 1;
  }
  if (at + 5 > query.size()) return {};
  const bool wants_v4 = query[at + 2] == 1;
  const auto known = names_.find(name);
  {
    const std::lock_guard guard{mutex_};
    asked_.push_back(name);
  }
  if (known == names_.end() && otherwise_ == silence) return {};
  const bool has_record = known != names_.end() && wants_v4;
  std::string reply = query.substr(0, 2) + "\x81";
  reply += static_cast<char>(0x80 | (known == names_.end() ? otherwise_ : 0));
  reply += std::string{"\0\1\0", 3} + static_cast<char>(has_record ? 1 : 0) + std::string{"\0\0\0\0", 4};
  reply += query.substr(12, at + 5 - 12);
  if (!has_record) return reply;
  in_addr address{};
  ::inet_pton(AF_INET, known->second.c_str(), &address);
  reply += std::string{"\xc0\x0c\0\1\0\1\0\0\0\1\0\4", 12};
  std::array<char, 4> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return reply.append(octets.data(), octets.size());
}

}  // namespace doctor::test
