#include "probes/name_query.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>

#define CARES_NO_DEPRECATED  // later versions prefer functions that 1.18 does not have
#include <ares.h>
#include <netdb.h>

#include "probes/transport.hpp"

namespace doctor::probes {
namespace {

constexpr int first_wait = 900;  // milliseconds; c-ares doubles it for the second try
constexpr int tries = 2;
constexpr std::size_t most_addresses = 64;

/// ares_library_init(3) once for the process.
void start_cares() {
  static const int started = ares_library_init(ARES_LIB_INIT_ALL);
  if (started != ARES_SUCCESS) throw std::runtime_error{"c-ares cannot start"};
}

struct DestroyChannel {
  void operator()(std::remove_pointer_t<ares_channel>* channel) const { ares_destroy(channel); }
};
using Channel = std::unique_ptr<std::remove_pointer_t<ares_channel>, DestroyChannel>;

/// Nothing of this host's own configuration may find its way in: no search list, no aliases, no hosts file.
Channel open_channel(const ResolvConf& configuration, int flags = 0) {
  start_cares();
  std::string lookups = "b";
  std::string no_file = "/dev/null";
  ares_options options{};
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | flags;
  options.timeout = first_wait;
  options.tries = tries;
  options.ndots = 0;
  options.lookups = lookups.data();
  options.resolvconf_path = no_file.data();
  constexpr int set = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_LOOKUPS |
                      ARES_OPT_DOMAINS | ARES_OPT_NOROTATE | ARES_OPT_RESOLVCONF;
  ares_channel raw = nullptr;
  if (ares_init_options(&raw, &options, set) != ARES_SUCCESS) throw std::bad_alloc{};
  Channel channel{raw};
  std::string servers;
  for (const auto& server : configuration.servers)
    servers += (servers.empty() ? "" : ",") + shown_address(server.address, server.port);
  if (ares_set_servers_ports_csv(raw, servers.c_str()) != ARES_SUCCESS) throw std::bad_alloc{};
  return channel;
}

struct Reply {
  bool done = false;
  int status = ARES_ETIMEOUT;
  std::vector<std::string> addresses;
};

void take_addresses(const ares_addrinfo* found, Reply& reply) {
  for (const auto* node = found->nodes; node != nullptr && reply.addresses.size() < most_addresses;
       node = node->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(node->ai_addr, node->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    const std::string address{text.data()};
    if (std::find(reply.addresses.begin(), reply.addresses.end(), address) == reply.addresses.end())
      reply.addresses.push_back(address);
  }
}

void on_reply(void* into, int status, int /*timeouts*/, ares_addrinfo* found) {
  auto& reply = *static_cast<Reply*>(into);
  reply.done = true;
  reply.status = status;
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owner{found, ares_freeaddrinfo};
  if (status == ARES_SUCCESS && found != nullptr) take_addresses(found, reply);
}

/// Waits for the sockets of the channel once, and lets it work.
void turn(ares_channel channel, const Deadline& deadline) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int wanted = ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size()));
  std::vector<pollfd> polled;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    const auto mask = static_cast<unsigned>(wanted);
    const int events =
        (ARES_GETSOCK_READABLE(mask, i) != 0U ? POLLIN : 0) | (ARES_GETSOCK_WRITABLE(mask, i) != 0U ? POLLOUT : 0);
    if (events != 0) polled.push_back({sockets.at(static_cast<std::size_t>(i)), static_cast<short>(events), 0});
  }
  const auto wait = std::min(deadline.remaining(), stop_interval);
  poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
  for (const auto& one : polled) {
    const bool readable = (one.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    const bool writable = (one.revents & POLLOUT) != 0;
    ares_process_fd(channel, readable ? one.fd : ARES_SOCKET_BAD, writable ? one.fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts
}

Reply ask(ares_channel channel, const std::string& name, const Deadline& deadline) {
  Reply reply;
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel, name.c_str(), nullptr, &hints, on_reply, &reply);
  while (!reply.done && !deadline.expired()) turn(channel, deadline);
  if (!reply.done) {
    ares_cancel(channel);  // calls back, so that nobody writes into the reply later
    reply.status = ARES_ETIMEOUT;
  }
  return reply;
}

/// c-ares passes over a server that fails or refuses, and in the end says the same as when none was there: what the
/// first of them really answers.
int status_of_first(const ResolvConf& configuration, const std::string& name, const Deadline& deadline) {
  const auto channel = open_channel(configuration, ARES_FLAG_NOCHECKRESP);
  return ask(channel.get(), name, deadline).status;
}

struct Word {
  const char* code;
  const char* detail;
};

Word word_for(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
      return {"NXDOMAIN", "the name does not exist"};
    case ARES_ENODATA:
      return {"NODATA", "the name has no address"};
    case ARES_ESERVFAIL:
      return {"SERVFAIL", "the name server failed"};
    case ARES_EREFUSED:
      return {"REFUSED", "the name server refuses to answer"};
    case ARES_EFORMERR:
      return {"FORMERR", "the name server does not understand the question"};
    case ARES_ENOTIMP:
      return {"NOTIMP", "the name server does not know such questions"};
    case ARES_ECONNREFUSED:
      return {"ECONNREFUSED", "no name server can be reached"};
    case ARES_EBADNAME:
      return {"EBADNAME", "this cannot be a host name"};
    default:
      return {"EBADRESP", "the name server answers nonsense"};
  }
}

ProbeFailure failure_of(int status, const ResolvConf& configuration) {
  ProbeFailure failure;
  failure.phase = "resolve";
  if (!configuration.servers.empty())
    failure.address = shown_address(configuration.servers.front().address, configuration.servers.front().port);
  if (status == ARES_ETIMEOUT) {
    failure.kind = FailureKind::timed_out;
    failure.detail = "the name server does not answer";
    return failure;
  }
  const auto word = word_for(status);
  failure.kind = FailureKind::name_not_resolved;
  failure.code = word.code;
  failure.detail = word.detail;
  return failure;
}

}  // namespace

Outcome<ResolveAnswer> query_name(const ResolvConf& configuration, const std::string& name, const Deadline& deadline) {
  const auto channel = open_channel(configuration);
  int worst = ARES_ENOTFOUND;
  for (const auto& candidate : candidates(name, configuration)) {
    auto reply = ask(channel.get(), candidate, deadline);
    if (!reply.addresses.empty()) return ResolveAnswer{std::move(reply.addresses)};
    worst = reply.status == ARES_SUCCESS ? ARES_ENODATA : reply.status;
    if (worst == ARES_ECONNREFUSED) worst = status_of_first(configuration, candidate, deadline);
    const bool dead = worst == ARES_ETIMEOUT || worst == ARES_ECONNREFUSED;
    if (dead) break;
  }
  return Failed{failure_of(worst, configuration)};
}

}  // namespace doctor::probes
