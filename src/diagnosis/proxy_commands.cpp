#include "diagnosis/proxy_commands.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "util/text.hpp"

namespace doctor::diagnosis {
namespace {

constexpr std::array<std::string_view, 3> programs{"nginx", "caddy", "haproxy"};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Where `word` stands as a word of a command line, not as a part of a path or an option; npos: nowhere.
std::size_t word_at(std::string_view text, std::string_view word, std::size_t from) {
  constexpr std::string_view blanks = " \n";
  for (auto at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || has(blanks, text.substr(at - 1, 1));
    if (begins && (end == text.size() || has(blanks, text.substr(end, 1)))) return at;
  }
  return std::string_view::npos;
}

/// The proxy that a command speaks to; empty: none.
std::string_view program_of(std::string_view command) {
  if (has(command, "docker ")) return {};  // says itself where the program runs
  const auto* found = std::find_if(programs.begin(), programs.end(), [&](std::string_view program) {
    return word_at(command, program, 0) != std::string_view::npos;
  });
  return found == programs.end() ? std::string_view{} : *found;
}

enum class Wish { test, reload, other };

/// What a command that speaks to a proxy asks of it, where that is all it does.
Wish wish_of(std::string_view command, std::string_view program) {
  const auto text = std::string{program};
  const bool is_about_it = command.starts_with("sudo " + text + " ") || command.starts_with(text + " ");
  if (!is_about_it || has(command, "|")) return Wish::other;
  if (has(command, "systemctl reload " + text) || has(command, text + " -s reload")) return Wish::reload;
  return has(command, text + " -t") || has(command, text + " validate") ? Wish::test : Wish::other;
}

std::string test_on_host(const Proxy& proxy) {
  const auto config = util::shell_quoted(proxy.config);
  if (proxy.kind == "nginx") return "sudo nginx -t";
  if (proxy.kind == "caddy") return "sudo caddy validate --config " + config;
  return proxy.kind == "haproxy" ? "sudo haproxy -c -f " + config : std::string{};
}

std::string reload_in_container(const Proxy& proxy, const std::string& program) {
  if (proxy.kind == "nginx") return program + " -s reload";
  if (proxy.kind == "caddy") return program + " reload --config " + util::shell_quoted(proxy.config);
  return "docker compose kill -s HUP " + util::shell_quoted(proxy.service);
}

/// A command for the host, said to the same program in a container, where it needs no sudo.
std::string inside(std::string_view command, const Proxy& proxy) {
  const auto program = "docker compose exec " + util::shell_quoted(proxy.service) + " " + proxy.kind;
  const auto reload = "systemctl reload " + proxy.kind;
  std::string out;
  std::size_t at = 0;
  const auto go_on = [&](std::size_t to, const std::string& instead, std::size_t length) {
    out += command.substr(at, to - at);
    if (out.ends_with("sudo ")) out.resize(out.size() - 5);
    out += instead;
    at = to + length;
  };
  for (auto word = word_at(command, proxy.kind, at); word != std::string_view::npos;
       word = word_at(command, proxy.kind, at)) {
    const auto before = command.find(reload, at);
    if (before < word)
      go_on(before, reload_in_container(proxy, program), reload.size());
    else
      go_on(word, program, proxy.kind.size());
  }
  out += command.substr(at);
  constexpr std::string_view usual = "--config /etc/caddy/Caddyfile";
  const auto config = out.find(usual);
  if (config != std::string::npos) out.replace(config, usual.size(), "--config " + util::shell_quoted(proxy.config));
  return out;
}

/// Nothing: the proxy looks after its files itself, as Traefik does.
std::optional<std::string> said(Wish wish, const Proxy& proxy) {
  auto command = test_on_host(proxy);
  if (command.empty() || wish == Wish::other) return std::nullopt;
  if (wish == Wish::reload) command += " && sudo systemctl reload " + proxy.kind;
  return proxy.service.empty() ? command : inside(command, proxy);
}

const Proxy* concerned(const Deployment& deployment, const std::string& subject, const Names& names) {
  const auto first = [&](auto&& fits) -> const Proxy* {
    const auto found = std::find_if(deployment.proxies.begin(), deployment.proxies.end(), fits);
    return found == deployment.proxies.end() ? nullptr : &*found;
  };
  if (const auto* one = first([&](const Proxy& proxy) { return proxy.subject == subject; })) return one;
  const auto named = names.find("proxy");
  if (named != names.end())
    if (const auto* one = first([&](const Proxy& proxy) { return proxy.kind == named->second; })) return one;
  // Of several the one on the host is nearer to the users.
  if (const auto* one = first([](const Proxy& proxy) { return proxy.service.empty(); })) return one;
  return deployment.proxies.empty() ? nullptr : &deployment.proxies.front();
}

}  // namespace

ProxyCommands::ProxyCommands(const Deployment& deployment, const std::string& subject, const Names& names,
                             const std::vector<guides::Step>& steps)
    : proxy_{concerned(deployment, subject, names)} {
  has_own_step_ = proxy_ != nullptr && std::any_of(steps.begin(), steps.end(), [&](const guides::Step& step) {
                    return step.kind == "command" && program_of(step.text) == proxy_->kind;
                  });
}

std::optional<std::string> ProxyCommands::suited(const std::string& command) const {
  const auto program = program_of(command);
  if (proxy_ == nullptr || program.empty()) return command;
  if (proxy_->kind == program) return proxy_->service.empty() ? command : inside(command, *proxy_);
  if (has_own_step_) return std::nullopt;
  return said(wish_of(command, program), *proxy_);
}

}  // namespace doctor::diagnosis
