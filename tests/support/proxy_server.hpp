#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace doctor::test {

/// An HTTP proxy on 127.0.0.1: CONNECT makes a tunnel to the target, an absolute http:// URL is passed on.
class ProxyServer {
 public:
  struct Options {
    std::uint16_t target = 0;  ///< where every tunnel ends, on 127.0.0.1; 0: where the client asks
    int refusal = 0;           ///< the status that every request gets instead; 0: none
  };

  ProxyServer();
  explicit ProxyServer(const Options& options);
  ~ProxyServer();
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;

  std::uint16_t port() const;
  std::string address() const;                 ///< "127.0.0.1:3128"
  std::vector<std::string> requested() const;  ///< request lines, in order

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace doctor::test
