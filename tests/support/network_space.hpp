#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace doctor::test {

/// A network namespace with a loopback device and nothing else, and in it a thread whose root is a directory of the
/// test's: what a container is to doctor. Needs root.
class NetworkSpace {
 public:
  static bool available();

  /// `root`: what the inhabitant sees as "/"; empty: this host's.
  explicit NetworkSpace(std::string root = {});
  ~NetworkSpace();
  NetworkSpace(const NetworkSpace&) = delete;
  NetworkSpace& operator=(const NetworkSpace&) = delete;

  /// Its number leads to the namespace and the root: /proc/TID/ns/net, /proc/TID/root.
  pid_t inhabitant() const { return inhabitant_; }

  /// Runs work on a thread of the namespace that sees this host's files; exceptions come back. Threads and processes
  /// that the work starts, and sockets that it opens, stay in the namespace.
  void inside(const std::function<void()>& work);

  /// Ends the inhabitant, as a container's process ends.
  void evict();

 private:
  void live();
  void dwell();

  std::string root_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  std::exception_ptr thrown_;
  bool stop_ = false;
  bool evicted_ = false;
  pid_t inhabitant_ = 0;
  std::thread thread_;
};

/// A DNS server on 127.0.0.1:53 of the namespace that it is made in. It knows A records, answers others with no data,
/// and a name that it does not know with NXDOMAIN, or with another code.
class NameServer {
 public:
  static constexpr int silence = -1;

  /// `otherwise`: the code (RFC 1035, RCODE) for names that it does not know, or `silence`.
  explicit NameServer(std::map<std::string, std::string> names, int otherwise = 3);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::vector<std::string> asked() const;  ///< names, in order

 private:
  void serve();
  std::string answer(const std::string& query);

  std::map<std::string, std::string> names_;
  int otherwise_;
  int socket_ = -1;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

}  // namespace doctor::test
