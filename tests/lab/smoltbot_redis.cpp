#include "lab/smoltbot_redis.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

constexpr int connect_limit_ms = 10000;
constexpr long attempts_of_a_command = 4;

void report(const std::string& problem) {
  log("error", "[ioredis] Unhandled error event: " + problem);
}

const char* name_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "ECONNREFUSED";
    case ENOENT:
      return "ENOENT";
    case EHOSTUNREACH:
      return "EHOSTUNREACH";
    case ENETUNREACH:
      return "ENETUNREACH";
    case ECONNRESET:
      return "ECONNRESET";
    case EACCES:
      return "EACCES";
    default:
      return "ETIMEDOUT";
  }
}

/// 0, or the error of a connection that must be there within ten seconds.
int connect_within(int socket, const sockaddr* address, socklen_t length) {
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
  if (::connect(socket, address, length) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd wanted{socket, POLLOUT, 0};
  constexpr int slice = 50;
  for (int waited = 0; waited < connect_limit_ms && !stopping(); waited += slice) {
    if (::poll(&wanted, 1, slice) <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
  return ETIMEDOUT;
}

std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

void parse_authority(RedisAddress& address, std::string rest) {
  rest = rest.substr(0, rest.find_first_of("#?"));
  const auto slash = rest.find('/');
  if (slash != std::string::npos) address.database = rest.substr(slash + 1);
  auto authority = rest.substr(0, slash);
  const auto at = authority.find('@');
  if (at != std::string::npos) {
    const auto login = authority.substr(0, at);
    const auto colon = login.find(':');
    address.user = unescaped(login.substr(0, colon));
    if (colon != std::string::npos) address.password = unescaped(login.substr(colon + 1));
    authority = authority.substr(at + 1);
  }
  const auto colon = authority.find(':');
  address.host = authority.substr(0, colon);
  if (colon != std::string::npos) address.port = authority.substr(colon + 1);
}

std::string command_text(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return text;
}

}  // namespace

RedisAddress parse_redis_url(const std::string& url) {
  RedisAddress address;
  if (url.find_first_not_of("0123456789") == std::string::npos) {
    address.host = "127.0.0.1";
    address.port = url;
  } else if (url.starts_with("redis://")) {
    parse_authority(address, url.substr(8));
  } else if (url.starts_with("rediss://")) {
    address.tls = true;
    parse_authority(address, url.substr(9));
  } else if (const auto scheme = url.find("://"); scheme != std::string::npos) {
    const auto slash = url.find('/', scheme + 3);
    address.socket = slash == std::string::npos ? "/" : url.substr(slash);
  } else if (url.find(' ') != std::string::npos || url.find('/') != std::string::npos) {
    address.socket = url;
  } else {
    parse_authority(address, url);
  }
  return address;
}

Redis::Redis(RedisAddress address)
    : address_(std::move(address)),
      attempts_(milliseconds_of("LAB_REDIS_ATTEMPTS", 0)),
      keeper_([this] { keep_connected(); }) {}

Redis::~Redis() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  keeper_.join();
  close();
}

void Redis::keep_connected() {
  constexpr long slice = 20;
  for (long pause = slice;; pause = slice) {
    bool connect = false;
    {
      std::unique_lock lock{mutex_};
      if (ending_ || stopping()) return;
      connect = wanted_ && !connected_;
      if (!connect) changed_.wait_for(lock, std::chrono::milliseconds{slice});
    }
    if (!connect) continue;
    if (!attempt()) pause = std::min(attempts_ * 200, 5000L);
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::milliseconds{pause}, [this] { return ending_ || stopping(); });
  }
}

bool Redis::attempt() {
  const auto problem = [this] {
    const std::lock_guard wire{wire_};
    return open();
  }();
  if (!problem.empty()) {
    report(problem);
    const std::lock_guard guard{mutex_};
    if (++attempts_ % attempts_of_a_command == 0) ++flushes_;
    changed_.notify_all();
    return false;
  }
  const std::lock_guard guard{mutex_};
  attempts_ = 0;
  connected_ = true;
  changed_.notify_all();
  return true;
}

std::string Redis::open() {
  close();
  int error = 0;
  std::string place = address_.socket;
  if (!address_.socket.empty()) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    address_.socket.copy(path.sun_path, sizeof path.sun_path - 1);
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    error = connect_within(socket_, reinterpret_cast<const sockaddr*>(&path), sizeof path);
  } else {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = AF_INET;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found);
    if (code != 0)
      return std::string{"Error: getaddrinfo "} + (code == EAI_AGAIN ? "EAI_AGAIN " : "ENOTFOUND ") + address_.host;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::array<char, NI_MAXHOST> numeric{};
    ::getnameinfo(found->ai_addr, found->ai_addrlen, numeric.data(), numeric.size(), nullptr, 0, NI_NUMERICHOST);
    place = std::string{numeric.data()} + ":" + address_.port;
    error = connect_within(socket_, found->ai_addr, found->ai_addrlen);
    ::freeaddrinfo(found);
  }
  if (error == ETIMEDOUT) return "Error: connect ETIMEDOUT";
  if (error != 0) return std::string{"Error: connect "} + name_of(error) + " " + place;
  ::fcntl(socket_, F_SETFL, 0);
  if (address_.tls) {
    if (auto problem = open_tls(); !problem.empty()) return problem;
  }
  greet();
  return {};
}

std::string Redis::open_tls() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL_CTX_set_default_verify_paths(context.get());
  const auto authorities = variable_or("NODE_EXTRA_CA_CERTS", "");
  if (!authorities.empty()) SSL_CTX_load_verify_locations(context.get(), authorities.c_str(), nullptr);
  const timeval limit{connect_limit_ms / 1000, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ssl_.reset(SSL_new(context.get()));
  SSL_set_fd(ssl_.get(), socket_);
  SSL_set_verify(ssl_.get(), SSL_VERIFY_NONE, nullptr);
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, address_.host.data());
  if (SSL_connect(ssl_.get()) != 1) return "Error: connect ETIMEDOUT";
  const auto verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK) return std::string{"Error: "} + X509_verify_cert_error_string(verdict);
  const timeval none{0, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
  return {};
}

/// What the client sends before any command; refusals are events, and it goes on.
void Redis::greet() {
  if (!address_.password.empty()) {
    const auto reply = address_.user.empty() ? exchange({"AUTH", address_.password})
                                             : exchange({"AUTH", address_.user, address_.password});
    if (reply.failed && reply.text.find("without any password configured") != std::string::npos)
      log("warn", "[WARN] This Redis server's `default` user does not require a password, but a password was supplied");
    else if (reply.failed)
      report("ReplyError: " + reply.text);
  }
  if (!address_.database.empty() && address_.database != "0") {
    const auto reply = exchange({"SELECT", address_.database});
    if (reply.failed) report("ReplyError: " + reply.text);
  }
  const auto ready = exchange({"INFO"});
  if (ready.failed) report("ReplyError: " + ready.text);
}

void Redis::close() {
  ssl_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  buffer_.clear();
}

Reply Redis::command(const std::vector<std::string>& words) {
  for (int tries = 0; tries < 2; ++tries) {
    {
      std::unique_lock lock{mutex_};
      wanted_ = true;
      changed_.notify_all();
      const auto flushes = flushes_;
      changed_.wait(lock, [&] { return connected_ || ending_ || stopping() || flushes_ != flushes; });
      if (!connected_)
        return {true,
                "Reached the max retries per request limit (which is 3). Refer to \"maxRetriesPerRequest\" option for "
                "details."};
    }
    const std::lock_guard wire{wire_};
    auto reply = exchange(words);
    if (!reply.failed || reply.text != "Connection is closed.") return reply;
    const std::lock_guard guard{mutex_};
    connected_ = false;
  }
  return {true, "Connection is closed."};
}

Reply Redis::exchange(const std::vector<std::string>& words) {
  if (!write(command_text(words))) return {true, "Connection is closed."};
  return read_reply();
}

bool Redis::write(const std::string& text) {
  if (ssl_) return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
  return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

bool Redis::fill() {
  std::array<char, 65536> bytes{};
  pollfd wanted{socket_, POLLIN, 0};
  constexpr int slice = 50;
  while (!ssl_ || SSL_pending(ssl_.get()) == 0) {
    if (stopping()) return false;
    if (::poll(&wanted, 1, slice) > 0) break;
  }
  const auto count = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                          : static_cast<int>(::recv(socket_, bytes.data(), bytes.size(), 0));
  if (count <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

bool Redis::read_line(std::string& line) {
  auto end = buffer_.find("\r\n");
  for (; end == std::string::npos; end = buffer_.find("\r\n"))
    if (!fill()) return false;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

Reply Redis::read_reply() {
  std::string line;
  if (!read_line(line) || line.empty()) return {true, "Connection is closed."};
  if (line[0] == '-') return {true, line.substr(1)};
  if (line[0] != '$') return {false, line.substr(1)};
  const auto length = std::atol(line.c_str() + 1);
  if (length < 0) return {};
  const auto wanted = static_cast<std::size_t>(length);
  while (buffer_.size() < wanted + 2)
    if (!fill()) return {true, "Connection is closed."};
  auto text = buffer_.substr(0, wanted);
  buffer_.erase(0, wanted + 2);
  return {false, std::move(text)};
}

Store::Store() {
  if (missing("REDIS_URL")) {
    log("warn", "[KV] No REDIS_URL configured — using in-memory KV adapter");
    log("info", "KV adapter: in-memory (set REDIS_URL for Redis)");
    return;
  }
  redis_ = std::make_unique<Redis>(parse_redis_url(variable_or("REDIS_URL", "")));
  log("info", "KV adapter: Redis");
}

bool Store::ping() {
  return in_memory() || redis_->command({"PING"}).text == "PONG";
}

std::string Store::get(const std::string& key) {
  if (!in_memory()) {
    auto reply = redis_->command({"GET", "kv:" + key});
    if (!reply.failed) return std::move(reply.text);
    log("error", "[RedisKV] get error (fail-open): " + reply.text);
    return {};
  }
  const std::lock_guard guard{mutex_};
  const auto found = memory_.find(key);
  return found == memory_.end() || found->second.second < now_milliseconds() ? "" : found->second.first;
}

void Store::put(const std::string& key, const std::string& value, int seconds) {
  if (!in_memory()) {
    const auto reply = redis_->command({"SETEX", "kv:" + key, std::to_string(seconds), value});
    if (reply.failed) log("error", "[RedisKV] put error (fail-open): " + reply.text);
    return;
  }
  const std::lock_guard guard{mutex_};
  memory_[key] = {value, now_milliseconds() + seconds * 1000LL};
}

}  // namespace smoltbot
