#include "plan/plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "doctor/outside.hpp"

namespace doctor::plan {
namespace {

constexpr std::string_view pages = "GET or HEAD, at most 3 requests to one URL";
constexpr std::string_view queries = "login as the setting says, read-only queries, 5 s each, at most 2 connections";
constexpr std::string_view commands = "login as the setting says, commands that only read";

std::string at(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string vantage_of(const std::string& vantage) {
  return vantage.empty() ? std::string{host_vantage} : vantage;
}

/// "https://a.example" of "https://a.example/b".
std::string origin_of(const std::string& url) {
  const auto scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

/// All steps that answer one kind of question, whoever asks it.
class Planner {
 public:
  explicit Planner(const Deployment& deployment) : deployment_{deployment} {}

  std::vector<Step> steps(std::string_view probe) const {
    if (probe == "secret" || probe == "token") return {};
    if (probe == "file" || probe == "text" || probe == "directory" || probe == "access" || probe == "key")
      return files();
    if (probe == "file-system" || probe == "usage") return disks();
    if (probe == "clock" || probe == "time-keeping") return kernel("clock");
    if (probe == "memory") return kernel("/proc/meminfo");
    if (probe == "listeners") return kernel("/proc");
    if (probe == "postgres" || probe == "postgres-rows") return sources(deployment_.data_sources, "postgres", queries);
    if (probe == "redis" || probe == "redis-reply") return sources(deployment_.redis, "redis", commands);
    if (probe == "http") return requests();
    if (probe == "websocket") return websockets();
    if (probe == "certificate") return certificates();
    if (probe == "resolve") return names();
    if (probe == "tcp") return connections();
    if (probe == "logs") return logs();
    if (probe == "container-usage") return usage();
    if (probe == "engine-usage") return engine("/system/df", "how much room it uses");
    if (probe == "engine-history") return engine("/events", "starts and ends of containers of the last days");
    if (probe == "host-history") return history();
    throw std::logic_error{"a kind of question without a plan: " + std::string{probe}};
  }

  /// What finding out what is deployed reads, as far as it found something.
  std::vector<Step> discovery() const {
    std::set<Step> all;
    add_file(all, deployment_.directory, "doctor.yaml, .env, compose files, manifests, examples");
    for (const auto& path : deployment_.files) add_file(all, path, "configuration");
    all.insert({"kernel", "/proc", "", "programs of the application, their environments and control groups"});
    add_file(all, "/var/lib/docker", "whether it is there");
    for (const auto& proxy : deployment_.proxies)
      if (proxy.config.starts_with('/')) add_file(all, proxy.config, "configuration of " + proxy.kind);
    if (!deployment_.compose_file.empty())
      for (const auto* path : {"/_ping", "/info", "/containers", "/images", "/networks", "/volumes"})
        all.insert({"engine", path, "", "what runs, with its settings"});
    return {all.begin(), all.end()};
  }

 private:
  static void add_file(std::set<Step>& all, const std::string& path, const std::string& what) {
    if (path.starts_with('/')) all.insert({"file", path, "", what});
  }

  static std::vector<Step> kernel(const char* what) { return {{"kernel", what, "", "read"}}; }

  std::vector<Step> files() const {
    constexpr const char* looked = "owner, mode, size and time of what is named, and text that holds no secret";
    std::set<Step> all;
    add_file(all, deployment_.directory, looked);
    for (const auto& path : deployment_.files) add_file(all, path, "configuration");
    for (const auto& service : deployment_.services) add_files_of(service, looked, all);
    for (const auto& volume : deployment_.volumes) add_file(all, volume.host_path, looked);
    for (const auto& setting : deployment_.settings) add_named_file(setting, looked, all);
    for (const auto& [role, path] : deployment_.disks) add_file(all, path, looked);
    for (const auto& upstream : deployment_.upstreams) add_file(all, upstream.authorities, looked);
    for (const auto& proxy : deployment_.proxies) add_proxy(proxy, all);
    return {all.begin(), all.end()};
  }

  static void add_files_of(const Service& service, const char* looked, std::set<Step>& all) {
    for (const auto* mounts : {&service.mounts, service.container ? &service.container->mounts : &service.mounts})
      for (const auto& mount : *mounts) add_file(all, mount.source, looked);
    add_file(all, service.build, "its Dockerfile, and the time of the last commit");
    add_file(all, service.dockerfile, "text");
    if (service.process) add_file(all, service.process->directory, looked);
    if (service.container && service.container->pid > 0 && service.vantage.starts_with("container "))
      add_file(all, "/proc/" + std::to_string(service.container->pid) + "/root", looked);
  }

  void add_named_file(const Setting& setting, const char* looked, std::set<Step>& all) const {
    const auto* service = deployment_.service(setting.service);
    const auto& value = setting.value();
    if (service == nullptr || !setting.rule.role.ends_with("path") || (value && value->is_secret())) return;
    const auto& path = value && !value->text().empty() ? value->text() : setting.rule.fallback;
    if (const auto host = deployment_.host_path(*service, path)) add_file(all, *host, looked);
  }

  /// Its main file says which others belong to it.
  static void add_proxy(const Proxy& proxy, std::set<Step>& all) {
    if (!proxy.config.empty())
      all.insert({"file", "*", "", "configuration of " + proxy.kind + ": " + proxy.config + " and what it includes"});
  }

  std::vector<Step> disks() const {
    std::set<Step> all;
    for (const auto& [role, path] : deployment_.disks)
      add_file(all, path, "room and inodes of its file system; of a full one also what is largest on it");
    return {all.begin(), all.end()};
  }

  template <class Sources>
  static std::vector<Step> sources(const Sources& sources, const char* kind, std::string_view what) {
    std::set<Step> all;
    for (const auto& source : sources)
      if (source.problem.empty() && source.dial.reason.empty())
        all.insert({kind, at(source.dial.host, source.dial.port), vantage_of(source.dial.vantage),
                    std::string{what} + " (" + source.setting + ")"});
    return {all.begin(), all.end()};
  }

  bool is_asked(const Upstream& upstream) const {
    return upstream.note.empty() && !upstream.url.empty() &&
           (upstream.own || !is_kept_from(deployment_, upstream.host));
  }

  std::vector<Step> requests() const {
    std::set<Step> all;
    for (const auto& base : deployment_.http)
      if (!base.url.empty()) all.insert({"http", base.url, vantage_of(base.dial.vantage), std::string{pages}});
    for (const auto& url : deployment_.public_urls)
      if (!is_kept_from(deployment_, url.host)) all.insert({"http", url.url, "host", std::string{pages}});
    for (const auto& upstream : deployment_.upstreams)
      if (is_asked(upstream))
        all.insert({"http", origin_of(upstream.url), vantage_of(upstream.vantage),
                    upstream.proxy.empty() ? std::string{pages} : std::string{pages} + ", through " + upstream.proxy});
    return {all.begin(), all.end()};
  }

  /// ws for http, wss for https.
  std::vector<Step> websockets() const {
    std::set<Step> all;
    for (const auto& step : requests())
      if (step.target.starts_with("http"))
        all.insert({"websocket", "ws" + step.target.substr(4), step.vantage, "opening handshake, one message at most"});
    return {all.begin(), all.end()};
  }

  std::vector<Step> certificates() const {
    constexpr const char* what = "TLS handshake only";
    std::set<Step> all;
    for (const auto& url : deployment_.public_urls)
      if (url.tls && !is_kept_from(deployment_, url.host)) all.insert({"tls", at(url.host, url.port), "host", what});
    for (const auto& upstream : deployment_.upstreams)
      if (upstream.tls && is_asked(upstream))
        all.insert({"tls", at(upstream.host, upstream.port), vantage_of(upstream.vantage), what});
    return {all.begin(), all.end()};
  }

  std::vector<Step> names() const {
    constexpr const char* what = "its addresses, by the system's resolver";
    std::set<Step> all{{"resolve", "localhost", "host", what}};
    const auto add = [&](const std::string& name, const std::string& user) {
      all.insert({"resolve", name, "host", what});
      const auto* service = deployment_.service(user);
      if (service != nullptr && !service->vantage.empty()) all.insert({"resolve", name, service->vantage, what});
    };
    for (const auto* sources : {&deployment_.data_sources, &deployment_.redis})
      for (const auto& source : *sources)
        if (!source.host.empty()) add(source.host, source.service);
    for (const auto& service : deployment_.services)
      for (const auto& name : service.rule.talks_to) add(name, service.name);
    return {all.begin(), all.end()};
  }

  /// Whether a container's ports answer: in it, from its network, from the host.
  std::vector<Step> connections() const {
    constexpr const char* what = "connects and leaves";
    std::set<Step> all;
    for (const auto& service : deployment_.services) {
      if (!service.container) continue;
      std::set<std::uint16_t> ports{service.rule.port};
      for (const auto& port : service.container->ports) {
        ports.insert(port.target);
        all.insert(
            {"connect", at(everywhere(port.address) ? "127.0.0.1" : port.address, port.published), "host", what});
      }
      for (const auto* sources : {&deployment_.data_sources, &deployment_.redis})
        for (const auto& source : *sources) ports.insert(source.port);
      ports.erase(0);
      for (const auto port : ports) {
        all.insert({"connect", at("127.0.0.1", port), vantage_of(service.vantage), what});
        for (const auto& [network, address] : service.container->addresses)
          all.insert({"connect", at(address, port), vantage_of(service.vantage), what});
      }
    }
    return {all.begin(), all.end()};
  }

  static bool everywhere(const std::string& address) {
    return address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]";
  }

  std::vector<Step> logs() const {
    constexpr const char* what = "its log, the newest 64 MB at most";
    std::set<Step> all;
    for (const auto& service : deployment_.services) {
      if (service.container) {
        all.insert({"engine", "/containers", "", "log of " + service.container->name});
        add_file(all, service.container->log_path, what);
      }
      if (service.process)
        all.insert({"file", "/proc/" + std::to_string(service.process->pid), "",
                    "where its output goes, and that file when it is one; " + std::string{what}});
    }
    return {all.begin(), all.end()};
  }

  std::vector<Step> usage() const {
    std::set<Step> all;
    for (const auto& service : deployment_.services)
      if (service.container) all.insert({"engine", "/containers", "", "memory and CPU of " + service.container->name});
    return {all.begin(), all.end()};
  }

  std::vector<Step> engine(const char* path, const char* what) const {
    if (!deployment_.engine_asked) return {};
    return {{"engine", path, "", what}};
  }

  std::vector<Step> history() const {
    constexpr const char* what = "what happened in the last days";
    return {{"file", "/etc/systemd/system", "", "times of units"},
            {"file", "/var/log", "", what},
            {"kernel", "/dev/kmsg", "", what},
            {"kernel", "/proc", "", "time of the last boot"}};
  }

  const Deployment& deployment_;
};

std::vector<Step> steps_of(const Planner& planner, const std::vector<std::string_view>& questions) {
  std::set<Step> all;
  for (const auto& question : questions)
    for (auto& step : planner.steps(question)) all.insert(std::move(step));
  return {all.begin(), all.end()};
}

}  // namespace

std::vector<Part> plan(const Deployment& deployment, const std::vector<const CheckInfo*>& checks) {
  const Planner planner{deployment};
  std::vector<Part> parts{{"discovery", planner.discovery()}};
  for (const auto* check : checks) {
    const auto* questions = questions_of(check->id);
    if (questions == nullptr) throw std::logic_error{"a check without a plan: " + std::string{check->id}};
    parts.push_back({std::string{check->id}, steps_of(planner, *questions)});
  }
  parts.push_back({"timeline", steps_of(planner, {"clock", "file", "logs", "postgres", "postgres-rows", "certificate",
                                                  "engine-history", "host-history"})});
  return parts;
}

}  // namespace doctor::plan
