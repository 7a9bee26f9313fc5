#include <algorithm>
#include <map>

#include "formats/proxy_kinds.hpp"
#include "util/text.hpp"

// Traefik takes its routes from labels of the services (its Docker provider). Only those are read, and the static
// options that stand in the `command` of a Traefik in the same deployment.

namespace doctor::formats::proxies {
namespace {

using Labels = std::map<std::string, std::string>;

/// The names of labels are not case-sensitive.
Labels labels_of(const Service& service) {
  Labels labels;
  const auto add = [&](const Labels& from) {
    for (const auto& [name, value] : from) labels.emplace(util::lower(name), value);
  };
  add(service.labels);
  if (service.container) add(service.container->labels);
  return labels;
}

std::string label(const Labels& labels, const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string{} : util::trim(found->second);
}

/// Names of the service's networks as Docker knows them, which are those that Traefik compares with.
std::vector<std::string> networks_of(const Deployment& deployment, const Service& service) {
  std::vector<std::string> names;
  for (const auto& name : service.networks) {
    const auto found = std::find_if(deployment.networks.begin(), deployment.networks.end(),
                                    [&](const Network& network) { return network.name == name; });
    const bool real = found != deployment.networks.end() && !found->real_name.empty();
    names.push_back(real ? found->real_name : name);
  }
  return names;
}

class TraefikProxy {
 public:
  TraefikProxy(const Deployment& deployment, ProxyReading& reading)
      : deployment_{deployment}, reading_{reading}, self_{deployment.service(reading.proxy.service)} {
    if (self_ != nullptr)
      for (const auto& word : self_->command) options_.push_back(util::lower(word));
  }

  void read() {
    for (const auto& service : deployment_.services) {
      const auto labels = labels_of(service);
      if (!service.enabled || util::lower(label(labels, "traefik.enable")) != "true") continue;
      reading_.ours = true;
      network(service, labels);
      routers(service, labels);
      timeouts(service);
      routes(service, labels);
    }
  }

 private:
  void fault(const std::string& code, const Service& service, std::string detail) {
    reading_.faults.push_back({code, service.place, std::move(detail), service.name});
  }

  void network(const Service& service, const Labels& labels) {
    auto wanted = label(labels, "traefik.docker.network");
    if (wanted.empty() || wanted.find('$') != std::string::npos) return;
    const auto names = networks_of(deployment_, service);
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return;
    fault("network", service,
          "it names " + util::shown(wanted, 60) + ", the service is in " + util::shown(util::join(names, ", "), 120));
  }

  bool has_option(std::string_view part) const {
    return std::any_of(options_.begin(), options_.end(),
                       [&](const std::string& option) { return option.find(part) != std::string::npos; });
  }

  /// A Traefik of another project may have a resolver as its default.
  void routers(const Service& service, const Labels& labels) {
    static constexpr std::string_view prefix = "traefik.http.routers.";
    if (options_.empty() || has_option(".http.tls.certresolver") || has_option("providers.file") ||
        has_option("configfile"))
      return;
    for (const auto& [name, value] : labels) {
      if (!name.starts_with(prefix) || !name.ends_with(".tls") || util::lower(value) != "true") continue;
      if (labels.count(name + ".certresolver") > 0) continue;
      const auto router = name.substr(prefix.size(), name.size() - prefix.size() - 4);
      return fault("certresolver", service, "the router " + util::shown(router, 60) + " names no certresolver");
    }
  }

  void timeouts(const Service& service) {
    if (options_.empty() || service.rule.limits.empty() || has_option("respondingtimeouts") || has_option("configfile"))
      return;
    const auto colon = self_->image.rfind(':');
    const auto tag = colon == std::string::npos ? std::string{} : self_->image.substr(colon + 1);
    const bool old = tag.starts_with("1.") || tag.starts_with("v1.") || tag.starts_with("v2.") || tag.starts_with("2.");
    if (!old) fault("timeout", service, "readTimeout is 60 s by default");
  }

  void routes(const Service& service, const Labels& labels) {
    std::string port;
    for (const auto& [name, value] : labels)
      if (name.starts_with("traefik.http.services.") && name.ends_with(".loadbalancer.server.port")) port = value;
    for (const auto& want : proxy_wants(deployment_)) {
      if (want.service != service.name) continue;
      ProxyRoute route;
      route.want = want;
      route.place = route.upstream_place = service.place;
      route.upstream = service.name + ":" + port;
      route.target = port.empty()
                         ? ProxyTarget::service
                         : leads_to(deployment_, reading_.proxy, service, util::lower(service.name) + ":" + port);
      reading_.routes.push_back(std::move(route));
    }
  }

  const Deployment& deployment_;
  ProxyReading& reading_;
  const Service* self_;
  std::vector<std::string> options_;  ///< in lower case
};

}  // namespace

void read_traefik_proxy(const Deployment& deployment, ProxyReading& reading) {
  TraefikProxy{deployment, reading}.read();
}

}  // namespace doctor::formats::proxies
