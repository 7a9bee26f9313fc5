#include <algorithm>
#include <map>

#include "formats/go_duration.hpp"
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

constexpr std::string_view router_prefix = "traefik.http.routers.";

/// One router of a service, as far as its labels tell.
struct Router {
  std::string rule;
  std::string middlewares;
};

std::map<std::string, Router> routers_of(const Labels& labels) {
  std::map<std::string, Router> routers;
  for (const auto& [name, value] : labels) {
    if (!name.starts_with(router_prefix)) continue;
    const auto end = name.find('.', router_prefix.size());
    if (end == std::string::npos) continue;
    auto& router = routers[name.substr(router_prefix.size(), end - router_prefix.size())];
    if (name.substr(end) == ".rule") router.rule = value;
    if (name.substr(end) == ".middlewares") router.middlewares = value;
  }
  return routers;
}

/// The texts in quotes behind each `Path(` and `PathPrefix(` of a rule, and whether one of them fits.
bool may_lead(const std::string& rule, const std::string& path) {
  const auto lower = util::lower(rule);
  if (lower.find("path") == std::string::npos) return true;
  if (lower.find("pathregexp") != std::string::npos || lower.find('!') != std::string::npos) return false;
  for (std::size_t at = lower.find("path"); at != std::string::npos; at = lower.find("path", at + 4)) {
    const bool prefix = lower.compare(at, 11, "pathprefix(") == 0;
    const auto begin = rule.find_first_of("`'\"", at);
    const auto end = begin == std::string::npos ? begin : rule.find(rule[begin], begin + 1);
    if (end == std::string::npos) continue;
    const auto text = rule.substr(begin + 1, end - begin - 1);
    if (prefix ? path.starts_with(text) : path == text) return true;
  }
  return false;
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
    if (options_.empty() || has_option(".http.tls.certresolver") || has_option("providers.file") ||
        has_option("configfile"))
      return;
    for (const auto& [name, value] : labels) {
      if (!name.starts_with(router_prefix) || !name.ends_with(".tls") || util::lower(value) != "true") continue;
      if (labels.count(name + ".certresolver") > 0) continue;
      const auto router = name.substr(router_prefix.size(), name.size() - router_prefix.size() - 4);
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
      answers(labels, service, route);
      reading_.routes.push_back(std::move(route));
    }
  }

  /// Answers are sent on at once, whatever time they take, unless something is set. A router that is not known to be
  /// open to everybody counts as guarded: a middleware may be a login.
  void answers(const Labels& labels, const Service& service, ProxyRoute& route) const {
    const auto routers = routers_of(labels);
    route.guarded = std::none_of(routers.begin(), routers.end(), [&](const auto& one) {
      const auto& [rule, middlewares] = one.second;
      return !rule.empty() && middlewares.empty() && may_lead(rule, route.want.path);
    });
    route.buffered = {buffers(labels, routers), service.place};
    for (const auto* option : {"forwardingtimeouts.responseheadertimeout=", "respondingtimeouts.writetimeout="})
      shorten(option, route.answer_timeout);
    if (route.answer_timeout.value.count() > 0) route.answer_timeout.place = self_->place;
  }

  static bool buffers(const Labels& labels, const std::map<std::string, Router>& routers) {
    static constexpr std::string_view prefix = "traefik.http.middlewares.";
    return std::any_of(labels.begin(), labels.end(), [&](const auto& one) {
      const auto at = one.first.find(".buffering.");
      if (!one.first.starts_with(prefix) || at == std::string::npos) return false;
      const auto name = one.first.substr(prefix.size(), at - prefix.size());
      return std::any_of(routers.begin(), routers.end(), [&](const auto& router) {
        return util::lower(router.second.middlewares).find(name) != std::string::npos;
      });
    });
  }

  /// A number alone is in seconds.
  void shorten(std::string_view name, NginxValue<std::chrono::milliseconds>& timeout) const {
    for (const auto& option : options_) {
      const auto at = option.find(name);
      if (at == std::string::npos) continue;
      const auto time = go_duration(util::trim(option.substr(at + name.size())), 1000);
      const bool shorter = time && time->count() > 0 && (timeout.value.count() == 0 || *time < timeout.value);
      if (shorter) timeout.value = *time;
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
