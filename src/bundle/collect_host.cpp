#include <algorithm>
#include <array>
#include <ctime>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "bundle/collect_inspect.hpp"
#include "bundle/collect_parts.hpp"
#include "probes/engine_json.hpp"
#include "probes/files_failure.hpp"
#include "probes/recorder_template.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::string_view section = "host";

using Reader = Outcome<SmallText> (*)(const Patient& patient, const Deadline& deadline);

std::string reason_of(const ProbeFailure& failure) {
  return failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail;
}

std::string octets(std::uint64_t count) {
  return util::bytes(count) + " (" + std::to_string(count) + ")";
}

// ---- files as the kernel and the distribution have them

void add_plain(Collection& collection, const std::string& path) {
  constexpr std::uint64_t most = 64UL * 1024;
  collection.add_text(std::string{section}, path.substr(1) + (path.find('.') == std::string::npos ? ".txt" : ""), path,
                      500, [patient = collection.shared(), path](const Deadline& deadline) -> Outcome<SmallText> {
                        auto bytes = patient->live.bytes(path, most, deadline);
                        if (!bytes) return Failed{std::move(bytes.error())};
                        return SmallText{util::shown_lines(*bytes), {}};
                      });
}

Outcome<SmallText> processors(const Patient& patient, const Deadline& deadline) {
  const auto online = patient.live.bytes("/sys/devices/system/cpu/online", 4096, deadline);
  const auto information = patient.live.bytes("/proc/cpuinfo", 4UL * 1024 * 1024, deadline);
  if (!online && !information) return Failed{information.error()};
  std::string text;
  if (online) text += "online: " + util::trim(*online) + "\n";
  std::map<std::string, int> models;
  for (const auto& line : util::split(information ? *information : "", '\n'))
    if (line.starts_with("model name") || line.starts_with("Processor"))
      ++models[util::trim(line.substr(std::min(line.find(':'), line.size() - 1) + 1))];
  for (const auto& [model, count] : models) text += std::to_string(count) + " x " + util::shown(model) + "\n";
  return SmallText{std::move(text), {}};
}

// ---- time

Outcome<SmallText> clock(const Patient& patient, const Deadline& deadline) {
  const auto now = std::time(nullptr);
  tm parts{};
  std::string text = "now: " + util::timestamp(now) + "\n";
  if (localtime_r(&now, &parts) != nullptr)
    text += "seconds east of Greenwich: " + std::to_string(parts.tm_gmtoff) + "\n";
  const auto keeping = patient.live.probes->ask(TimeKeepingQuestion{}, deadline);
  if (!keeping) return SmallText{text + "synchronised: not known, " + reason_of(keeping.error()) + "\n", {}};
  text += std::string{"synchronised: "} + (keeping->synchronised ? "yes" : "no") + "\n";
  text += "largest error, as the kernel estimates: " + std::to_string(keeping->error_microseconds) + " microseconds\n";
  return SmallText{std::move(text), {}};
}

// ---- disks

/// The file systems that the run has asked for.
std::map<std::string, Outcome<FileSystemAnswer>> recorded_disks(const probes::Tape& tape) {
  constexpr std::string_view probe = "file-system ";
  std::map<std::string, Outcome<FileSystemAnswer>> found;
  tape.each([&](const std::string& key, const std::string& outcome) {
    if (!key.starts_with(probe)) return;
    const auto question = util::Json::parse(key.substr(probe.size()), nullptr, false);
    if (question.is_object()) found.emplace(question.value("path", ""), probes::decoded<FileSystemAnswer>(outcome));
  });
  return found;
}

std::string disk_lines(const std::string& path, const Outcome<FileSystemAnswer>& disk) {
  auto text = util::shown(path, 300) + "\n";
  if (!disk) return text + "  not known: " + reason_of(disk.error()) + "\n";
  text += "  mounted at " + util::shown(disk->mount_point, 300) + ", " + util::shown(disk->type) +
          (disk->read_only ? ", read-only" : "") + "\n";
  text += "  size " + octets(disk->total) + ", available " + octets(disk->available) + "\n";
  return text + "  inodes " + std::to_string(disk->inodes) + ", free " + std::to_string(disk->inodes_free) + "\n";
}

/// The lines of /proc/self/mounts for the mount points that matter.
std::string mount_lines(const std::string& mounts, const std::set<std::string>& points) {
  std::string text;
  for (const auto& line : util::split(mounts, '\n')) {
    const auto words = util::split(line, ' ');
    if (words.size() > 2 && points.count(words[1]) > 0) text += util::shown(line, 1000) + "\n";
  }
  return text;
}

Outcome<SmallText> disks(const Patient& patient, const Deadline& deadline) {
  auto known = recorded_disks(*patient.tape);
  for (const auto& [role, path] : patient.deployment->disks)
    if (known.count(path) == 0) known.emplace(path, patient.live.probes->ask(FileSystemQuestion{path}, deadline));
  if (known.empty() && !patient.deployment->directory.empty())
    known.emplace(patient.deployment->directory,
                  patient.live.probes->ask(FileSystemQuestion{patient.deployment->directory}, deadline));
  std::string text;
  std::set<std::string> points;
  for (const auto& [path, disk] : known) {
    text += disk_lines(path, disk);
    if (disk) points.insert(disk->mount_point);
  }
  const auto mounts = patient.live.bytes("/proc/self/mounts", 4UL * 1024 * 1024, deadline);
  if (mounts) text += "\n" + mount_lines(*mounts, points);
  return SmallText{std::move(text), mounts ? "" : "without mounts: " + reason_of(mounts.error())};
}

// ---- sockets

Outcome<SmallText> sockets(const Patient& patient, const Deadline& deadline) {
  const auto found = patient.live.sockets(deadline);
  if (!found) return Failed{found.error()};
  std::string text;
  for (const auto& [port, listener] : *found) {
    const bool six = listener.address.find(':') != std::string::npos;
    text += (six ? "[" + listener.address + "]" : listener.address) + ":" + std::to_string(port) + "  uid " +
            std::to_string(listener.uid);
    text += listener.pid == 0 ? "  process not to be seen"
                              : "  " + util::shown(listener.process) + " (" + std::to_string(listener.pid) + ")";
    if (!listener.container.empty()) text += "  container " + util::shown(listener.container.substr(0, 12));
    text += "\n";
  }
  return SmallText{text.empty() ? "nobody listens\n" : text, {}};
}

// ---- Docker

template <const char* const& Path>
Outcome<SmallText> docker(const Patient& patient, const Deadline& deadline) {
  const auto answer = patient.live.engine(Path, deadline);
  if (!answer) return Failed{answer.error()};
  const auto json = probes::engine_json::parse(*answer);
  if (json.is_discarded())
    return probes::failed(FailureKind::protocol_error, "", "the answer is not that of a Docker Engine");
  return SmallText{document(shown_inspect(json, patient.values)), {}};
}

constexpr const char* version_path = "/version";
constexpr const char* info_path = "/info";

// ---- processes

/// Lines of cgroup files below /sys/fs/cgroup: of version 2, else of the memory controller of version 1.
std::string cgroup_lines(const Patient& patient, const std::string& process, const Deadline& deadline) {
  static constexpr std::array<std::string_view, 4> second{"memory.max", "memory.current", "memory.events", "cpu.max"};
  static constexpr std::array<std::string_view, 3> first{"memory.limit_in_bytes", "memory.usage_in_bytes",
                                                         "memory.failcnt"};
  const auto table = patient.live.bytes(process + "/cgroup", 64UL * 1024, deadline);
  if (!table) return {};
  std::string text;
  const auto add = [&](const std::string& directory, std::string_view file) {
    const auto value = patient.live.bytes(directory + "/" + std::string{file}, 4096, deadline);
    if (!value) return;
    auto lines = util::trim(*value);
    std::replace(lines.begin(), lines.end(), '\n', ',');
    text += std::string{file} + ": " + util::shown(lines, 500) + "\n";
  };
  for (const auto& line : util::split(*table, '\n')) {
    const auto path = line.substr(line.rfind(':') + 1);
    if (path.find("..") != std::string::npos) continue;
    if (line.starts_with("0::"))
      for (const auto file : second) add("/sys/fs/cgroup" + path, file);
    else if (line.find(":memory:") != std::string::npos)
      for (const auto file : first) add("/sys/fs/cgroup/memory" + path, file);
  }
  return text;
}

/// As a shell would take it, without what options such as --password are given.
std::string command_line(const Patient& patient, const std::string& process, const Deadline& deadline) {
  const auto bytes = patient.live.bytes(process + "/cmdline", 128UL * 1024, deadline);
  if (!bytes) return "not known: " + reason_of(bytes.error());
  auto words = util::split(*bytes, '\0');
  if (!words.empty() && words.back().empty()) words.pop_back();
  std::vector<std::string> shown;
  for (const auto& word : patient.values.shown_arguments(words))
    shown.push_back(util::shell_quoted(util::shown(word, 2000)));
  return util::join(shown, " ");
}

Outcome<SmallText> process(const Patient& patient, const Service& service, const Deadline& deadline) {
  const int pid = service.process ? service.process->pid : service.container->pid;
  const auto base = "/proc/" + std::to_string(pid);
  const auto status = patient.live.bytes(base + "/status", 64UL * 1024, deadline);
  if (!status) return Failed{status.error()};
  std::string text = "pid: " + std::to_string(pid) + "\n";
  if (service.process) {
    text += "program: " + util::shown(service.process->exe, 300) + "\n";
    text += "directory: " + util::shown(service.process->directory, 300) + "\n";
    text += "started: " + util::timestamp(service.process->started) + "\n";
  }
  text += "command: " + command_line(patient, base, deadline) + "\n\n" + util::shown_lines(*status) + "\n";
  if (const auto limits = patient.live.bytes(base + "/limits", 64UL * 1024, deadline))
    text += util::shown_lines(*limits) + "\n";
  return SmallText{text + cgroup_lines(patient, base, deadline), {}};
}

void add_processes(Collection& collection) {
  for (const auto& service : collection.patient().deployment->services) {
    // Without a vantage the container's process is that of another host, or of another pid namespace.
    const bool visible = service.container && !service.vantage.empty();
    const int pid = service.process ? service.process->pid : visible ? service.container->pid : 0;
    if (pid == 0) continue;
    constexpr std::uint64_t about = 3'500;
    collection.add_text(std::string{section}, "processes/" + service.name + ".txt", "/proc/" + std::to_string(pid),
                        about, [patient = collection.shared(), &service](const Deadline& deadline) {
                          return process(*patient, service, deadline);
                        });
  }
}

// ---- what is deployed, and how

std::string method(const Deployment& deployment) {
  const auto count = [&](auto&& is) {
    return std::count_if(deployment.services.begin(), deployment.services.end(), is);
  };
  const auto containers = count([](const Service& one) { return one.container.has_value(); });
  const auto processes = count([](const Service& one) { return one.process.has_value(); });
  std::vector<std::string> parts;
  if (!deployment.compose_file.empty())
    parts.push_back("Docker Compose (project " + util::shown(deployment.project) + ")");
  for (const auto& file : deployment.manifests)
    if (const std::string one = file.kind == "values" ? "Helm" : "Kubernetes manifests";
        std::find(parts.begin(), parts.end(), one) == parts.end())
      parts.push_back(one);
  if (containers > 0) parts.push_back(std::to_string(containers) + (containers == 1 ? " container" : " containers"));
  if (processes > 0)
    parts.push_back(std::to_string(processes) + (processes == 1 ? " bare process" : " bare processes"));
  return parts.empty() ? "not known: only addresses" : util::join(parts, ", ");
}

std::string service_lines(const Service& service) {
  auto text = util::shown(service.name) + "\n";
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) text += "  " + name + ": " + util::shown(value, 300) + "\n";
  };
  line("image", service.image);
  if (!service.enabled) line("enabled", "no, its profile is not active");
  if (const auto& one = service.container) {
    line("container", one->name);
    line("status", one->status + (one->health.empty() ? "" : ", " + one->health));
    line("runs", one->image + " " + one->image_id);
    if (one->image_created > 0) line("image made", util::timestamp(one->image_created));
    line("started", one->started > 0 ? util::timestamp(one->started) : "never");
    line("restarts", std::to_string(one->restarts));
    line("error", one->error);
  }
  if (const auto& one = service.process) {
    line("process", std::to_string(one->pid) + " " + one->exe);
    line("started", util::timestamp(one->started));
  }
  if (!service.container && !service.process) line("runs", "not here");
  return text;
}

/// What the services say of their own versions where the project asks for it.
std::string versions(const Patient& patient, const Deadline& deadline) {
  static constexpr std::array<const char*, 5> keys{"version", "gateway_version", "build", "commit", "git_sha"};
  std::string text;
  for (const auto& path : patient.deployment->description.support)
    for (const auto* base : bases_for(*patient.deployment, path)) {
      const auto answer = support_answer(patient, *base, path, deadline);
      const auto json = answer ? probes::engine_json::parse(answer->body) : util::Json{};
      if (!json.is_object()) continue;
      for (const auto* key : keys)
        if (const auto found = json.find(key); found != json.end() && found->is_string())
          text += util::shown(base->service) + " " + path + " " + key + ": " + util::shown(found->get<std::string>()) +
                  "\n";
    }
  return text;
}

Outcome<SmallText> deployment_text(const Patient& patient, const Deadline& deadline) {
  const auto& deployment = *patient.deployment;
  std::string text = "system: " + (deployment.system.empty() ? "not known" : deployment.system) + "\n";
  text += "deployed by: " + method(deployment) + "\n";
  text += "directory: " + util::shown(deployment.directory, 300) + "\n";
  text += "read: " + util::shown(util::join(deployment.sources, ", "), 1000) + "\n";
  if (!patient.options.version.empty()) text += "doctor: " + patient.options.version + "\n";
  if (!deployment.engine_note.empty()) text += "Docker Engine: " + util::shown(deployment.engine_note, 300) + "\n";
  for (const auto& base : deployment.http)
    text += "address of " + util::shown(base.service) + ": " +
            (base.url.empty() ? "none, " + util::shown(base.dial.reason, 300) : util::shown(base.url, 300)) + "\n";
  text += versions(patient, deadline) + "\n";
  for (const auto& service : deployment.services) text += service_lines(service);
  return SmallText{std::move(text), {}};
}

}  // namespace

void add_host(Collection& collection, const Deadline& deadline) {
  for (const auto* path : {"/proc/version", "/proc/meminfo", "/proc/loadavg", "/proc/uptime", "/etc/os-release"})
    add_plain(collection, path);
  for (const auto* path : {"/proc/pressure/memory", "/proc/pressure/io"}) {  // not every kernel has them
    const auto file = collection.patient().live.file(path, deadline);
    if (file && file->kind == "file") add_plain(collection, path);
  }
  const auto add = [&](const std::string& name, const std::string& source, Reader read) {
    collection.add_text(std::string{section}, name, source, 2'000,
                        [patient = collection.shared(), read](const Deadline& until) { return read(*patient, until); });
  };
  add("deployment.txt", "doctor", deployment_text);
  add("processors.txt", "/proc/cpuinfo", processors);
  add("time.txt", "kernel", clock);
  add("disks.txt", "file systems that the deployment uses", disks);
  add("sockets.txt", "/proc/net/tcp, /proc/net/tcp6", sockets);
  if (collection.patient().deployment->engine_asked) {
    add("docker/version.json", "Docker Engine", docker<version_path>);
    add("docker/info.json", "Docker Engine", docker<info_path>);
  }
  add_processes(collection);
}

}  // namespace doctor::bundle
