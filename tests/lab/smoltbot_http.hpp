#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// The HTTP/1.1 server of the lab's `node` and `postgrest`: a thread per connection, five seconds of keep-alive.
namespace smoltbot {

struct Request {
  std::string method;
  std::string path;                            ///< without the query
  std::string query;                           ///< after "?"
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  std::string header(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::size_t length = std::string::npos;  ///< Content-Length, when it is not that of the body
};

using Handler = std::function<Response(const Request&)>;

class Server {
 public:
  /// Why it cannot listen is in errno; a port of 0 takes any. Does not throw.
  bool listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const;
  /// Accepts until stop(); every connection keeps the handler alive.
  void start(Handler handler);
  void stop();
  ~Server();

 private:
  int listener_ = -1;
  std::atomic<bool> stop_{false};
  std::thread acceptor_;
};

}  // namespace smoltbot
