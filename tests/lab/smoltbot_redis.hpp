#pragma once

#include <openssl/ssl.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// The key-value store of the lab's `node`: Redis as the ioredis client of the application behaves with it, or memory.
namespace smoltbot {

struct RedisAddress {
  std::string host;
  std::string port = "6379";
  std::string socket;  ///< a path; then there is no host
  std::string user;
  std::string password;
  std::string database;
  bool tls = false;
};

/// What the client makes of REDIS_URL, right or wrong.
RedisAddress parse_redis_url(const std::string& url);

struct Reply {
  bool failed = false;
  std::string text;  ///< the value; with `failed` what went wrong; empty for nil
};

/// One connection, made at the first command and again, for ever, after it was lost; each failure is a line of the log.
class Redis {
 public:
  explicit Redis(RedisAddress address);
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;
  ~Redis();

  /// Waits until it is connected, or for the failure of four attempts.
  Reply command(const std::vector<std::string>& words);

 private:
  struct CloseSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  void keep_connected();
  bool attempt();
  std::string open();
  std::string open_tls();
  void greet();
  void close();
  Reply exchange(const std::vector<std::string>& words);
  bool write(const std::string& text);
  bool read_line(std::string& line);
  bool fill();
  Reply read_reply();

  RedisAddress address_;
  std::mutex mutex_;  ///< of all below but the socket's use
  std::condition_variable changed_;
  bool wanted_ = false;
  bool connected_ = false;
  bool ending_ = false;
  long attempts_ = 0;
  long flushes_ = 0;
  std::mutex wire_;  ///< one command at a time
  int socket_ = -1;
  std::unique_ptr<SSL, CloseSsl> ssl_;
  std::string buffer_;
  std::thread keeper_;
};

/// Fails open: an error is a line of the log and nothing more.
class Store {
 public:
  Store();
  bool in_memory() const { return redis_ == nullptr; }
  /// Whether PING is answered by PONG.
  bool ping();
  std::string get(const std::string& key);
  void put(const std::string& key, const std::string& value, int seconds);

 private:
  std::unique_ptr<Redis> redis_;
  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, long long>> memory_;
};

}  // namespace smoltbot
