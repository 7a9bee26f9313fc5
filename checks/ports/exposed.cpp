#include "checks/ports/exposed.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "doctor/codes/ports.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::exposed {
namespace {

/// Programs that keep data for other programs, by the port that they listen on (IANA's registry, or the project's own
/// documentation). Nobody but the deployment's services needs them.
struct Store {
  std::uint16_t port;
  std::string_view name;
};

constexpr std::array<Store, 12> stores{{{1433, "SQL Server"},
                                        {2379, "etcd"},
                                        {3306, "MySQL"},
                                        {5432, "PostgreSQL"},
                                        {5672, "RabbitMQ"},
                                        {5984, "CouchDB"},
                                        {6379, "Redis"},
                                        {8123, "ClickHouse"},
                                        {9042, "Cassandra"},
                                        {9200, "Elasticsearch"},
                                        {11211, "memcached"},
                                        {27017, "MongoDB"}}};

const Store* store_at(const PublishedPort& port) {
  const auto* const found =
      std::find_if(stores.begin(), stores.end(), [&](const Store& store) { return store.port == port.target; });
  return found == stores.end() || port.protocol != "tcp" ? nullptr : found;
}

bool on_all_interfaces(const PublishedPort& port) {
  return port.address.empty() || port.address == "0.0.0.0" || port.address == "::";
}

}  // namespace

void judge(const Deployment& deployment, Judgement& out) {
  for (const auto& service : deployment.services) {
    if (!service.enabled) continue;
    for (const auto& port : service.ports) {
      const auto* store = store_at(port);
      if (store == nullptr || !on_all_interfaces(port)) continue;
      const auto target = std::to_string(port.target);
      const auto where = formats::shown(port.place.file) + ":" + std::to_string(port.place.line);
      out.findings.emplace_back(
          codes::port_exposed, "endpoint:" + service.name + ":" + target,
          std::vector<Evidence>{{"service", service.name, {}, {}},
                                {"port", port.published == 0 ? "any" : std::to_string(port.published), where, {}},
                                {"target", target, where, {}},
                                {"kind", std::string{store->name}, {}, {}},
                                {"where", where, {}, {}}});
      break;  // published for IPv4 and IPv6, it is one matter
    }
  }
}

}  // namespace doctor::checks::exposed
