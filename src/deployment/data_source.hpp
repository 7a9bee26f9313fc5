#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"

/// What the services connect to, and how doctor gets there.
namespace doctor::deployment {

/// What the Engine adds to what the compose file says about names and addresses.
struct EngineView {
  bool asked = false;                                         ///< the Engine answered: a missing container is missing
  std::string why{};                                          ///< it was not: a sentence that says so, and why
  std::map<std::string, std::vector<std::string>> aliases{};  ///< service -> further names on its networks
  bool elsewhere = false;                                     ///< the services run on other hosts; `why` says where
};

/// The data sources of all settings with role "database-url" that have a value.
std::vector<DataSource> find_data_sources(const Deployment& deployment, const EngineView& engine);

/// The same for the role "redis-url". `database` is the number as written, "" for the first.
std::vector<DataSource> find_redis(const Deployment& deployment, const EngineView& engine);

/// Through a published port. Without an Engine to ask, a refusal there proves nothing: the dial says so in `doubt`.
Dial dial_published(const Service& service, const PublishedPort& published, const EngineView& engine);

/// How to reach `port` of a service that runs in a container from the host: the running container's address, else its
/// published port, else a reason. A name that means something only inside a compose network is never dialled.
Dial dial_service(const Service& service, std::uint16_t port, const EngineView& engine);

/// The port that is published for `port` of the service, as the container has it, or as the compose file says when the
/// container exists or cannot be asked for; nullptr: none.
const PublishedPort* published_port(const Service& service, std::uint16_t port, const EngineView& engine);

/// How `user` itself gets at `host`:`port`: from inside its container, when doctor can enter that; nothing: it cannot,
/// or the user's network is the host's.
std::optional<Dial> dial_from_inside(const Service& user, const std::string& host, std::uint16_t port);

/// "127.0.0.1" for all addresses ("", 0.0.0.0, ::), else `address`.
std::string reachable_address(const std::string& address);

/// Whether the network of the service is the host's: a bare process, network_mode host, or no part of a compose
/// project.
bool on_host(const Service& service);

/// The service that `host` names inside the compose networks, or nullptr.
const Service* service_called(const Deployment& deployment, const EngineView& engine, const std::string& host);

}  // namespace doctor::deployment
