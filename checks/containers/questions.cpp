#include <algorithm>
#include <array>

#include "checks/containers/facts.hpp"

namespace doctor::checks::containers_check {
namespace {

constexpr std::size_t most_measured = 100;  // containers

/// Compose starts a container only after those that it depends on are healthy.
bool is_held_back(const Deployment& deployment, const Service& service) {
  return std::any_of(service.depends_on.begin(), service.depends_on.end(), [&](const std::string& name) {
    const auto* other = deployment.service(name);
    return other != nullptr && other->container && other->container->status == "running" &&
           other->container->health == "starting";
  });
}

bool in_trouble(const Container& container, std::int64_t now) {
  return container.status != "running" || container.oom_killed || container.health == "unhealthy" ||
         restarts_in_a_loop(container, now);
}

bool below(const std::string& path, const std::string& directory) {
  return path == directory || (path.starts_with(directory) && path[directory.size()] == '/');
}

/// The reflog of the source: of the build context, else of the deployment that the context lies in.
std::optional<Outcome<TextAnswer>> history_of(const Context& context, const Service& service) {
  if (!service.build.starts_with('/')) return std::nullopt;  // a remote context
  constexpr std::uint64_t most = 4 * 1024 * 1024;
  auto answer = context.ask(TextQuestion{service.build + "/.git/logs/HEAD", most});
  const auto& directory = context.deployment.directory;
  const bool inner = service.build != directory && below(service.build, directory);
  if (!answer && answer.error().kind == FailureKind::not_found && inner)
    answer = context.ask(TextQuestion{directory + "/.git/logs/HEAD", most});
  return answer;
}

ServiceFacts look_at(const Context& context, const Service& service, std::int64_t now, std::size_t& measured) {
  ServiceFacts facts;
  facts.service = service;
  if (!service.container) return facts;
  const auto& container = *service.container;
  if (in_trouble(container, now)) facts.log = context.ask(LogsQuestion{service.name});
  if (container.status == "created") facts.waits = container.error.empty() && is_held_back(context.deployment, service);
  if (container.status == "running" && ++measured <= most_measured)
    facts.usage = context.ask(ContainerUsageQuestion{container.name});
  if (!service.build.empty() && container.image_created > 0) facts.history = history_of(context, service);
  return facts;
}

/// Services that the files only mention, or that run as bare processes, are not meant to have a container here.
bool wants_container(const Service& service) {
  return service.enabled && !service.process && service.replicas > 0 && !service.place.file.empty();
}

}  // namespace

bool restarts_in_a_loop(const Container& container, std::int64_t now) {
  constexpr int some_restarts = 2;  // a first start may need as many until the database is there
  constexpr std::int64_t recently = 600;
  constexpr std::int64_t settled = 60;
  if (container.status == "restarting") return true;
  const auto age = now - container.started;
  const bool recovered = container.health == "healthy" && age >= settled;
  return container.status == "running" && container.restarts > some_restarts && age < recently && !recovered;
}

bool is_finished_job(const Service& service) {
  const auto& container = *service.container;
  if (container.status != "exited" || container.exit_code != 0 || container.oom_killed) return false;
  if (service.completes) return true;
  const auto& policy = container.restart_policy;
  const bool may_end = policy.empty() || policy == "no" || policy == "on-failure";
  return may_end && service.ports.empty() && service.healthcheck.empty() && container.health.empty() &&
         service.rule.port == 0;
}

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  facts.engine_asked = deployment.engine_asked;
  facts.project = deployment.project;
  facts.compose_file = deployment.compose_file;
  if (!facts.engine_asked) return facts;
  facts.clock = context.ask(ClockQuestion{});
  if (!*facts.clock) return facts;
  facts.now = (*facts.clock)->now;
  std::size_t measured = 0;
  bool to_be_built = false;
  for (const auto& service : deployment.services) {
    if (!wants_container(service)) continue;
    facts.services.push_back(look_at(context, service, facts.now, measured));
    to_be_built = to_be_built || (!service.build.empty() && !service.container);
  }
  facts.volumes = deployment.volumes;
  if (to_be_built) facts.memory = context.ask(MemoryQuestion{});
  if (const auto disk = deployment.disks.find("docker"); disk != deployment.disks.end()) {
    facts.docker_path = disk->second;
    facts.engine = context.ask(EngineUsageQuestion{});
    facts.docker_disk = context.ask(FileSystemQuestion{disk->second});
  }
  return facts;
}

}  // namespace doctor::checks::containers_check
