#include "deployment/discover_problems.hpp"

#include <algorithm>
#include <set>

#include "deployment/graph.hpp"
#include "deployment/reach.hpp"
#include "deployment/settings.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

bool without_default(const VariableUse& use) {
  return use.operation.empty() || use.operation == "?" || use.operation == ":?";
}

class Finder {
 public:
  explicit Finder(const ProblemSources& given)
      : deployment_{*given.deployment},
        compose_{given.compose},
        dotenv_{*given.dotenv},
        sources_{*given.sources},
        volumes_{*given.volumes} {}

  std::vector<FileProblem> find() {
    if (compose_ == nullptr) return {};
    check_env_file();
    check_unset_variables();
    check_secrets();
    for (const auto& service : deployment_.services) {
      if (!service.enabled || service.process) continue;
      check_networks(service);
      check_ports(service);
    }
    check_external_networks();
    check_project_name();
    return std::move(problems_);
  }

 private:
  void add(std::string code, std::string subject, Place place, std::map<std::string, std::string> evidence) {
    problems_.push_back({std::move(code), std::move(subject), std::move(place), std::move(evidence)});
  }

  void check_env_file() {
    if (dotenv_.exists) return;
    const bool needed = std::any_of(compose_->uses.begin(), compose_->uses.end(), [&](const VariableUse& use) {
      return !use.set && without_default(use) && in_force(*compose_, use);
    });
    const auto& file = deployment_.env_file;
    if (needed) add("env-file-missing", "file:" + file, {file}, {{"file", file}, {"example", example()}});
  }

  std::string example() const {
    auto names = deployment_.description.env_examples;
    for (const auto* name : {".env.example", ".env.sample", "env.example"}) names.emplace_back(name);
    for (const auto& name : names)
      if (sources_.kind(deployment_.directory + "/" + name) == "file") return name;
    return {};
  }

  void check_unset_variables() {
    if (dotenv_.denied) return;  // which are unset is not known
    std::set<std::string> said;
    for (const auto& use : compose_->uses) {
      if (use.set || !use.operation.empty() || !in_force(*compose_, use) || is_described(use.name)) continue;
      if (!said.insert(use.name).second) continue;
      add("compose-variable-unset", subject_of(use.name), use.place,
          {{"variable", use.name}, {"where", use.place.text()}});
    }
  }

  bool is_described(const std::string& name) const {
    const auto knows = [&](const std::vector<SettingRule>& rules) {
      return std::any_of(rules.begin(), rules.end(), [&](const SettingRule& rule) { return rule.name == name; });
    };
    const auto& description = deployment_.description;
    return knows(description.variables) ||
           std::any_of(description.services.begin(), description.services.end(),
                       [&](const ServiceRule& service) { return knows(service.settings); });
  }

  std::string subject_of(const std::string& variable) const {
    if (deployment_.setting(compose_service, variable) == nullptr)
      for (const auto& setting : deployment_.settings)
        if (setting.name == variable) return setting.subject();
    return std::string{"setting:"} + compose_service + "/" + variable;
  }

  /// A key that a setting names is the key check's: it knows what the key is for.
  bool is_key(const std::string& path) const {
    return std::any_of(deployment_.settings.begin(), deployment_.settings.end(), [&](const Setting& setting) {
      const auto* service = deployment_.service(setting.service);
      if (service == nullptr || !setting.rule.role.ends_with("-key-path")) return false;
      const auto& value = setting.value();
      if (value && value->is_secret()) return false;
      return deployment_.host_path(*service, value ? value->text() : setting.rule.fallback) == path;
    });
  }

  bool is_used(const ComposeSecret& secret) const {
    return std::any_of(deployment_.services.begin(), deployment_.services.end(), [&](const Service& service) {
      return service.enabled && std::any_of(service.mounts.begin(), service.mounts.end(), [&](const Mount& mount) {
               return mount.kind == "secret" && mount.source == secret.file;
             });
    });
  }

  void check_secrets() {
    for (const auto& secret : compose_->secrets) {
      if (secret.file.empty() || secret.external || !is_used(secret) || is_key(secret.file)) continue;
      if (sources_.kind(secret.file) != "missing") continue;
      add("compose-secret-missing", file_subject(deployment_, secret.file), secret.place,
          {{"secret", secret.name}, {"file", deployment_.shown_path(secret.file)}, {"where", secret.place.text()}});
    }
  }

  static std::set<std::string> networks_of(const Service& service) {
    if (service.container && service.container->status == "running" && !service.container->addresses.empty()) {
      std::set<std::string> names;
      for (const auto& [network, address] : service.container->addresses) names.insert(network);
      return names;
    }
    return {service.networks.begin(), service.networks.end()};
  }

  /// Names of the Engine for names of the file, so that both can be compared.
  std::set<std::string> real_networks(const Service& service) const {
    auto names = networks_of(service);
    for (const auto& network : deployment_.networks)
      if (names.erase(network.name) > 0) names.insert(network.real_name);
    return names;
  }

  void check_networks(const Service& service) {
    if (!service.described() || !service.network_mode.empty()) return;
    auto others = service.rule.talks_to;
    for (const auto& name : service.depends_on) {
      const auto* other = deployment_.service(name);
      if (other != nullptr && other->described()) others.push_back(name);
    }
    std::set<std::string> said;
    for (const auto& name : others) {
      const auto* other = deployment_.service(name);
      if (other == nullptr || !other->enabled || other->process || !other->network_mode.empty()) continue;
      if (said.insert(name).second) compare_networks(service, *other);
    }
  }

  void compare_networks(const Service& service, const Service& other) {
    const auto mine = real_networks(service);
    const auto theirs = real_networks(other);
    const bool shared =
        std::any_of(mine.begin(), mine.end(), [&](const std::string& name) { return theirs.count(name) > 0; });
    if (shared) return;
    const auto text = [](const std::set<std::string>& names) {
      return names.empty() ? std::string{"none"} : util::join({names.begin(), names.end()}, ", ");
    };
    add("compose-network-not-shared", service.subject(), service.place,
        {{"service", service.name}, {"other", other.name}, {"networks", text(mine)}, {"other_networks", text(theirs)}});
  }

  const Network* network(const std::string& name) const {
    for (const auto& candidate : deployment_.networks)
      if (candidate.name == name) return &candidate;
    return nullptr;
  }

  void check_ports(const Service& service) {
    if (service.ports.empty() || service.networks.empty() || !service.network_mode.empty()) return;
    for (const auto& name : service.networks) {
      const auto* found = network(name);
      if (found == nullptr || !found->internal) return;
    }
    for (const auto& port : service.ports)
      add("compose-port-unreachable", service.subject(), port.place,
          {{"service", service.name},
           {"port", std::to_string(port.published == 0 ? port.target : port.published)},
           {"network", util::join(service.networks, ", ")},
           {"where", port.place.text()}});
  }

  void check_external_networks() {
    for (const auto& candidate : deployment_.networks) {
      if (!candidate.external || candidate.exists.value_or(true)) continue;
      const bool used =
          std::any_of(deployment_.services.begin(), deployment_.services.end(), [&](const Service& service) {
            const auto& names = service.networks;
            return service.enabled && std::find(names.begin(), names.end(), candidate.name) != names.end();
          });
      const auto& name = candidate.real_name.empty() ? candidate.name : candidate.real_name;
      if (used)
        add("compose-network-external-missing", "file:" + candidate.place.file, candidate.place,
            {{"network", name}, {"where", candidate.place.text()}});
    }
  }

  /// The volumes that the project would make itself, of enabled services.
  std::vector<const Volume*> own_volumes() const {
    std::vector<const Volume*> own;
    for (const auto& volume : deployment_.volumes) {
      const bool used =
          std::any_of(deployment_.services.begin(), deployment_.services.end(), [&](const Service& service) {
            return service.enabled &&
                   std::any_of(service.mounts.begin(), service.mounts.end(), [&](const Mount& mount) {
                     return mount.kind == "volume" && (mount.source == volume.name || mount.source == volume.real_name);
                   });
          });
      if (!volume.external && used) own.push_back(&volume);
    }
    return own;
  }

  const FoundVolume* volume_of(const std::string& project, const Volume& volume) const {
    for (const auto& found : volumes_)
      if (found.project == project && found.name == volume.name) return &found;
    return nullptr;
  }

  /// An older project left all the volumes that this one has, and runs no more.
  void check_project_name() {
    const auto own = own_volumes();
    if (own.empty()) return;
    std::set<std::string> projects;
    for (const auto& found : volumes_)
      if (!found.project.empty() && found.project != deployment_.project) projects.insert(found.project);
    for (const auto& project : projects) {
      const bool all = std::all_of(own.begin(), own.end(), [&](const Volume* volume) {
        const auto* older = volume_of(project, *volume);
        return older != nullptr && (!volume->created || older->created < *volume->created);
      });
      if (!all || !is_left_behind(project, own.size())) continue;
      const auto& first = **std::min_element(own.begin(), own.end(), [](const Volume* a, const Volume* b) {
        return holds_database(*a) && !holds_database(*b);
      });
      add("compose-project-renamed", "volume:" + first.name, first.place,
          {{"volume", first.real_name}, {"older", volume_of(project, first)->real_name}, {"project", project}});
      return;
    }
  }

  static bool holds_database(const Volume& volume) {
    return volume.name.find("postgres") != std::string::npos || volume.name.find("db") != std::string::npos;
  }

  /// A project that still runs is another deployment. One common volume name alone proves nothing unless a stopped
  /// container has the name of one of our services too.
  bool is_left_behind(const std::string& project, std::size_t common_volumes) const {
    if (!sources_.containers) return false;
    const auto found = sources_.containers(project);
    if (!found) return false;
    const bool runs = std::any_of(found->begin(), found->end(), [](const FoundContainer& container) {
      return container.container.status == "running";
    });
    const bool same_service = std::any_of(found->begin(), found->end(), [&](const FoundContainer& container) {
      return deployment_.service(container.service) != nullptr;
    });
    return !runs && (common_volumes > 1 || same_service);
  }

  const Deployment& deployment_;
  const ComposeProject* compose_;
  const Dotenv& dotenv_;
  const Sources& sources_;
  const std::vector<FoundVolume>& volumes_;
  std::vector<FileProblem> problems_;
};

}  // namespace

std::vector<FileProblem> find_problems(const ProblemSources& sources) {
  return Finder{sources}.find();
}

FileProblem unreadable_env_file(const std::string& file, const ProbeFailure& failure) {
  const auto reason = failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail;
  if (failure.kind == FailureKind::too_large)
    return {
        "env-file-oversized", "file:" + file, {file}, {{"file", file}, {"size", "more than 4 MB"}, {"limit", "4 MB"}}};
  return {"env-file-unreadable", "file:" + file, {file}, {{"file", file}, {"reason", reason}}};
}

}  // namespace doctor::deployment
