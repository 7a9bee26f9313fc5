#include "cli/world.hpp"

#include <ctime>

#include "deployment/guess.hpp"
#include "probes/certificate.hpp"
#include "probes/clock.hpp"
#include "probes/engine.hpp"
#include "probes/engine_history.hpp"
#include "probes/engine_usage.hpp"
#include "probes/files.hpp"
#include "probes/helper.hpp"
#include "probes/host.hpp"
#include "probes/http.hpp"
#include "probes/journal.hpp"
#include "probes/logs.hpp"
#include "probes/postgres.hpp"
#include "probes/processes.hpp"
#include "probes/recorder.hpp"
#include "probes/recorder_template.hpp"
#include "probes/redis.hpp"
#include "probes/secrets.hpp"
#include "probes/tcp.hpp"
#include "probes/token.hpp"
#include "probes/vantage.hpp"
#include "probes/websocket.hpp"
#include "redact/secret_reader.hpp"

namespace doctor::cli {
namespace {

constexpr std::uint64_t most_file = 4 * 1024 * 1024 + 1;  // one byte past the bound, so that the reader can tell

std::string of(const deployment::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

/// What a setting holds, for the broker that logs in with it: as the process has it, else as the files say.
std::optional<Value> value_of(const Deployment& deployment, const std::string& subject) {
  const auto* setting = deployment.setting(subject);
  return setting == nullptr ? std::nullopt : setting->value();
}

/// The network namespaces that doctor can stand in.
probes::Vantages::Places places_of(const Deployment& deployment) {
  probes::Vantages::Places places;
  for (const auto& service : deployment.services)
    if (service.container && !service.vantage.empty() && service.vantage != host_vantage)
      places.emplace(service.vantage, service.container->pid);
  return places;
}

/// The probes of plugins, recorded on a tape of somebody else.
struct LivePlugins {
  LivePlugins(const std::shared_ptr<probes::Helper>& helper, PluginSetup setup, probes::Tape& tape,
              probes::ProbeTimes& times)
      : list{helper, std::move(setup.places)},
        run{helper, std::move(setup.input), std::move(setup.directory)},
        recorded_list{list, tape, &times},
        recorded_run{run, tape, &times},
        source{recorded_list, recorded_run} {}

  probes::PluginsProbe list;
  probes::PluginRunProbe run;
  probes::Recorder<probes::PluginsQuestion> recorded_list;
  probes::Recorder<probes::PluginRunQuestion> recorded_run;
  plugins::Source source;
};

/// All live probes of one run, and the recorder in front of them.
struct Live {
  Live(const std::shared_ptr<probes::Helper>& helper, const std::shared_ptr<probes::Engine>& engine,
       const std::shared_ptr<const Deployment>& deployment, std::string passfile, logs::Patterns patterns,
       PluginSetup setup)
      : vantages{resolver, places_of(*deployment)},
        broker{vantages, [deployment](const std::string& subject) { return value_of(*deployment, subject); },
               std::move(passfile)},
        http{vantages, [deployment](const std::string& subject) { return value_of(*deployment, subject); }},
        tcp{vantages},
        resolve{vantages},
        session{broker},
        rows{broker},
        file{helper},
        text{helper},
        directory{helper},
        access{helper},
        file_system{helper},
        usage{helper},
        key{helper},
        listeners{helper},
        secrets{deployment, [this](const PostgresRowsQuestion& question,
                                   const Deadline& deadline) { return broker.rows(question, deadline); }},
        certificate{vantages},
        redis{vantages, [deployment](const std::string& subject) { return value_of(*deployment, subject); }},
        redis_session{redis},
        redis_reply{redis},
        websocket{vantages},
        logs{engine, helper, deployment, std::move(patterns)},
        container_usage{engine},
        engine_usage{engine},
        token{[deployment](const std::string& subject) { return value_of(*deployment, subject); }},
        host_history{helper},
        engine_history{engine},
        live{resolve,      tcp,          http,          session,     rows,         file,          text,
             directory,    access,       file_system,   usage,       key,          listeners,     clock,
             secrets,      certificate,  redis_session, redis_reply, websocket,    logs,          container_usage,
             engine_usage, time_keeping, memory,        token,       host_history, engine_history},
        recording{live, tape, &times},
        plugins{helper, std::move(setup), tape, times} {}

  probes::Resolver resolver;
  probes::Vantages vantages;
  probes::PostgresBroker broker;
  probes::HttpProbe http;
  probes::TcpProbe tcp;
  probes::ResolveProbe resolve;
  probes::PostgresSessionProbe session;
  probes::PostgresRowsProbe rows;
  probes::FileProbe file;
  probes::TextProbe text;
  probes::DirectoryProbe directory;
  probes::AccessProbe access;
  probes::FileSystemProbe file_system;
  probes::UsageProbe usage;
  probes::KeyProbe key;
  probes::ListenersProbe listeners;
  probes::SecretProbe secrets;
  probes::ClockProbe clock;
  probes::CertificateProbe certificate;
  probes::RedisBroker redis;
  probes::RedisSessionProbe redis_session;
  probes::RedisReplyProbe redis_reply;
  probes::WebSocketProbe websocket;
  probes::LogsProbe logs;
  probes::ContainerUsageProbe container_usage;
  probes::EngineUsageProbe engine_usage;
  probes::TimeKeepingProbe time_keeping;
  probes::MemoryProbe memory;
  probes::TokenProbe token;
  probes::HostHistoryProbe host_history;
  probes::EngineHistoryProbe engine_history;
  Probes live;
  probes::Tape tape;
  probes::ProbeTimes times;
  probes::RecordingProbes recording;
  LivePlugins plugins;
};

deployment::Environment revealed(const std::map<std::string, Value>& environment) {
  deployment::Environment plain;
  for (const auto& [name, value] : environment) plain.emplace(name, SecretReader::reveal(value));
  return plain;
}

Outcome<std::vector<deployment::FoundContainer>> containers(probes::Engine& engine, const std::string& project,
                                                            const Deadline& deadline) {
  auto found = engine.containers(project, deadline);
  if (!found) return Failed{std::move(found.error())};
  std::vector<deployment::FoundContainer> containers;
  for (auto& item : *found) {
    deployment::FoundContainer container;
    container.container = std::move(item.container);
    container.service = std::move(item.service);
    container.environment = revealed(item.environment);
    if (item.of_image) container.of_image = revealed(*item.of_image);
    container.names = std::move(item.aliases);
    containers.push_back(std::move(container));
  }
  return containers;
}

Outcome<std::vector<deployment::FoundProject>> projects(probes::Engine& engine, const Deadline& deadline) {
  auto found = engine.projects(deadline);
  if (!found) return Failed{std::move(found.error())};
  std::vector<deployment::FoundProject> projects;
  for (auto& project : *found) projects.push_back({std::move(project.name), std::move(project.directory)});
  return projects;
}

Outcome<std::vector<deployment::FoundProcess>> processes(probes::Helper& helper, const std::string& exe,
                                                         const Deadline& deadline) {
  auto found = probes::find_processes(helper, {exe, false}, deadline);
  if (!found) return Failed{std::move(found.error())};
  std::vector<deployment::FoundProcess> processes;
  for (auto& item : *found) {
    auto environment = probes::process_environment(helper, item.process.pid, deadline);
    processes.push_back(
        {std::move(item.process), std::move(item.container), std::move(environment), std::move(item.arguments)});
  }
  return processes;
}

Outcome<std::vector<std::string>> networks(probes::Engine& engine, const Deadline& deadline) {
  auto found = engine.networks(deadline);
  if (!found) return Failed{std::move(found.error())};
  std::vector<std::string> names;
  for (auto& network : *found) names.push_back(std::move(network.name));
  return names;
}

Outcome<std::vector<deployment::FoundVolume>> volumes(probes::Engine& engine, const Deadline& deadline) {
  auto found = engine.volumes(deadline);
  if (!found) return Failed{std::move(found.error())};
  std::vector<deployment::FoundVolume> volumes;
  for (auto& volume : *found)
    volumes.push_back({std::move(volume.name), std::move(volume.project), std::move(volume.key), volume.created,
                       std::move(volume.host_path)});
  return volumes;
}

Outcome<std::vector<deployment::FoundVolumeUser>> volume_users(probes::Engine& engine, const Deadline& deadline) {
  auto found = engine.volume_users(deadline);
  if (!found) return Failed{std::move(found.error())};
  std::vector<deployment::FoundVolumeUser> users;
  for (auto& user : *found)
    users.push_back({std::move(user.volume), std::move(user.container), std::move(user.project)});
  return users;
}

/// Whether a process is the container's: its id stands in the process's cgroup or among its mounts.
bool is_of_container(probes::Helper& helper, const Container& container, const Deadline& deadline) {
  constexpr std::uint64_t most = 4UL * 1024 * 1024;
  if (container.id.size() < 12) return false;
  const auto process = "/proc/" + std::to_string(container.pid);
  for (const auto* file : {"/cgroup", "/mountinfo"}) {
    const auto text = probes::read_bytes(helper, process + file, most, deadline);
    if (text && text->find(container.id) != std::string::npos) return true;
  }
  return false;
}

/// A container that has just come back is likely to go again before it is asked.
bool keeps_restarting(const Container& container) {
  constexpr std::int64_t a_while = 30;
  return container.restarts > 0 && std::time(nullptr) - container.started < a_while;
}

std::string why_not_enter(probes::Helper& helper, const std::string& docker_host, const Container& container,
                          const Deadline& deadline) {
  if (!docker_host.empty() && !docker_host.starts_with("unix://")) return "the Docker Engine is on another host";
  if (keeps_restarting(container)) return "container " + container.name + " keeps restarting";
  if (const auto failure = probes::Vantages::why_not(container.pid)) {
    if (failure->code == "ESRCH") return "the process of container " + container.name + " is not visible from here";
    return failure->detail;
  }
  if (is_of_container(helper, container, deadline)) return {};
  return "process " + std::to_string(container.pid) + " is not that of container " + container.name;
}

}  // namespace

struct World::Parts {
  std::shared_ptr<probes::Helper> helper;
  std::shared_ptr<probes::Engine> engine;
  std::string docker_host;
  std::string passfile;
};

World::World(const deployment::Environment& environment) : parts_{std::make_shared<Parts>()} {
  probes::clear_postgres_environment();
  parts_->helper = probes::Helper::start();
  parts_->docker_host = of(environment, "DOCKER_HOST");
  parts_->engine = probes::make_engine(parts_->docker_host);
  parts_->passfile = of(environment, "PGPASSFILE");
}

World::~World() = default;

deployment::Sources World::sources(std::chrono::milliseconds limit, const std::stop_token& stop) const {
  const auto deadline = Deadline::after(limit, stop);
  const auto parts = parts_;
  deployment::Sources sources;
  sources.read = [parts, deadline](const std::string& path) {
    return probes::read_bytes(*parts->helper, path, most_file, deadline);
  };
  sources.kind = [parts, deadline](const std::string& path) {
    const auto answer = probes::FileProbe{parts->helper}.ask({path}, deadline);
    return answer ? answer->kind : std::string{};
  };
  sources.list = [parts, deadline](const std::string& directory) -> Outcome<std::vector<std::string>> {
    const auto answer = probes::DirectoryProbe{parts->helper}.ask({directory, {}}, deadline);
    if (!answer) return Failed{answer.error()};
    std::vector<std::string> names;
    for (const auto& entry : answer->entries) names.push_back(entry.name);
    return names;
  };
  sources.projects = [parts, deadline] { return projects(*parts->engine, deadline); };
  sources.containers = [parts, deadline](const std::string& project) {
    return containers(*parts->engine, project, deadline);
  };
  sources.processes = [parts, deadline](const std::string& exe) { return processes(*parts->helper, exe, deadline); };
  sources.networks = [parts, deadline] { return networks(*parts->engine, deadline); };
  sources.volumes = [parts, deadline] { return volumes(*parts->engine, deadline); };
  sources.volume_users = [parts, deadline] { return volume_users(*parts->engine, deadline); };
  sources.docker_root = [parts, deadline]() -> Outcome<std::string> {
    auto info = parts->engine->info(deadline);
    if (!info) return Failed{std::move(info.error())};
    return std::move(info->root);
  };
  sources.why_not_enter = [parts, deadline](const Container& container) {
    return why_not_enter(*parts->helper, parts->docker_host, container, deadline);
  };
  return sources;
}

Outcome<FileAnswer> World::file(const std::string& path, const std::stop_token& stop) const {
  return probes::FileProbe{parts_->helper}.ask({path}, Deadline::after(probes::Helper::limit, stop));
}

Outcome<probes::TrustedFile> World::trusted_file(const std::string& path, std::uint64_t most,
                                                 const std::stop_token& stop) const {
  return probes::read_trusted(*parts_->helper, path, most, Deadline::after(probes::Helper::limit, stop));
}

bundle::Live World::live(const Session& session) const {
  const auto parts = parts_;
  bundle::Live live;
  live.file = [parts](const std::string& path, const Deadline& deadline) {
    return probes::FileProbe{parts->helper}.ask({path}, deadline);
  };
  live.bytes = [parts](const std::string& path, std::uint64_t most, const Deadline& deadline) {
    return probes::read_bytes(*parts->helper, path, most, deadline);
  };
  live.engine = [parts](const std::string& path, const Deadline& deadline) {
    return parts->engine->raw(path, deadline);
  };
  live.container_log = [parts](const Container& container, const probes::LogPart& part, const probes::LogLines& take,
                               const std::function<void()>& again, const Deadline& deadline) {
    return probes::container_log(*parts->engine, *parts->helper, container, part, take, again, deadline);
  };
  live.process_log = [parts](const Process& process, const probes::LogPart& part, const probes::LogPieces& pieces,
                             const Deadline& deadline) {
    return probes::process_log(*parts->helper, process, part, pieces, deadline);
  };
  live.process_journal = [parts](const Process& process, const probes::LogPart& part, const probes::LogPieces& pieces,
                                 const Deadline& deadline) {
    return probes::process_journal(*parts->helper, process, part, pieces, deadline);
  };
  live.sockets = [parts](const Deadline& deadline) { return probes::listening_sockets(*parts->helper, deadline); };
  live.secret_name = deployment::name_looks_secret;
  live.secret_value = deployment::value_looks_secret;
  live.probes = session.probes;
  return live;
}

World::Session World::open(const std::shared_ptr<const Deployment>& deployment, logs::Patterns patterns,
                           PluginSetup plugins) const {
  const auto live = std::make_shared<Live>(parts_->helper, parts_->engine, deployment, parts_->passfile,
                                           std::move(patterns), std::move(plugins));
  return {{live, &live->recording.probes()}, {live, &live->tape}, {live, &live->plugins.source}, {live, &live->times}};
}

}  // namespace doctor::cli
