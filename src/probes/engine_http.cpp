#include "probes/engine_http.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include <curl/curl.h>
#include <unistd.h>

#include "probes/files_failure.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_body = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds connect_limit{3000};
constexpr std::chrono::milliseconds answer_limit{5000};
constexpr std::string_view default_socket = "/var/run/docker.sock";

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, FreeCurl>;

struct Exchange {
  EngineReply reply;
  const Deadline* deadline = nullptr;
  bool too_large = false;
  CURL* handle = nullptr;
  const EngineSink* sink = nullptr;  ///< instead of the reply's body
  std::uint64_t taken = 0;
  bool refused = false;  ///< the sink wants no more
};

/// The bytes that are left of the sink's bound.
std::size_t take_stream(Exchange& exchange, std::string_view bytes) {
  long status = 0;
  curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return bytes.size();
  const auto room =
      static_cast<std::size_t>(std::min<std::uint64_t>(exchange.sink->most - exchange.taken, bytes.size()));
  exchange.taken += room;
  exchange.too_large = room < bytes.size();
  exchange.refused = !exchange.sink->take(bytes.substr(0, room));
  return exchange.too_large || exchange.refused ? 0 : bytes.size();
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.sink != nullptr) return take_stream(exchange, {data, size * count});
  exchange.too_large = exchange.reply.body.size() + size * count > most_body;
  if (exchange.too_large) return 0;
  exchange.reply.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  const std::string_view line{data, size * count};
  constexpr std::string_view name = "api-version:";
  if (util::lower(line.substr(0, name.size())) == name)
    static_cast<Exchange*>(user)->reply.api_version = util::trim(line.substr(name.size()));
  return size * count;
}

int stop_when_told(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->deadline->expired() ? 1 : 0;
}

FailureKind kind_of(CURLcode code, long system_error) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return FailureKind::timed_out;
    case CURLE_COULDNT_RESOLVE_HOST:
      return FailureKind::name_not_resolved;
    case CURLE_COULDNT_CONNECT:
      return system_error == 0 ? FailureKind::refused : failure_of_errno(static_cast<int>(system_error), "").kind;
    default:
      return FailureKind::protocol_error;
  }
}

ProbeFailure failure_of(CURL* handle, CURLcode code, const Exchange& exchange, const EngineAddress& address) {
  long system_error = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &system_error);
  ProbeFailure failure;
  failure.kind = kind_of(code, system_error);
  if (exchange.too_large) failure.kind = FailureKind::too_large;
  if (exchange.deadline->stopped())
    failure.kind = FailureKind::cancelled;
  else if (code == CURLE_ABORTED_BY_CALLBACK)
    failure.kind = FailureKind::timed_out;
  failure.detail = exchange.too_large ? "the answer of the Docker Engine is larger than 16 MB"
                                      : std::string{"the Docker Engine did not answer: "} + curl_easy_strerror(code);
  failure.address = address.shown;
  return failure;
}

/// libcurl says "could not connect" for each of these; the operator needs to know which.
std::optional<ProbeFailure> socket_problem(const EngineAddress& address) {
  if (address.socket.empty()) return std::nullopt;
  const bool there = ::access(address.socket.c_str(), F_OK) == 0;
  if (there && ::access(address.socket.c_str(), R_OK | W_OK) == 0) return std::nullopt;
  auto failure = failure_of_errno(
      errno, there ? "doctor may not use the socket of the Docker Engine" : "the Docker Engine has no socket here");
  failure.address = address.shown;
  failure.phase = "connect";
  return failure;
}

void configure(CURL* handle, const EngineAddress& address, const std::string& url, const Deadline& deadline,
               Exchange& exchange) {
  const auto remaining = deadline.remaining();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  if (!address.socket.empty()) curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, address.socket.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(remaining, connect_limit).count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(remaining.count()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, stop_when_told);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

}  // namespace

EngineAddress engine_address(const std::string& docker_host) {
  const std::string host = docker_host.empty() ? "unix://" + std::string{default_socket} : docker_host;
  EngineAddress address;
  address.shown = util::shown(host);
  if (host.starts_with("unix://")) {
    address.socket = host.substr(7);
    address.base = "http://localhost";
    if (!address.socket.starts_with('/')) address.problem = "DOCKER_HOST names no absolute path";
  } else if (host.starts_with("tcp://")) {
    address.base = "http://" + host.substr(6);
    while (address.base.ends_with('/')) address.base.pop_back();
    if (host.find('@') != std::string::npos) address = {"", "", "tcp://", "DOCKER_HOST holds a user"};
  } else {
    address.shown = util::shown(host.substr(0, host.find("://")));
    address.problem = "DOCKER_HOST is neither unix:// nor tcp://";
  }
  return address;
}

namespace {

/// Fills the reply of the exchange.
Outcome<void> perform(const EngineAddress& address, const std::string& path, const Deadline& deadline,
                      Exchange& exchange) {
  if (!address.problem.empty()) return failed(FailureKind::not_found, "", address.problem);
  if (auto problem = socket_problem(address)) return Failed{std::move(*problem)};
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Handle handle{initialised == CURLE_OK ? curl_easy_init() : nullptr};
  if (handle == nullptr) return failed(FailureKind::protocol_error, "", "libcurl could not start");
  const auto limited = deadline.within(answer_limit);
  if (limited.expired())
    return failed(limited.stopped() ? FailureKind::cancelled : FailureKind::timed_out, "", "no time was left");
  exchange.deadline = &limited;
  exchange.handle = handle.get();
  configure(handle.get(), address, address.base + path, limited, exchange);
  const auto code = curl_easy_perform(handle.get());
  const bool enough = exchange.sink != nullptr && (exchange.too_large || exchange.refused);
  if (code != CURLE_OK && !enough) return Failed{failure_of(handle.get(), code, exchange, address)};
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &exchange.reply.status);
  return {};
}

}  // namespace

Outcome<EngineReply> engine_get(const EngineAddress& address, const std::string& path, const Deadline& deadline) {
  Exchange exchange;
  if (auto done = perform(address, path, deadline, exchange); !done) return Failed{std::move(done.error())};
  return std::move(exchange.reply);
}

Outcome<EngineStreamed> engine_stream(const EngineAddress& address, const std::string& path, const EngineSink& sink,
                                      const Deadline& deadline) {
  Exchange exchange;
  exchange.sink = &sink;
  if (auto done = perform(address, path, deadline, exchange); !done) return Failed{std::move(done.error())};
  return EngineStreamed{exchange.reply.status, !exchange.too_large};
}

}  // namespace doctor::probes
