#include "deployment/discover_http.hpp"

#include <algorithm>
#include <array>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

bool expects_http(const Service& service) {
  return std::any_of(service.rule.expect.begin(), service.rule.expect.end(),
                     [](const Expectation& expectation) { return !expectation.http.empty(); });
}

/// Ports of well-known servers that do not speak HTTP.
bool speaks_something_else(std::uint16_t port) {
  static constexpr std::array<std::uint16_t, 10> ports{22, 25, 53, 1883, 3306, 3478, 5432, 5672, 6379, 27017};
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

/// The port that the service listens on, where it listens.
std::uint16_t inner_port(const Service& service) {
  if (service.rule.port != 0) return service.rule.port;
  for (const auto& port : service.ports)
    if (port.protocol == "tcp" && port.target != 0) return port.target;
  return 0;
}

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

std::uint16_t number(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  unsigned value = 0;
  for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  return value > 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(value);
}

/// "0.0.0.0:8080", "[::]:8080", ":8080", "8080"; port 0 when it is none of these.
Address listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {"", number(text)};
  auto host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, number(std::string_view{text}.substr(colon + 1))};
}

std::string url_of(const std::string& host, std::uint16_t port) {
  const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return "http://" + name + ":" + std::to_string(port);
}

class Finder {
 public:
  Finder(const Deployment& deployment, const EngineView& engine) : deployment_{deployment}, engine_{engine} {}

  std::optional<HttpBase> base(const Service& service, const BaseUrl* given) const {
    const auto port = inner_port(service);
    if (given != nullptr) return from_flag(service, *given, port);
    if (!service.enabled || !service.described() || port == 0) return std::nullopt;
    if (!expects_http(service) && speaks_something_else(port)) return std::nullopt;
    return service.process || service.network_mode == "host" ? of_process(service, port) : of_container(service, port);
  }

 private:
  static HttpBase from_flag(const Service& service, const BaseUrl& given, std::uint16_t port) {
    HttpBase base = named(service, port == 0 ? given.port : port);
    base.url = given.url;
    base.dial = {given.host, given.port, "host", "--url", "", ""};
    return base;
  }

  static HttpBase named(const Service& service, std::uint16_t port) {
    HttpBase base;
    base.service = service.name;
    base.endpoint = "endpoint:" + service.name + ":" + std::to_string(port);
    return base;
  }

  const Setting* listens_by(const Service& service) const {
    for (const auto* setting : deployment_.with_role("listen-address"))
      if (setting->service == service.name) return setting;
    return nullptr;
  }

  Address listening(const Service& service, std::uint16_t port) const {
    const auto* setting = listens_by(service);
    if (setting == nullptr) return {"", port};
    const auto& value = setting->value();
    const auto configured = listen_address(value && !value->is_secret() ? value->text() : setting->rule.fallback);
    return configured.port == 0 ? Address{"", port} : configured;
  }

  HttpBase of_process(const Service& service, std::uint16_t port) const {
    const auto address = listening(service, port);
    HttpBase base = named(service, address.port);
    base.dial = {reachable_address(address.host), address.port, "host", "as configured", "", ""};
    if (service.process && listens_by(service) == nullptr && !deployment_.environment_known(service))
      base.dial.doubt = "where process " + std::to_string(service.process->pid) + " listens cannot be seen";
    base.url = url_of(base.dial.host, base.dial.port);
    return base;
  }

  HttpBase of_container(const Service& service, std::uint16_t port) const {
    HttpBase base = named(service, port);
    if (const auto* published = published_port(service, port, engine_))
      base.dial = dial_published(service, *published, engine_);
    else if (service.container)
      base.dial = dial_service(service, port, engine_);
    else if (engine_.elsewhere)
      base.dial.reason = engine_.why;
    else
      base.dial.reason = engine_.asked || service.place.file.empty()
                             ? "no container or process of " + service.name + " is running"
                             : "the Docker Engine could not be asked for a container of " + service.name +
                                   ", and no port of it is published";
    if (!base.dial.reason.empty())
      if (auto inside = dial_from_inside(service, "127.0.0.1", port)) base.dial = std::move(*inside);
    if (base.dial.reason.empty()) base.url = url_of(base.dial.host, base.dial.port);
    return base;
  }

  const Deployment& deployment_;
  const EngineView& engine_;
};

}  // namespace

BaseUrl parse_base_url(const std::string& text, std::string& problem) {
  BaseUrl base;
  const bool tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://")) {
    problem = "it must begin with http:// or https://";
    return base;
  }
  const auto start = text.find("://") + 3;
  const auto end = std::min(text.find_first_of("/?#", start), text.size());
  const auto authority = text.substr(start, end - start);
  if (text.find_first_of(" \t\r\n\"<>\\^`{|}", start) != std::string::npos)
    problem = "it holds a character that no URL has";
  if (authority.find('@') != std::string::npos) problem = "it must not hold a user name or password";
  if (text.find_first_of("?#", start) != std::string::npos) problem = "it must not hold a query or fragment";
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  base.host = authority.substr(0, colon);
  if (base.host.size() > 1 && base.host.front() == '[') base.host = base.host.substr(1, base.host.size() - 2);
  if (base.host.empty()) problem = "it names no host";
  base.port =
      colon == std::string::npos ? static_cast<std::uint16_t>(tls ? 443 : 80) : number(authority.substr(colon + 1));
  if (base.port == 0) problem = "its port is not a number from 1 to 65535";
  base.url = text;
  while (base.url.ends_with('/')) base.url.pop_back();
  return base;
}

std::vector<HttpBase> find_http(const Deployment& deployment, const EngineView& engine,
                                const std::map<std::string, BaseUrl>& given) {
  const Finder finder{deployment, engine};
  std::vector<HttpBase> bases;
  for (const auto& service : deployment.services) {
    const auto url = given.find(service.name);
    if (auto base = finder.base(service, url == given.end() ? nullptr : &url->second))
      bases.push_back(std::move(*base));
  }
  return bases;
}

std::string main_service(const Deployment& deployment) {
  const auto& services = deployment.services;
  const auto first = [&](auto matches) -> const Service* {
    const auto found = std::find_if(services.begin(), services.end(),
                                    [&](const Service& service) { return service.enabled && matches(service); });
    return found == services.end() ? nullptr : &*found;
  };
  const auto* service = first([](const Service& s) { return s.described() && expects_http(s); });
  if (service == nullptr) service = first([](const Service& s) { return s.described(); });
  if (service == nullptr) service = first([](const Service& s) { return !s.ports.empty(); });
  if (service == nullptr) service = first([](const Service&) { return true; });
  return service == nullptr ? std::string{} : service->name;
}

}  // namespace doctor::deployment
