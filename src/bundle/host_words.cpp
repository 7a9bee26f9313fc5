#include "bundle/host_words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>
#include <utility>

namespace doctor::bundle {
namespace {

constexpr auto none = std::string_view::npos;

/// Whether `words`, separated by blanks, has the word.
bool has(std::string_view words, std::string_view word) {
  for (auto at = words.find(word); at != none; at = words.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

constexpr std::string_view certain =
    "com net org edu gov mil int biz io ai dev cloud online site tech shop xyz club agency company systems solutions "
    "software hosting digital space website "
    "ar au bg br ca ch cl cn co cy cz de dk ee es eu fi fr gg gr hk hr hu ie il ir jp ke kr kz li lt lu lv ly ma mx mt "
    "ng nl nz pe ph pk pt ro ru sa se sg si sk th tr tv tw ua ug uk us uy ve vn za";
constexpr std::string_view words =
    "app info name live world email network services store news group team work run host page chat social zone "
    "am as at be by do fm id in is it me ms my no to tm";
constexpr std::string_view files =
    "sh py rs pl md so cc ps mo ml vi zip mov "
    "local lan internal localdomain intranet corp home private arpa onion test invalid";

/// Suffixes that are given out below that of a country: "co.uk".
constexpr std::string_view second_levels = "co com org net gov ac edu or ne go gob";

/// Each word with what it is; the surest counts.
std::unordered_map<std::string_view, Ending> all_endings() {
  std::unordered_map<std::string_view, Ending> all;
  for (const auto& [list, ending] : std::array<std::pair<std::string_view, Ending>, 3>{
           {{certain, Ending::certain}, {words, Ending::word}, {files, Ending::file}}})
    for (std::size_t at = 0; at < list.size();) {
      const auto end = std::min(list.find(' ', at), list.size());
      all.emplace(list.substr(at, end - at), ending);
      at = end + 1;
    }
  return all;
}

}  // namespace

Ending ending_of(std::string_view label) {
  static const auto endings = all_endings();
  const auto found = endings.find(label);
  return found == endings.end() ? Ending::none : found->second;
}

bool is_everybodys(std::string_view name) {
  static constexpr std::array<std::string_view, 44> names{
      "localhost",      "docker.internal", "cluster.local",     "example.com",
      "example.org",    "example.net",     "example",           "docker.io",
      "docker.com",     "ghcr.io",         "quay.io",           "gcr.io",
      "lscr.io",        "pkg.dev",         "mcr.microsoft.com", "public.ecr.aws",
      "kubernetes.io",  "k8s.io",          "cert-manager.io",   "traefik.io",
      "nginx.org",      "nginx.com",       "haproxy.org",       "caddyserver.com",
      "postgresql.org", "redis.io",        "socket.io",         "opencontainers.org",
      "w3.org",         "json-schema.org", "schema.org",        "letsencrypt.org",
      "github.com",     "gitlab.com",      "npmjs.org",         "npmjs.com",
      "debian.org",     "ubuntu.com",      "alpinelinux.org",   "kernel.org",
      "rust-lang.org",  "crates.io",       "docs.rs",           "nodejs.org"};
  return std::any_of(names.begin(), names.end(), [name](std::string_view one) {
    return name.ends_with(one) && (name.size() == one.size() || name[name.size() - one.size() - 1] == '.');
  });
}

std::size_t suffix_begin(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == none) return name.size();
  const auto last = name.substr(dot + 1);
  if (ending_of(last) == Ending::none) return name.size();
  const auto before = dot == 0 ? none : name.rfind('.', dot - 1);
  const auto second = name.substr(before + 1, dot - before - 1);
  return before != none && last.size() == 2 && has(second_levels, second) ? before + 1 : dot + 1;
}

std::size_t domain_begin(std::string_view name) {
  const auto suffix = suffix_begin(name);
  if (suffix < 2 || suffix == name.size()) return 0;
  return name.rfind('.', suffix - 2) + 1;  // 0 without one
}

}  // namespace doctor::bundle
