#include "support/log_corpus.hpp"

#include <array>
#include <cstdio>

namespace doctor::test {
namespace {

template <std::size_t N>
std::string one_of(const std::array<const char*, N>& words, std::uint64_t number) {
  return words.at(number % N);
}

constexpr std::array<const char*, 24> words{"session", "worker",  "database", "message", "channel", "upload",
                                            "token",   "request", "user",     "key",     "cache",   "password",
                                            "queue",   "invoice", "order",    "secret",  "gateway", "health",
                                            "backup",  "index",   "storage",  "report",  "team",    "webhook"};
constexpr std::array<const char*, 12> paths{
    "/api/v1/users",  "/health",           "/static/app.3f9c2d.js",   "/api/messages",  "/login",      "/ws",
    "/api/v1/tokens", "/account/password", "/assets/logo-9c1e44.svg", "/api/keys/list", "/robots.txt", "/metrics"};
constexpr std::array<const char*, 8> hosts{
    "db", "redis", "chat.example.org", "10.0.0.7", "cache", "postgres.internal", "api.example.com", "gateway"};
constexpr std::array<const char*, 6> files{"/var/lib/app/data.db",
                                           "/etc/nginx/nginx.conf",
                                           "/srv/app/docker-compose.yml",
                                           "/run/secrets/jwt_private_key",
                                           "/usr/lib/python3/dist-packages/flask/app.py",
                                           "/app/src/server.ts"};

std::string two(std::uint64_t number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::uint64_t Values::number(std::uint64_t below) {
  state_ += 0x9E3779B97F4A7C15ULL;  // splitmix64
  auto mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
  return (mixed ^ (mixed >> 31U)) % below;
}

std::string Values::text(std::size_t size, const std::string& alphabet) {
  std::string out;
  while (out.size() < size) out += alphabet[number(alphabet.size())];
  return out;
}

std::string Values::password(std::size_t size) {
  // At least one letter and one digit, as generators of passwords give.
  return text(1, "abcdefghjkmnpqrstuvwxyz") + text(1, "23456789") +
         text(size - 2, "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789");
}

std::string Values::value_of(const std::string& name) {
  if (name == "n") return std::to_string(number(100'000));
  if (name == "d") return std::to_string(number(10));
  if (name == "pid") return std::to_string(100 + number(60'000));
  if (name == "ms") return std::to_string(number(900)) + "." + std::to_string(number(1000));
  if (name == "ts")
    return "2026-0" + std::to_string(1 + number(9)) + "-" + two(1 + number(28)) + "T" + two(number(24)) + ":" +
           two(number(60)) + ":" + two(number(60)) + "." + two(number(100)) + "3Z";
  if (name == "sp")
    return "2026-03-" + two(1 + number(28)) + " " + two(number(24)) + ":" + two(number(60)) + ":" + two(number(60)) +
           ".123";
  if (name == "clf")
    return two(1 + number(28)) + "/Mar/2026:" + two(number(24)) + ":" + two(number(60)) + ":" + two(number(60)) +
           " +0000";
  if (name == "sys")
    return "Mar " + two(1 + number(28)) + " " + two(number(24)) + ":" + two(number(60)) + ":" + two(number(60));
  if (name == "epoch") return std::to_string(1'770'000'000 + number(9'000'000));
  if (name == "ip")
    return "10." + std::to_string(number(256)) + "." + std::to_string(number(256)) + "." + std::to_string(number(256));
  if (name == "ip6") return "2001:db8:" + hexadecimal(4) + ":" + hexadecimal(3) + "::" + hexadecimal(4);
  if (name == "mac")
    return hexadecimal(2) + ":" + hexadecimal(2) + ":" + hexadecimal(2) + ":" + hexadecimal(2) + ":" + hexadecimal(2) +
           ":" + hexadecimal(2);
  if (name == "uuid")
    return hexadecimal(8) + "-" + hexadecimal(4) + "-4" + hexadecimal(3) + "-a" + hexadecimal(3) + "-" +
           hexadecimal(12);
  if (name == "sha") return hexadecimal(64);
  if (name == "git") return hexadecimal(40);
  if (name == "short") return hexadecimal(7);
  if (name == "id") return hexadecimal(12);
  if (name == "ver")
    return std::to_string(number(20)) + "." + std::to_string(number(30)) + "." + std::to_string(number(40));
  if (name == "word") return one_of(words, number(words.size()));
  if (name == "path") return one_of(paths, number(paths.size()));
  if (name == "host") return one_of(hosts, number(hosts.size()));
  if (name == "file") return one_of(files, number(files.size()));
  if (name == "b64") return text(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + "==";
  if (name == "hex") return hexadecimal(16);
  return name;
}

std::string Values::filled(const std::string& line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    const auto end = line[at] == '{' ? line.find('}', at) : std::string::npos;
    const bool placeholder = end != std::string::npos && end - at > 1 && end - at < 7 &&
                             line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789", at + 1) == end;
    if (!placeholder) {
      out += line[at++];
      continue;
    }
    out += value_of(line.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

std::vector<std::string> ordinary_lines(std::size_t count) {
  Values values{20260301};
  std::vector<std::string> lines;
  lines.reserve(count);
  for (std::size_t at = 0; at < count; ++at)
    lines.push_back(values.filled(ordinary_templates()[at % ordinary_templates().size()]));
  return lines;
}

}  // namespace doctor::test
