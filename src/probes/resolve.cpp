#include "probes/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "probes/transport.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds resolve_limit{3000};
constexpr int most_threads = 16;
constexpr std::size_t longest_name = 253;  // RFC 1035, section 2.3.4, as text
constexpr std::size_t most_addresses = 64;

ProbeFailure unresolved(std::string code, std::string detail) {
  ProbeFailure failure;
  failure.kind = FailureKind::name_not_resolved;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  failure.phase = "resolve";
  return failure;
}

std::string code_of(int error) {
  switch (error) {
    case EAI_NONAME:
      return "EAI_NONAME";
    case EAI_AGAIN:
      return "EAI_AGAIN";
    case EAI_FAIL:
      return "EAI_FAIL";
    case EAI_NODATA:
      return "EAI_NODATA";
    default:
      return "EAI " + std::to_string(error);
  }
}

ProbeFailure failure_of_lookup(int error, int system_error) {
  if (error == EAI_SYSTEM) return failure_of_errno(system_error, "resolve", "", {});
  return unresolved(code_of(error), util::shown(gai_strerror(error)));
}

Outcome<ResolveAnswer> addresses_of(const addrinfo* list) {
  ResolveAnswer answer;
  for (const auto* entry = list; entry != nullptr && answer.addresses.size() < most_addresses; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    const std::string address{text.data()};
    if (std::find(answer.addresses.begin(), answer.addresses.end(), address) == answer.addresses.end())
      answer.addresses.push_back(address);
  }
  if (answer.addresses.empty()) return Failed{unresolved("EAI_NODATA", "the name has no address")};
  return answer;
}

Outcome<ResolveAnswer> look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error != 0) return Failed{failure_of_lookup(error, errno)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  return addresses_of(found);
}

std::optional<std::string> numeric(const std::string& name) {
  const bool bracketed = name.size() > 2 && name.front() == '[' && name.back() == ']';
  const std::string bare = bracketed ? name.substr(1, name.size() - 2) : name;
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  if (!bracketed && inet_pton(AF_INET, bare.c_str(), buffer.data()) == 1) return bare;
  if (inet_pton(AF_INET6, bare.c_str(), buffer.data()) == 1) return bare;
  return std::nullopt;
}

bool is_possible(const std::string& name) {
  return !name.empty() && name.size() <= longest_name + 1 && name.find('\0') == std::string::npos;
}

}  // namespace

/// Shared with the threads, which may outlive the resolver.
struct Resolver::State {
  explicit State(Lookup function) : lookup{std::move(function)} {}

  const Lookup lookup;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::map<std::string, std::optional<Outcome<ResolveAnswer>>> names;  ///< no outcome: a thread is asking
  int threads = 0;
};

Resolver::Resolver() : Resolver{look_up} {}
Resolver::Resolver(Lookup lookup) : state_{std::make_shared<State>(std::move(lookup))} {}

Outcome<ResolveAnswer> Resolver::resolve(const std::string& name, const Deadline& deadline) {
  if (!is_possible(name)) return Failed{unresolved("EAI_NONAME", "this cannot be a host name")};
  if (auto address = numeric(name)) return ResolveAnswer{{std::move(*address)}};
  const auto started = Deadline::Clock::now();
  const auto limit = deadline.within(resolve_limit);
  State& state = *state_;
  std::unique_lock lock{state.mutex};
  const auto may_start = [&] { return state.names.count(name) > 0 || state.threads < most_threads; };
  if (!state.changed.wait_until(lock, limit.stop(), limit.at(), may_start))
    return Failed{failure_of_deadline(limit, "resolve", "", since(started))};
  if (state.names.count(name) == 0) {
    std::thread{[shared = state_, name] {
      auto outcome = shared->lookup(name);
      const std::lock_guard guard{shared->mutex};
      shared->names[name] = std::move(outcome);
      --shared->threads;
      shared->changed.notify_all();
    }}.detach();
    ++state.threads;
    state.names.emplace(name, std::nullopt);
  }
  if (!state.changed.wait_until(lock, limit.stop(), limit.at(), [&] { return state.names[name].has_value(); }))
    return Failed{failure_of_deadline(limit, "resolve", "", since(started))};
  auto outcome = state.names[name].value_or(Failed{failure_of_deadline(limit, "resolve", "", since(started))});
  if (!outcome) outcome.error().waited = since(started);
  return outcome;
}

}  // namespace doctor::probes
