#include "deployment/discover.hpp"

#include <algorithm>
#include <set>

#include "deployment/connections.hpp"
#include "deployment/data_source.hpp"
#include "deployment/discover_http.hpp"
#include "deployment/discover_manifests.hpp"
#include "deployment/discover_options.hpp"
#include "deployment/discover_problems.hpp"
#include "deployment/discover_proxies.hpp"
#include "deployment/discover_services.hpp"
#include "deployment/find_secrets.hpp"
#include "deployment/find_upstreams.hpp"
#include "deployment/public_urls.hpp"
#include "deployment/recognise.hpp"
#include "deployment/settings.hpp"
#include "deployment/unseen.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

using Stop = std::optional<CannotStart>;

std::string base_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

template <class Container>
void append(Container& to, const Container& from) {
  to.insert(to.end(), from.begin(), from.end());
}

class Discoverer {
 public:
  Discoverer(const DiscoverOptions& options, const Sources& sources, const std::vector<SystemDescription>& candidates)
      : options_{options}, sources_{sources}, candidates_{candidates} {
    sources_.read = [this, read = sources.read](const std::string& path) {
      auto text = read(path);
      if (text && std::find(files_.begin(), files_.end(), path) == files_.end()) files_.push_back(path);
      return text;
    };
    remember_environments();
    deployment_.directory = options.directory;
    deployment_.offline = options.offline;
    deployment_.deep = options.deep;
    while (deployment_.directory.size() > 1 && deployment_.directory.ends_with('/')) deployment_.directory.pop_back();
  }

  Discovery run() {
    if (auto stop = read_files()) return tl::unexpected{*stop};
    if (auto stop = choose_system()) return tl::unexpected{*stop};
    find_services();
    if (auto stop = settle_what_to_examine()) return tl::unexpected{*stop};
    if (auto stop = find_settings()) return tl::unexpected{*stop};
    look_at_engine();
    if (auto stop = connect()) return tl::unexpected{*stop};
    judge();
    deployment_.files = files_;  // before secret files are read
    look_for_secrets();
    return std::make_shared<const Deployment>(std::move(deployment_));
  }

 private:
  // Files

  std::string absolute(const std::string& path) const {
    return path.starts_with('/') ? path : deployment_.directory + "/" + path;
  }

  Stop read_files() {
    const auto kind = sources_.kind(deployment_.directory);
    if (kind == "file")
      return CannotStart{util::shown(deployment_.directory) + " is a file, and a directory is wanted: the one that " +
                         "the compose file is in. A bundle is examined by 'doctor analyze'"};
    if (kind != "directory") return CannotStart{"there is no directory " + util::shown(deployment_.directory)};
    if (auto stop = read_env_files()) return stop;
    for (const auto& file : options_.compose_files)
      if (sources_.kind(absolute(file)) == "missing")
        return CannotStart{"there is no compose file " + util::shown(file)};
    read_project(project_name());
    adopt_running_project();
    manifests_ = find_manifests(deployment_.directory, sources_, nothing_else());
    return {};
  }

  Stop read_env_files() {
    auto files = options_.env_files;
    if (files.empty()) files = {".env"};
    for (const auto& file : files) {
      auto read = read_env_file(file);
      if (!read.exists && !options_.env_files.empty())
        return CannotStart{"there is no file " + util::shown(file) + " (--env-file)"};
      dotenv_.file = read.file;
      dotenv_.exists = dotenv_.exists || read.exists;
      append(dotenv_.entries, read.entries);
      append(dotenv_.problems, read.problems);
      if (read.denied) deployment_.env_unread = "doctor may not read it";
      dotenv_.denied = dotenv_.denied || read.denied;
    }
    deployment_.env_file = dotenv_.file;
    return {};
  }

  Dotenv read_env_file(const std::string& file) const {
    Dotenv dotenv;
    const auto path = absolute(file);
    const auto shown = deployment_.shown_path(path);
    if (const auto text = sources_.read(path)) {
      dotenv = parse_dotenv(*text, shown, options_.shell);
      dotenv.exists = true;
    } else if (text.error().kind != FailureKind::not_found) {
      dotenv.exists = true;
      dotenv.denied = text.error().kind == FailureKind::permission_denied;
      if (!dotenv.denied) dotenv.problems.push_back(unreadable_env_file(shown, text.error()));
    }
    dotenv.file = shown;
    return dotenv;
  }

  /// Docker Compose takes these from .env too, when the shell does not have them.
  std::string from_env_file(const std::string& name) const {
    const auto* entry = dotenv_.find(name);
    return entry == nullptr ? std::string{} : entry->value.value_or("");
  }

  std::string project_name() const {
    return options_.project_name.empty() ? from_env_file("COMPOSE_PROJECT_NAME") : options_.project_name;
  }

  static std::vector<std::string> parts(const std::string& text, char separator) {
    std::vector<std::string> found;
    for (auto& part : util::split(text, separator))
      if (!part.empty()) found.push_back(std::move(part));
    return found;
  }

  void read_project(const std::string& project) {
    ComposeOptions compose;
    compose.directory = deployment_.directory;
    compose.files = options_.compose_files;
    if (compose.files.empty()) compose.files = parts(from_env_file("COMPOSE_FILE"), ':');
    for (const auto& system : candidates_) append(compose.extra_names, system.compose);
    compose.project_name = project;
    compose.profiles = options_.profiles;
    if (compose.profiles.empty()) compose.profiles = parts(from_env_file("COMPOSE_PROFILES"), ',');
    compose.shell = options_.shell;
    compose.dotenv = dotenv_;
    compose.read = sources_.read;
    compose_ = read_compose(compose);
    deployment_.project = compose_ ? compose_->name : base_name(deployment_.directory);
  }

  /// Nothing but manifests could say what is deployed here.
  bool nothing_else() const {
    return !compose_ && !dotenv_.exists && options_.urls.empty() && !options_.env_from_process;
  }

  /// `docker compose -p NAME` leaves no trace in the directory: the Engine knows which project was started from it.
  void adopt_running_project() {
    if (!compose_ || !project_name().empty() || !sources_.projects) return;
    const auto projects = sources_.projects();
    if (!projects) return;
    std::vector<std::string> ours;
    for (const auto& project : *projects)
      if (project.directory == deployment_.directory) ours.push_back(project.name);
    if (ours.size() == 1 && ours.front() != compose_->name) read_project(ours.front());
  }

  // System

  Traits traits() const {
    Traits traits;
    for (const auto& entry : dotenv_.entries) traits.settings.insert(entry.name);
    if (nothing_else()) add_traits(manifests_, traits);
    if (!compose_) return traits;
    for (const auto& service : compose_->services) {
      traits.services.insert(service.service.name);
      traits.images.insert(service.service.image);
      for (const auto& variable : service.environment) traits.settings.insert(variable.name);
    }
    for (const auto& use : compose_->uses) traits.settings.insert(use.name);
    return traits;
  }

  std::set<std::string> running_programs() {
    std::set<std::string> programs;
    std::vector<std::string> unused;
    for (const auto& system : candidates_)
      for (const auto& service : system.services) {
        if (!bare_processes(sources_, service, deployment_.directory, !compose_, unused).empty())
          programs.insert(service.process.exe);
      }
    return programs;
  }

  Stop choose_system() {
    if (!options_.system.empty()) return use_system(options_.system);
    auto shown = traits();
    auto recognition = recognise(shown, candidates_);
    if (recognition.system == nullptr) {
      shown.processes = running_programs();
      recognition = recognise(shown, candidates_);
    }
    deployment_.system_note = recognition.note;
    if (recognition.system != nullptr) deployment_.description = *recognition.system;
    deployment_.system = deployment_.description.name;
    return {};
  }

  Stop use_system(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& system : candidates_) {
      names.push_back(system.name);
      if (system.name != name) continue;
      deployment_.description = system;
      deployment_.system = name;
      return {};
    }
    return unknown("system", name, names);
  }

  // Services

  void find_services() {
    auto& services = deployment_.services;
    settle_manifests();
    if (compose_) {
      services = compose_services(*compose_, deployment_.description);
      deployment_.networks = compose_->networks;
      deployment_.volumes = compose_->volumes;
      deployment_.compose_file = compose_->files.empty() ? "" : deployment_.shown_path(compose_->files.back());
      add_containers(services, compose_->name, sources_, running_);
    }
    const bool declared = compose_.has_value() || cluster_.has_value();
    add_processes(services, deployment_.description, sources_, {deployment_.directory, declared, &dotenv_}, running_);
    if (services.empty() && !declared) add_undeployed();
    find_vantages(services, sources_, running_.engine);
  }

  /// Manifests say what is deployed where nothing else does. Beside other files they count when they are about the same
  /// application.
  void settle_manifests() {
    if (manifests_.empty() || (!nothing_else() && !is_about(manifests_, deployment_.description))) return;
    deployment_.manifests = manifests_.files;
    if (!nothing_else()) return;
    deployment_.env_file.clear();  // pods do not read one
    cluster_ = deployed_by(manifests_, deployment_.description);
    deployment_.services = compose_services(cluster_->project, deployment_.description);
    forget_unknown(*cluster_, deployment_.services);
    running_.engine.elsewhere = true;
    running_.engine.why = in_cluster;
  }

  void add_undeployed() {
    auto& services = deployment_.services;
    for (const auto& rule : deployment_.description.services)
      if (!rule.optional) add_bare(rule.name, rule);
    if (services.empty()) add_bare(deployment_.project.empty() ? "application" : deployment_.project, {});
  }

  void add_bare(const std::string& name, const ServiceRule& rule) {
    auto& service = deployment_.services.emplace_back();
    service.name = name;
    service.rule = rule;
  }

  bool any_process() const {
    return std::any_of(deployment_.services.begin(), deployment_.services.end(),
                       [](const Service& service) { return service.process.has_value(); });
  }

  Stop settle_what_to_examine() {
    const bool given = !options_.urls.empty() || options_.env_from_process;
    if (compose_ || cluster_ || dotenv_.exists || any_process() || given) {
      list_sources();
      return {};
    }
    std::set<std::string> programs;
    for (const auto& system : candidates_)
      for (const auto& service : system.services)
        if (!service.process.exe.empty()) programs.insert(service.process.exe);
    const auto processes = programs.empty()
                               ? std::string{}
                               : ", no running process of " + util::join({programs.begin(), programs.end()}, " or ");
    return CannotStart{"nothing to examine in " + util::shown(deployment_.directory) +
                       ": no compose file (compose.yaml, docker-compose.yml ...), no .env, no Kubernetes manifests" +
                       processes + ", and no --url"};
  }

  void list_sources() {
    auto& sources = deployment_.sources;
    if (compose_)
      for (const auto& file : compose_->files) sources.push_back(deployment_.shown_path(file));
    if (dotenv_.exists && !dotenv_.denied) sources.push_back(dotenv_.file);
    for (const auto& file : deployment_.manifests) sources.push_back(file.path);
    const auto containers = std::count_if(deployment_.services.begin(), deployment_.services.end(),
                                          [](const Service& service) { return service.container.has_value(); });
    if (containers > 0)
      sources.push_back(std::to_string(containers) + (containers == 1 ? " container" : " containers"));
    for (const auto& service : deployment_.services)
      if (service.process) sources.push_back("process " + std::to_string(service.process->pid));
    if (options_.env_from_process) sources.emplace_back("doctor's own environment");
    if (!options_.urls.empty()) sources.emplace_back("--url");
  }

  // Settings

  Stop find_settings() {
    if (options_.env_from_process) {
      RunningEnvironment own;
      own.kind = "process";
      own.where = "doctor's own environment";
      own.values = options_.shell;
      own.only_known = true;
      running_.environments[main_service(deployment_)] = std::move(own);
    }
    auto overrides = parse_overrides(options_.set, deployment_.services);
    if (!overrides) return overrides.error();
    SettingSources sources;
    auto description = deployment_.description;
    if (cluster_) description.variables.clear();  // they are those of a compose file
    sources.compose = compose_ ? &*compose_ : cluster_ ? &cluster_->project : nullptr;
    sources.dotenv = &dotenv_;
    sources.shell = &options_.shell;
    sources.description = &description;
    sources.services = &deployment_.services;
    sources.running = running_.environments;
    sources.overrides = std::move(*overrides);
    deployment_.settings = build_settings(sources);
    forget_unseen(deployment_, {compose_ ? &*compose_ : nullptr, cluster_.has_value(), dotenv_, running_.environments});
    return {};
  }

  // Engine

  void look_at_engine() {
    if (compose_) {
      deployment_.engine_asked = running_.engine.asked;
      look_at_volumes();
      look_at_volume_users();
      look_at_networks();
      find_docker_disk();
    }
    deployment_.engine_note = util::join(running_.notes, "; ");
    if (!cluster_) find_disks(deployment_);  // pods have those of other hosts
  }

  void look_at_volumes() {
    if (!sources_.volumes || !running_.engine.asked) return;
    if (auto found = sources_.volumes()) volumes_ = std::move(*found);
    for (auto& volume : deployment_.volumes)
      for (const auto& found : volumes_) {
        if (found.real_name != volume.real_name) continue;
        volume.created = found.created;
        volume.host_path = found.host_path;
      }
  }

  void look_at_volume_users() {
    if (deployment_.volumes.empty() || !sources_.volume_users || !running_.engine.asked) return;
    const auto users = sources_.volume_users();
    if (!users) return;
    for (auto& volume : deployment_.volumes)
      for (const auto& user : *users) {
        if (user.volume != volume.real_name || user.project == deployment_.project) continue;
        const auto project = user.project.empty() ? "no project" : "project " + user.project;
        volume.used_by.push_back(user.container + " (" + project + ")");
      }
  }

  void look_at_networks() {
    const auto& networks = deployment_.networks;
    const bool external = std::any_of(networks.begin(), networks.end(), [](const Network& n) { return n.external; });
    if (!external || !sources_.networks || !running_.engine.asked) return;
    const auto found = sources_.networks();
    if (!found) return;
    for (auto& network : deployment_.networks) {
      const auto& name = network.real_name.empty() ? network.name : network.real_name;
      network.exists = std::find(found->begin(), found->end(), name) != found->end();
    }
  }

  void find_docker_disk() {
    static const std::string usual = "/var/lib/docker";
    if (sources_.docker_root && running_.engine.asked)
      if (const auto root = sources_.docker_root(); root && !root->empty()) deployment_.disks["docker"] = *root;
    if (deployment_.disks.count("docker") == 0 && sources_.kind(usual) == "directory")
      deployment_.disks["docker"] = usual;
  }

  // What follows from all of it

  Stop connect() {
    auto urls = parse_urls(options_.urls, main_service(deployment_), deployment_.services);
    if (!urls) return urls.error();
    deployment_.data_sources = find_data_sources(deployment_, running_.engine);
    deployment_.redis = find_redis(deployment_, running_.engine);
    deployment_.http = find_http(deployment_, running_.engine, *urls);
    deployment_.public_urls = find_public_urls(deployment_);
    deployment_.upstreams = find_upstreams(deployment_, running_.engine);
    if (auto stop = find_proxy_configs()) return stop;
    deployment_.edges = find_edges(deployment_, running_.engine);
    return {};
  }

  Stop find_proxy_configs() {
    std::vector<std::string> named;
    for (const auto& file : options_.proxy_configs) {
      named.push_back(absolute(file));
      if (sources_.kind(named.back()) == "missing")
        return CannotStart{"there is no proxy configuration " + util::shown(file)};
      deployment_.sources.push_back(deployment_.shown_path(named.back()));
    }
    deployment_.proxies = find_proxies(deployment_, sources_, named);
    return {};
  }

  void judge() {
    deployment_.problems = dotenv_.problems;
    if (compose_) append(deployment_.problems, compose_->problems);
    if (dotenv_.denied)  // it may set them
      std::erase_if(deployment_.problems, [](const auto& one) { return one.code == "compose-variable-required"; });
    ProblemSources sources;
    sources.deployment = &deployment_;
    sources.compose = compose_ ? &*compose_ : nullptr;
    sources.dotenv = &dotenv_;
    sources.sources = &sources_;
    sources.volumes = &volumes_;
    append(deployment_.problems, find_problems(sources));
  }

  // Secrets

  /// What containers and processes have, whether or not they turn out to be those of a service.
  void remember_environments() {
    if (sources_.containers)
      sources_.containers = [this, ask = sources_.containers](const std::string& project) {
        auto found = ask(project);
        if (!found) return found;
        for (const auto& container : *found) {
          environments_.push_back(container.environment);
          if (container.of_image) environments_.push_back(*container.of_image);
          environments_.emplace_back(container.container.labels.begin(), container.container.labels.end());
        }
        return found;
      };
    if (sources_.processes)
      sources_.processes = [this, ask = sources_.processes](const std::string& exe) {
        auto found = ask(exe);
        if (!found) return found;
        for (const auto& process : *found) {
          if (process.environment) environments_.push_back(*process.environment);
          arguments_.push_back(process.arguments);
        }
        return found;
      };
  }

  void look_for_secrets() {
    SecretSources sources;
    sources.deployment = &deployment_;
    sources.compose = compose_ ? &*compose_ : cluster_ ? &cluster_->project : nullptr;
    sources.dotenv = &dotenv_;
    sources.shell = &options_.shell;
    sources.environments = std::move(environments_);
    sources.arguments = std::move(arguments_);
    sources.read = sources_.read;
    deployment_.secrets = find_secrets(sources);
  }

  const DiscoverOptions& options_;
  Sources sources_;  ///< with a note of each file that was read
  std::vector<std::string> files_;
  std::vector<Environment> environments_;            ///< of all containers and processes that were seen, and labels
  std::vector<std::vector<std::string>> arguments_;  ///< of processes
  const std::vector<SystemDescription>& candidates_;
  Deployment deployment_;
  Dotenv dotenv_;
  std::optional<ComposeProject> compose_;
  FoundManifests manifests_;
  std::optional<Cluster> cluster_;  ///< what the manifests deploy, when nothing else says what is deployed
  Running running_;
  std::vector<FoundVolume> volumes_;
};

}  // namespace

Discovery discover(const DiscoverOptions& options, const Sources& sources,
                   const std::vector<SystemDescription>& candidates) {
  return Discoverer{options, sources, candidates}.run();
}

}  // namespace doctor::deployment
