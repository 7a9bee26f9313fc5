#include "deployment/find_upstreams.hpp"

#include <algorithm>
#include <optional>

#include "deployment/discover_http.hpp"
#include "deployment/egress.hpp"
#include "doctor/outside.hpp"
#include "doctor/probe/question.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

bool is_example(const SettingRule& rule, const std::string& text) {
  return std::any_of(rule.examples.begin(), rule.examples.end(), [&](const std::string& example) {
    return !example.empty() && text.find(example) != std::string::npos;
  });
}

/// Where a rule leads to, before it is looked at.
struct Target {
  std::string text;
  std::string setting;  ///< subject; "" for an address of the description
  std::string note;     ///< why the text is not given
};

class Finder {
 public:
  Finder(const Deployment& deployment, const EngineView& engine) : deployment_{deployment}, engine_{engine} {}

  std::vector<Upstream> all() const {
    std::vector<Upstream> found;
    for (const auto& service : deployment_.services) {
      if (!service.enabled || !is_known(service)) continue;
      for (const auto& rule : service.rule.upstreams)
        if (auto one = upstream(service, rule)) found.push_back(std::move(*one));
    }
    return found;
  }

 private:
  /// Of a service of which nothing but an address is known, it is not known what it calls.
  bool is_known(const Service& service) const {
    if (service.process || service.container || !service.place.file.empty()) return true;
    return std::any_of(deployment_.settings.begin(), deployment_.settings.end(), [&](const Setting& setting) {
      return setting.service == service.name && setting.value().has_value();
    });
  }

  std::string text_of(const std::string& service, const std::string& name) const {
    const auto* setting = deployment_.setting(service, name);
    if (setting == nullptr) return {};
    const auto& value = setting->value();
    return util::trim(value ? SecretReader::reveal(*value) : setting->rule.fallback);
  }

  bool is_called(const Service& service, const UpstreamRule& rule) const {
    if (!rule.when.empty() && text_of(service.name, rule.when).empty()) return false;
    return rule.without.empty() || text_of(service.name, rule.without).empty();
  }

  /// Nothing: it leads nowhere, and it is not for this to say so.
  std::optional<Target> target(const Service& service, const UpstreamRule& rule) const {
    const auto* setting = rule.setting.empty() ? nullptr : deployment_.setting(service.name, rule.setting);
    const auto* value = setting != nullptr && setting->value() ? &*setting->value() : nullptr;
    if (value != nullptr && !util::trim(SecretReader::reveal(*value)).empty()) {
      if (value->is_secret()) return Target{"", setting->subject(), setting->name + " holds a secret"};
      if (is_example(setting->rule, value->text())) return std::nullopt;
      return Target{util::trim(value->text()), setting->subject(), ""};
    }
    // An empty value that is none of its own is used as it is, and cannot work.
    if (value != nullptr && !setting->rule.may_be_empty) return std::nullopt;
    if (!rule.url.empty()) return Target{rule.url, "", ""};
    if (setting == nullptr || setting->rule.fallback.empty()) return std::nullopt;
    return Target{setting->rule.fallback, "", ""};
  }

  std::optional<Upstream> upstream(const Service& service, const UpstreamRule& rule) const {
    if (!is_called(service, rule)) return std::nullopt;
    auto where = target(service, rule);
    if (!where) return std::nullopt;
    Upstream found;
    found.service = service.name;
    found.id = rule.id;
    found.endpoint = "endpoint:" + service.name + ":" + rule.id;
    found.setting = where->setting;
    found.vantage = service.vantage;
    found.note = where->note;
    found.rule = rule;
    if (found.note.empty()) locate(found, service, std::move(where->text));
    return found;
  }

  void locate(Upstream& found, const Service& service, std::string text) const {
    const auto& rule = found.rule;
    // A query or fragment of the setting's is not asked for: it may be secret.
    text = text.substr(0, text.find_first_of("?#"));
    if (!rule.from.empty() && !found.setting.empty() && text.ends_with(rule.from))
      text.replace(text.size() - rule.from.size(), rule.from.size(), rule.to);
    const auto base = parse_base_url(text, found.note);
    if (!found.note.empty()) return;
    found.url = text + rule.path;
    found.host = base.host;
    found.port = base.port;
    found.tls = text.starts_with("https://");
    found.own = is_private_host(base.host) || service_called(deployment_, engine_, base.host) != nullptr;
    auto egress = egress_to(deployment_, service, base.host, base.port, found.tls);
    found.proxy = std::move(egress.proxy);
    found.authorities = std::move(egress.authorities);
    found.note = found.vantage.empty() ? service.vantage_note : egress.note;
  }

  const Deployment& deployment_;
  const EngineView& engine_;
};

/// The dependencies of the upstreams.
class Edges {
 public:
  Edges(const Deployment& deployment, const EngineView& engine) : deployment_{deployment}, engine_{engine} {}

  std::vector<Edge> all() {
    for (const auto& upstream : deployment_.upstreams) add(upstream);
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    return std::move(edges_);
  }

 private:
  void link(const std::string& from, const std::string& to) {
    if (!from.empty() && !to.empty() && from != to) edges_.push_back({from, to});
  }

  void add(const Upstream& upstream) {
    link("service:" + upstream.service, upstream.endpoint);
    link(upstream.endpoint, upstream.setting);
    for (const auto& credential : upstream.rule.credentials)
      if (const auto* setting = deployment_.setting(upstream.service, credential.setting))
        link(upstream.endpoint, setting->subject());
    if (upstream.tls) link(upstream.endpoint, "host:clock");  // by which certificates are judged
    if (upstream.own) return add_target(upstream);
    const auto egress = "endpoint:" + upstream.service + ":egress";
    link(upstream.endpoint, egress);
    link("service:" + upstream.service, egress);
    for (const auto& subject : egress_settings(deployment_, upstream.service)) {
      link(upstream.endpoint, subject);
      link(egress, subject);
    }
  }

  /// What answers there is a part of the deployment.
  void add_target(const Upstream& upstream) {
    const auto port = ":" + std::to_string(upstream.port);
    if (const auto* service = service_called(deployment_, engine_, upstream.host)) {
      link(upstream.endpoint, service->subject());
      link(upstream.endpoint, "endpoint:" + service->name + port);
      return;
    }
    if (upstream.vantage != host_vantage) return;
    for (const auto& base : deployment_.http)
      if (is_there(base.dial, upstream)) link(upstream.endpoint, base.endpoint);
    for (const auto* sources : {&deployment_.data_sources, &deployment_.redis})
      for (const auto& source : *sources)
        if (is_there(source.dial, upstream)) link(upstream.endpoint, source.endpoint);
  }

  static bool is_there(const Dial& dial, const Upstream& upstream) {
    return dial.vantage == host_vantage && dial.port == upstream.port &&
           (dial.host == upstream.host || is_private_host(dial.host));
  }

  const Deployment& deployment_;
  const EngineView& engine_;
  std::vector<Edge> edges_;
};

}  // namespace

std::vector<Upstream> find_upstreams(const Deployment& deployment, const EngineView& engine) {
  return Finder{deployment, engine}.all();
}

std::vector<Edge> upstream_edges(const Deployment& deployment, const EngineView& engine) {
  return Edges{deployment, engine}.all();
}

}  // namespace doctor::deployment
