#include "deployment/graph.hpp"

#include <algorithm>

#include "deployment/settings.hpp"

namespace doctor::deployment {
namespace {

constexpr std::string_view docker_disk = "disk:docker";

class Graph {
 public:
  explicit Graph(const Deployment& deployment) : deployment_{deployment} {}

  std::vector<Edge> build() {
    for (const auto& service : deployment_.services)
      if (service.enabled) add_service(service);
    for (const auto& setting : deployment_.settings) add_setting(setting);
    for (const auto* sources : {&deployment_.data_sources, &deployment_.redis}) {
      for (const auto& source : *sources) {
        add("service:" + source.service, source.endpoint);
        add_endpoint(source.endpoint);
      }
    }
    for (const auto& base : deployment_.http) add_endpoint(base.endpoint);
    for (const auto& url : deployment_.public_urls) add_public(url);
    for (const auto& volume : deployment_.volumes) add("volume:" + volume.name, std::string{docker_disk});
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    return std::move(edges_);
  }

 private:
  void add(const std::string& from, const std::string& to) {
    if (!from.empty() && !to.empty() && from != to) edges_.push_back({from, to});
  }

  void add_service(const Service& service) {
    const auto subject = service.subject();
    for (const auto& name : service.depends_on) add_other(subject, name);
    for (const auto& name : service.rule.talks_to) add_other(subject, name);
    if (!service.process && !service.place.file.empty()) {
      if (!deployment_.compose_file.empty()) add(subject, "file:" + deployment_.compose_file);
      add(subject, "file:" + service.place.file);
    }
    if (!service.process && !service.dockerfile.empty()) add(subject, file_subject(deployment_, service.dockerfile));
    if (!service.process)
      for (const auto& mount : service.mounts) add_mount(subject, mount);
  }

  void add_other(const std::string& subject, const std::string& name) {
    if (const auto* other = deployment_.service(name)) add(subject, other->subject());
  }

  void add_mount(const std::string& subject, const Mount& mount) {
    if (mount.kind == "volume" && !mount.source.empty()) add(subject, "volume:" + short_name(mount.source));
    if (mount.kind == "bind" || mount.kind == "secret") add(subject, file_subject(deployment_, mount.source));
    if (mount.kind == "volume" && mount.target.find("/postgresql") != std::string::npos) add(subject, "disk:database");
  }

  std::string short_name(const std::string& source) const {
    for (const auto& volume : deployment_.volumes)
      if (volume.real_name == source) return volume.name;
    return source;
  }

  void add_setting(const Setting& setting) {
    const auto subject = setting.subject();
    for (const auto& other : setting.built_from) add(subject, other);
    const bool from_env = setting.reach == Reach::passed || (setting.reach == Reach::unknown && setting.written_at);
    if (from_env) add(subject, "file:" + (setting.written_at ? setting.written_at->file : deployment_.env_file));
    if (const auto* first = first_from_same_line(setting)) add(subject, first->subject());
    if (setting.rule.token) add(subject, "host:clock");  // by which its times are judged
    const auto* service = deployment_.service(setting.service);
    if (service == nullptr) return;
    add(service->subject(), subject);
    add_path(*service, setting);
  }

  /// The setting of an earlier service that takes its value from the same line, of .env or of what gives it to both:
  /// what is wrong with that line is told of the first, and concerns all.
  const Setting* first_from_same_line(const Setting& setting) const {
    const auto of_service = [](const Setting& one) { return one.described && one.service != compose_service; };
    const auto taken = [](const Setting& one) { return one.reach == Reach::passed; };
    if (!of_service(setting)) return nullptr;
    for (const auto& other : deployment_.settings) {
      if (&other == &setting) break;
      if (other.name != setting.name || !of_service(other)) continue;
      const bool same_place = setting.passed_at && other.passed_at == setting.passed_at;
      const bool same_line = setting.reach == Reach::unknown && other.reach == Reach::unknown && setting.written_at &&
                             other.written_at == setting.written_at;
      if (same_place || same_line || (taken(setting) && taken(other))) return &other;
    }
    return nullptr;
  }

  /// Files and disks that a setting names by its role.
  void add_path(const Service& service, const Setting& setting) {
    if (setting.rule.role == "storage-path") add(service.subject(), "disk:storage");
    if (!setting.rule.role.ends_with("-key-path")) return;
    const auto& value = setting.value();
    if (value && value->is_secret()) return;
    const auto& path = value && !value->text().empty() ? value->text() : setting.rule.fallback;
    // A path inside an image is no file of the host.
    if (const auto host = deployment_.host_path(service, path))
      add(service.subject(), file_subject(deployment_, *host));
  }

  /// The way of the users leads through the service's own endpoint.
  void add_public(const PublicUrl& url) {
    add_endpoint(url.endpoint);
    add(url.endpoint, url.setting);
    add(url.endpoint, "host:clock");  // by which certificates are judged
    for (const auto& base : deployment_.http)
      if (base.service == url.service) add(url.endpoint, base.endpoint);
  }

  void add_endpoint(const std::string& endpoint) {
    const auto start = endpoint.find(':');
    const auto end = endpoint.rfind(':');
    if (start == std::string::npos || end <= start) return;
    add_other(endpoint, endpoint.substr(start + 1, end - start - 1));
  }

  const Deployment& deployment_;
  std::vector<Edge> edges_;
};

}  // namespace

std::string file_subject(const Deployment& deployment, const std::string& path) {
  return "file:" + deployment.shown_path(path);
}

std::vector<Edge> build_edges(const Deployment& deployment) {
  return Graph{deployment}.build();
}

}  // namespace doctor::deployment
