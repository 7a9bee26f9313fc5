#include "deployment/data_source.hpp"

#include <algorithm>
#include <array>

#include "deployment/data_source_url.hpp"
#include "doctor/probe/question.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

/// What differs between the servers that URLs lead to.
struct Kind {
  std::string_view role;
  std::uint16_t port;                ///< where the URL says none
  std::string_view name;             ///< of the endpoint, when no service of the deployment runs it
  std::vector<std::string> schemes;  ///< when the description names none; empty: those of PostgreSQL
};

Kind postgres() {
  return {"database-url", 5432, "database", {}};
}

Kind redis() {
  return {"redis-url", 6379, "redis", {"redis", "rediss", "valkey", "valkeys", "unix"}};
}

bool is_loopback(const std::string& host) {
  static constexpr std::array names{"localhost", "127.0.0.1", "::1", "0.0.0.0"};
  return std::find(names.begin(), names.end(), host) != names.end() || host.starts_with("127.");
}

bool is_docker_host(const std::string& host) {
  return host == "host.docker.internal" || host == "gateway.docker.internal";
}

/// Nothing listens in a container that does not run, and the Engine knows that better than a name server.
bool is_stopped(const Service& service, const EngineView& engine) {
  return service.container ? service.container->status != "running" : engine.asked;
}

/// A service of the deployment that publishes `port` on the host, with the port behind it.
const Service* publisher_of(const Deployment& deployment, const EngineView& engine, std::uint16_t port,
                            std::uint16_t& target) {
  for (const auto& service : deployment.services) {
    if (!service.enabled || service.process) continue;
    const auto& ports =
        service.container && !service.container->ports.empty() ? service.container->ports : service.ports;
    if (engine.asked && !service.container) continue;
    for (const auto& published : ports) {
      if (published.published != port || published.protocol != "tcp") continue;
      target = published.target;
      return &service;
    }
  }
  return nullptr;
}

/// Whether two running containers are on one network, as far as can be told. Where they are not, that is the fault, and
/// what the database does is asked from the host.
bool meet(const Service& one, const Service& other) {
  if (!one.container || !other.container) return true;
  const auto& mine = one.container->addresses;
  const auto& theirs = other.container->addresses;
  if (mine.empty() || theirs.empty()) return true;
  return std::any_of(mine.begin(), mine.end(), [&](const auto& network) { return theirs.count(network.first) > 0; });
}

Dial socket_file() {
  return {"", 0, "", "", "it is a socket file, which doctor does not open", ""};
}

std::string endpoint_of(const std::string& name, std::uint16_t port) {
  return "endpoint:" + name + ":" + std::to_string(port);
}

class Finder {
 public:
  Finder(const Deployment& deployment, const EngineView& engine) : deployment_{deployment}, engine_{engine} {}

  std::optional<DataSource> source(const Setting& setting, const Kind& kind) const {
    const auto& value = setting.value();
    const auto& text = value ? SecretReader::reveal(*value) : setting.rule.fallback;
    if (util::trim(text).empty()) return std::nullopt;
    auto url = parse_database_url(text, setting.rule.schemes.empty() ? kind.schemes : setting.rule.schemes);
    if (url.problem.empty() && kind.role == redis().role) url.problem = problem_of_index(url);
    DataSource source;
    source.setting = setting.subject();
    source.service = setting.service;
    source.role = setting.rule.role;
    source.scheme = url.scheme;
    source.problem = url.problem;
    if (!url.problem.empty()) {
      source.dial.reason = "the URL cannot be read";
      return source;
    }
    source.user = url.user;
    source.host = url.host.empty() ? "localhost" : url.host;
    source.port = url.port == 0 ? kind.port : url.port;
    source.database = url.database.empty() && kind.role != redis().role ? url.user : url.database;
    source.tls_mode = url.tls_mode;
    locate(source, kind);
    return source;
  }

 private:
  /// The path of a Redis URL is the number of a database; that of a socket is a path.
  static std::string problem_of_index(const DatabaseUrl& url) {
    if (url.scheme == "unix" || url.database.find_first_not_of("0123456789") == std::string::npos) return {};
    return "the database in its path is not a number";
  }

  void locate(DataSource& source, const Kind& kind) const {
    if (source.scheme == "unix") {
      source.dial = as_configured("/", 0);
      return;
    }
    const auto* user = deployment_.service(source.service);
    const auto* target = service_called(deployment_, engine_, source.host);
    source.endpoint = endpoint_of(target == nullptr ? std::string{kind.name} : target->name, source.port);
    if (engine_.elsewhere)
      source.dial.reason = engine_.why;
    else if (user == nullptr || on_host(*user))
      locate_from_host(source);
    else if (target != nullptr && target != user && is_stopped(*target, engine_))
      source.dial = dial_service(*target, source.port, engine_);
    else if (target != nullptr && target != user && !meet(*user, *target))
      source.dial = dial_service(*target, source.port, engine_);
    else if (auto inside = dial_from_inside(*user, source.host, source.port))
      source.dial = std::move(*inside);
    else if (target != nullptr && target != user)
      source.dial = dial_service(*target, source.port, engine_);
    else if (target == user || is_loopback(source.host))
      source.dial.reason = util::shown(source.host) + " is, inside the container of " + user->name +
                           ", that container itself" + why_outside(*user);
    else
      source.dial = as_configured(is_docker_host(source.host) ? "127.0.0.1" : source.host, source.port);
  }

  void locate_from_host(DataSource& source) const {
    source.dial = as_configured(source.host, source.port);
    if (!is_loopback(source.host)) return;
    std::uint16_t target = 0;
    if (const auto* service = publisher_of(deployment_, engine_, source.port, target))
      source.endpoint = endpoint_of(service->name, target);
  }

  static std::string why_outside(const Service& user) {
    return user.vantage_note.empty() ? ", which doctor does not enter" : "; " + user.vantage_note;
  }

  static Dial as_configured(const std::string& host, std::uint16_t port) {
    if (host.starts_with('/')) return socket_file();
    return {host, port, "host", "as configured", "", ""};
  }

  const Deployment& deployment_;
  const EngineView& engine_;
};

}  // namespace

const Service* service_called(const Deployment& deployment, const EngineView& engine, const std::string& host) {
  for (const auto& service : deployment.services) {
    if (service.name == host || (!service.container_name.empty() && service.container_name == host)) return &service;
    if (service.container && service.container->name == host) return &service;
    const auto aliases = engine.aliases.find(service.name);
    if (aliases == engine.aliases.end()) continue;
    if (std::find(aliases->second.begin(), aliases->second.end(), host) != aliases->second.end()) return &service;
  }
  return nullptr;
}

bool on_host(const Service& service) {
  const bool in_compose = service.place.line > 0 || !service.place.file.empty() || service.container.has_value();
  return service.process.has_value() || service.network_mode == "host" || !in_compose;
}

std::optional<Dial> dial_from_inside(const Service& user, const std::string& host, std::uint16_t port) {
  if (user.vantage.empty() || user.vantage == host_vantage) return std::nullopt;
  if (host.starts_with('/')) return socket_file();
  return Dial{host, port, user.vantage, "as configured", "", ""};
}

std::string reachable_address(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]" ? "127.0.0.1" : address;
}

const PublishedPort* published_port(const Service& service, std::uint16_t port, const EngineView& engine) {
  const auto find = [port](const std::vector<PublishedPort>& ports) -> const PublishedPort* {
    for (const auto& published : ports)
      if (published.target == port && published.published != 0 && published.protocol == "tcp") return &published;
    return nullptr;
  };
  if (service.container) {
    const auto* real = find(service.container->ports);
    // A stopped container has no ports in the Engine; those of the file are the ones it would have.
    return real != nullptr || service.container->status == "running" ? real : find(service.ports);
  }
  return engine.asked ? nullptr : find(service.ports);
}

namespace {

std::string why_no_container(const EngineView& engine, bool running) {
  if (running) return "its container has no address";
  return engine.asked || engine.why.empty() ? "no container of it is running" : engine.why;
}

}  // namespace

Dial dial_published(const Service& service, const PublishedPort& published, const EngineView& engine) {
  Dial dial{reachable_address(published.address), published.published, "host", "published port", "", ""};
  if (!engine.asked && !service.container)
    dial.doubt = "nothing answers on port " + std::to_string(published.published) +
                 " of this host, and the Docker Engine could not be asked whether a container of " + service.name +
                 " runs";
  return dial;
}

Dial dial_service(const Service& service, std::uint16_t port, const EngineView& engine) {
  if (service.process || service.network_mode == "host") return {"127.0.0.1", port, "host", "as configured", "", ""};
  const bool running = service.container && service.container->status == "running";
  if (running)
    for (const auto& [network, address] : service.container->addresses)
      if (!address.empty()) return {address, port, "host", "container address", "", ""};
  if (const auto* published = published_port(service, port, engine)) return dial_published(service, *published, engine);
  Dial dial;
  dial.reason = service.name + " is a name inside the compose network, no port of it is published, and " +
                why_no_container(engine, running);
  return dial;
}

namespace {

std::vector<DataSource> find_sources(const Deployment& deployment, const EngineView& engine, const Kind& kind) {
  const Finder finder{deployment, engine};
  std::vector<DataSource> sources;
  for (const auto* setting : deployment.with_role(kind.role))
    if (auto source = finder.source(*setting, kind)) sources.push_back(std::move(*source));
  return sources;
}

}  // namespace

std::vector<DataSource> find_data_sources(const Deployment& deployment, const EngineView& engine) {
  return find_sources(deployment, engine, postgres());
}

std::vector<DataSource> find_redis(const Deployment& deployment, const EngineView& engine) {
  return find_sources(deployment, engine, redis());
}

}  // namespace doctor::deployment
