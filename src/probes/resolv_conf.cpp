#include "probes/resolv_conf.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_servers = 3;  // MAXNS of resolv.h
constexpr std::size_t most_search = 6;   // MAXDNSRCH before glibc 2.26
constexpr std::size_t most_addresses = 64;
constexpr int most_dots = 15;

bool is_numeric(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  return inet_pton(AF_INET, text.c_str(), buffer.data()) == 1 || inet_pton(AF_INET6, text.c_str(), buffer.data()) == 1;
}

/// The words of a line, without its comment.
std::vector<std::string> words_of(std::string_view line, std::string_view comment) {
  std::string text{line.substr(0, line.find_first_of(comment))};
  for (auto& c : text)
    if (c == '\t' || c == '\r' || c == '\v' || c == '\f') c = ' ';
  auto words = util::split(text, ' ');
  std::erase_if(words, [](const std::string& word) { return word.empty(); });
  return words;
}

void take_server(const std::vector<std::string>& words, ResolvConf& configuration) {
  if (words.size() < 2 || configuration.servers.size() == most_servers || !is_numeric(words[1])) return;
  configuration.servers.push_back({words[1]});
}

void take_search(const std::vector<std::string>& words, std::size_t most, ResolvConf& configuration) {
  configuration.search.clear();
  for (std::size_t i = 1; i < words.size() && configuration.search.size() < most; ++i)
    if (words[i] != ".") configuration.search.push_back(words[i]);
}

void take_options(const std::vector<std::string>& words, ResolvConf& configuration) {
  constexpr std::string_view dots = "ndots:";
  for (const auto& word : words) {
    if (!word.starts_with(dots)) continue;
    int value = 0;
    std::from_chars(word.data() + dots.size(), word.data() + word.size(), value);
    configuration.dots = std::clamp(value, 0, most_dots);
  }
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf configuration;
  for (const auto& line : util::split(text, '\n')) {
    const auto words = words_of(line, "#;");
    if (words.empty()) continue;
    if (words[0] == "nameserver") take_server(words, configuration);
    if (words[0] == "search") take_search(words, most_search, configuration);
    if (words[0] == "domain") take_search(words, 1, configuration);
    if (words[0] == "options") take_options(words, configuration);
  }
  if (configuration.servers.empty()) configuration.servers.push_back({"127.0.0.1"});
  return configuration;
}

std::vector<std::string> candidates(const std::string& name, const ResolvConf& configuration) {
  if (name.ends_with('.')) return {name.substr(0, name.size() - 1)};
  std::vector<std::string> names;
  const bool itself_first = std::count(name.begin(), name.end(), '.') >= configuration.dots;
  if (itself_first) names.push_back(name);
  for (const auto& domain : configuration.search) names.push_back(name + "." + domain);
  if (!itself_first) names.push_back(name);
  return names;
}

std::vector<std::string> addresses_in_hosts(std::string_view hosts, std::string_view name) {
  const auto wanted = util::lower(std::string{name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0))});
  std::vector<std::string> found;
  for (const auto& line : util::split(hosts, '\n')) {
    const auto words = words_of(line, "#");
    if (words.size() < 2 || found.size() == most_addresses || !is_numeric(words[0])) continue;
    const bool named = std::any_of(words.begin() + 1, words.end(),
                                   [&](const std::string& word) { return util::lower(word) == wanted; });
    if (named && std::find(found.begin(), found.end(), words[0]) == found.end()) found.push_back(words[0]);
  }
  return found;
}

}  // namespace doctor::probes
