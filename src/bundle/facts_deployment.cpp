#include <chrono>

#include "bundle/facts_collector.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

std::string reach_word(Reach reach) {
  switch (reach) {
    case Reach::passed:
      return "passed on from .env";
    case Reach::pinned:
      return "set by the compose file, whatever .env says";
    case Reach::not_passed:
      return "not passed on by the compose file";
    case Reach::unknown:
      break;
  }
  return {};
}

std::string port_text(const PublishedPort& port) {
  const auto address = port.address.empty() ? std::string{"0.0.0.0"} : port.address;
  const auto published = port.published == 0 ? std::string{"any"} : std::to_string(port.published);
  return address + ":" + published + " -> " + std::to_string(port.target) + "/" + port.protocol;
}

std::string mount_text(const Mount& mount) {
  return mount.kind + " " + mount.source + " on " + mount.target + (mount.read_only ? " (read only)" : "");
}

std::string memory_text(std::uint64_t bytes) {
  return bytes == 0 ? std::string{} : std::to_string(bytes) + " bytes";
}

std::string dial_text(const Dial& dial) {
  if (!dial.reason.empty()) return "not reached: " + dial.reason;
  return dial.how;
}

template <class Items, class Text>
std::string listed(const Items& items, Text text) {
  std::vector<std::string> texts;
  for (const auto& item : items) texts.push_back(text(item));
  return util::join(texts, ", ");
}

class Reader {
 public:
  Reader(const Deployment& deployment, FactCollector& facts) : deployment_{deployment}, facts_{facts} {}

  void read() {
    of_deployment();
    for (const auto& service : deployment_.services) of_service(service);
    for (const auto& setting : deployment_.settings) of_setting(setting);
    of_networks();
    of_volumes();
    of_data_sources();
    of_addresses();
    for (const auto& proxy : deployment_.proxies) facts_.add(proxy.subject, "proxy", proxy.kind + " " + proxy.config);
  }

 private:
  void of_deployment() {
    const std::string subject = "deployment";
    facts_.add(subject, "directory", deployment_.directory);
    facts_.add(subject, "project", deployment_.project);
    facts_.add(subject, "system", deployment_.system);
    facts_.add(subject, "compose file", deployment_.compose_file);
    facts_.add(subject, "env file", deployment_.env_file);
    facts_.add(subject, "docker engine", deployment_.engine_note);
    for (const auto& path : deployment_.files) facts_.add(file_subject(deployment_, path), "read as", "configuration");
    for (const auto& file : deployment_.manifests) facts_.add("file:" + file.path, "read as", file.kind);
    for (const auto& [role, path] : deployment_.disks) facts_.add("disk:" + role, "path", path);
  }

  void of_service(const Service& service) {
    const auto subject = service.subject();
    const auto add = [&](const char* name, const std::string& value) { facts_.add(subject, name, value); };
    add("image", service.image);
    add("build context", service.build);
    add("user", service.user);
    add("active", yes_or_no(service.enabled));
    add("read only", service.read_only ? "yes" : "");
    add("network mode", service.network_mode);
    add("networks", util::join(service.networks, ", "));
    add("depends on", util::join(service.depends_on, ", "));
    add("health check", service.healthcheck);
    add("command", util::join(service.command, " "));
    add("entrypoint", util::join(service.entrypoint, " "));
    add("log driver", service.log_driver);
    add("stop grace period", number_text(static_cast<std::uint64_t>(service.stop_grace.count())));
    add("memory limit in files", memory_text(service.memory_limit));
    add("restart policy in files", service.restart);
    add("replicas", std::to_string(service.replicas));
    add("ports", listed(service.ports, port_text));
    add("mounts", listed(service.mounts, mount_text));
    add("entered", service.vantage_note.empty() ? "" : "no: " + service.vantage_note);
    of_container(service);
    of_process(service);
  }

  void of_container(const Service& service) {
    if (!service.container) return;
    const auto& container = *service.container;
    const auto subject = service.subject();
    const auto add = [&](const char* name, const std::string& value) { facts_.add(subject, name, value); };
    add("container", container.name);
    add("image of container", container.image);
    add("image id", container.image_id);
    add("image made", time_text(container.image_created));
    add("status", container.status);
    if (container.status == "exited") add("exit code", std::to_string(container.exit_code));
    add("killed for memory", container.oom_killed ? "yes" : "");
    add("restarts", std::to_string(container.restarts));
    add("created", time_text(container.created));
    add("started", time_text(container.started));
    add("health", container.health);
    add("error of the engine", container.error);
    add("memory limit", memory_text(container.memory_limit));
    add("restart policy", container.restart_policy);
    add("log driver of container", container.log_driver);
    add("user of container", container.user);
    add("ports of container", listed(container.ports, port_text));
    add("mounts of container", listed(container.mounts, mount_text));
    add("networks of container", listed(container.addresses, [](const auto& item) { return item.first; }));
    const auto add_volatile = [&](const char* name, const std::string& value) {
      facts_.add_volatile(subject, name, value);
    };
    add_volatile("container id", container.id);
    add_volatile("pid", number_text(static_cast<std::uint64_t>(container.pid)));
    add_volatile("addresses", listed(container.addresses, [](const auto& item) { return item.second; }));
    add_volatile("last end", time_text(container.finished));
  }

  void of_process(const Service& service) {
    if (!service.process) return;
    const auto subject = service.subject();
    facts_.add(subject, "program", service.process->exe);
    facts_.add(subject, "working directory", service.process->directory);
    facts_.add(subject, "user of process", std::to_string(service.process->uid));
    facts_.add(subject, "started", time_text(service.process->started));
    facts_.add_volatile(subject, "pid", std::to_string(service.process->pid));
  }

  static std::string value_text(const Value& value) {
    if (value.is_secret()) return "set (secret)";
    return value.text().empty() ? "empty" : value.text();
  }

  /// Two values that can be compared, and differ.
  static bool differ(const std::optional<Value>& one, const std::optional<Value>& other) {
    if (!one || !other) return one.has_value() != other.has_value();
    if (one->is_secret() || other->is_secret()) return false;
    return one->text() != other->text();
  }

  void of_setting(const Setting& setting) {
    const auto subject = setting.subject();
    const auto& value = setting.value();
    if (value) facts_.add(subject, "value", value_text(*value));
    if (setting.running && setting.configured && differ(setting.running, setting.configured))
      facts_.add(subject, "value in files", value_text(*setting.configured));
    if (setting.written && differ(setting.written, value))
      facts_.add(subject, "value in .env", value_text(*setting.written));
    if (!value && !setting.written) return;
    facts_.add(subject, "set at", place_of(setting));
    facts_.add(subject, "value in .env is", reach_word(setting.reach));
  }

  /// Without the pid of a process.
  static std::string place_of(const Setting& setting) {
    auto where = setting.where();
    return where.starts_with("process ") ? "the process" : where;
  }

  void of_networks() {
    for (const auto& network : deployment_.networks) {
      const auto subject = "network:" + network.name;
      facts_.add(subject, "name", network.real_name);
      facts_.add(subject, "internal", network.internal ? "yes" : "");
      facts_.add(subject, "external", network.external ? "yes" : "");
      if (network.exists) facts_.add(subject, "exists", yes_or_no(*network.exists));
    }
  }

  void of_volumes() {
    for (const auto& volume : deployment_.volumes) {
      const auto subject = "volume:" + volume.name;
      facts_.add(subject, "name", volume.real_name);
      facts_.add(subject, "external", volume.external ? "yes" : "");
      if (volume.created) facts_.add(subject, "created", time_text(*volume.created));
      facts_.add(subject, "path", volume.host_path);
      facts_.add(subject, "also used by", util::join(volume.used_by, ", "));
    }
  }

  void of_data_sources() {
    for (const auto* sources : {&deployment_.data_sources, &deployment_.redis})
      for (const auto& source : *sources) {
        const auto add = [&](const char* name, const std::string& value) { facts_.add(source.setting, name, value); };
        add("scheme", source.scheme);
        add("user name", source.user);
        add("host", source.host);
        add("port", number_text(source.port));
        add("database", source.database);
        add("TLS mode", source.tls_mode);
        add("problem", source.problem);
        facts_.add(source.endpoint.empty() ? source.setting : source.endpoint, "reached by", dial_text(source.dial));
      }
  }

  void of_addresses() {
    for (const auto& base : deployment_.http) facts_.add(base.endpoint, "reached by", dial_text(base.dial));
    for (const auto& url : deployment_.public_urls) facts_.add(url.endpoint, "address", url.url);
    for (const auto& upstream : deployment_.upstreams) {
      facts_.add(upstream.endpoint, "address", upstream.url);
      facts_.add(upstream.endpoint, "proxy", upstream.proxy);
      facts_.add(upstream.endpoint, "not asked", upstream.note);
    }
  }

  const Deployment& deployment_;
  FactCollector& facts_;
};

}  // namespace

void collect_from_deployment(const Deployment& deployment, FactCollector& facts) {
  Reader{deployment, facts}.read();
}

}  // namespace doctor::bundle
