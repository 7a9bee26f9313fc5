#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <map>
#include <optional>
#include <tuple>

#include <arpa/inet.h>
#include <dirent.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/processes_proc.hpp"
#include "probes/sockets.hpp"
#include "util/text.hpp"

namespace doctor::probes::jobs {
namespace {

constexpr std::uint64_t most_table = 8 * 1024 * 1024;
constexpr std::size_t most_sockets = 1000;       // of a table
constexpr std::string_view listen_state = "0A";  // TCP_LISTEN of include/net/tcp_states.h

struct Socket {
  std::uint16_t port = 0;
  Listener listener;
  std::string inode;
};

std::uint32_t hexadecimal(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

/// The kernel prints an address as words of 32 bits in host order.
std::string address_of(std::string_view digits) {
  std::array<std::uint32_t, 4> words{};
  const auto count = std::min<std::size_t>(digits.size() / 8, words.size());
  for (std::size_t i = 0; i < count; ++i) words.at(i) = hexadecimal(digits.substr(i * 8, 8));
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text.data(), text.size());
  return text.data();
}

std::vector<std::string> words_of(const std::string& line) {
  auto words = util::split(line, ' ');
  std::erase_if(words, [](const std::string& word) { return word.empty(); });
  return words;
}

/// Columns of proc(5): sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
/// Without `wanted`: every port.
Outcome<std::vector<Socket>> listening(const std::string& table, std::optional<std::uint16_t> wanted) {
  const auto text = contents(table, most_table);
  if (!text) return Failed{text.error()};
  std::vector<Socket> found;
  for (const auto& line : util::split(*text, '\n')) {
    const auto words = words_of(line);
    if (words.size() < 10 || words[3] != listen_state) continue;
    const auto colon = words[1].find(':');
    if (colon == std::string::npos) continue;
    const auto port = static_cast<std::uint16_t>(hexadecimal(std::string_view{words[1]}.substr(colon + 1)));
    if (wanted && port != *wanted) continue;
    Socket socket;
    socket.port = port;
    socket.listener.address = address_of(std::string_view{words[1]}.substr(0, colon));
    std::from_chars(words[7].data(), words[7].data() + words[7].size(), socket.listener.uid);
    socket.inode = words[9];
    found.push_back(std::move(socket));
    if (found.size() == most_sockets) break;
  }
  return found;
}

void describe(int pid, Listener& listener) {
  const auto base = "/proc/" + std::to_string(pid);
  listener.pid = pid;
  listener.process = util::shown(util::trim(contents(base + "/comm", 256).value_or("")));
  listener.exe = proc::link_target(base + "/exe");
  listener.container = container_of_cgroup(contents(base + "/cgroup", 64 * 1024).value_or(""));
}

/// Every holder of a listening socket by its inode; of several processes (workers of one server) the lowest pid.
void find_owners(std::vector<Socket>& sockets) {
  std::map<std::string, Socket*> open;
  for (auto& socket : sockets) open["socket:[" + socket.inode + "]"] = &socket;
  for (const int pid : proc::pids()) {
    if (open.empty()) return;
    const auto folder = "/proc/" + std::to_string(pid) + "/fd";
    for (const auto& name : proc::names_in(folder)) {
      const auto owner = open.find(proc::link_target(folder + "/" + name));
      if (owner == open.end()) continue;
      describe(pid, owner->second->listener);
      open.erase(owner);
    }
  }
}

/// Of IPv4 and IPv6, with their owners.
Outcome<std::vector<Socket>> all_listening(std::optional<std::uint16_t> wanted) {
  auto sockets = listening("/proc/net/tcp", wanted);
  if (!sockets) return Failed{sockets.error()};
  auto more = listening("/proc/net/tcp6", wanted);  // missing when the host has no IPv6
  if (!more && more.error().kind != FailureKind::not_found) return Failed{more.error()};
  if (more) std::move(more->begin(), more->end(), std::back_inserter(*sockets));
  find_owners(*sockets);
  return sockets;
}

}  // namespace

Outcome<ListenersAnswer> listeners(const ListenersQuestion& question) {
  auto sockets = all_listening(question.port);
  if (!sockets) return Failed{sockets.error()};
  ListenersAnswer answer;
  for (auto& socket : *sockets) answer.listeners.push_back(std::move(socket.listener));
  return answer;
}

/// Nothing -> [{"port": ..., "listener": {...}}, ...]
Outcome<std::string> sockets_job(const std::string&) {
  auto sockets = all_listening(std::nullopt);
  if (!sockets) return Failed{sockets.error()};
  auto found = util::Json::array();
  for (auto& socket : *sockets) found.push_back({{"port", socket.port}, {"listener", util::to_json(socket.listener)}});
  return found.dump(-1, ' ', false, util::Json::error_handler_t::replace);
}

}  // namespace doctor::probes::jobs

namespace doctor::probes {

Outcome<std::vector<ListeningSocket>> listening_sockets(Helper& helper, const Deadline& deadline) {
  const auto bytes = helper.call("sockets", "", deadline);
  if (!bytes) return Failed{bytes.error()};
  const auto json = util::Json::parse(*bytes, nullptr, false);
  if (!json.is_array()) return failed(FailureKind::protocol_error, "", "the helper answered nonsense");
  std::vector<ListeningSocket> sockets;
  for (const auto& item : json) {
    ListeningSocket socket;
    item.at("port").get_to(socket.port);
    util::from_json(item.at("listener"), socket.listener);
    sockets.push_back(std::move(socket));
  }
  std::sort(sockets.begin(), sockets.end(), [](const ListeningSocket& a, const ListeningSocket& b) {
    return std::tie(a.port, a.listener.address) < std::tie(b.port, b.listener.address);
  });
  return sockets;
}

}  // namespace doctor::probes
