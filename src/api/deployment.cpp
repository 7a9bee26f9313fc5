#include "doctor/deployment.hpp"

#include <algorithm>
#include <set>

namespace doctor {
namespace {

bool below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         (directory.ends_with('/') || path[directory.size()] == '/');
}

std::string joined(std::string directory, std::string_view rest) {
  if (!directory.ends_with('/')) directory += '/';
  return directory.append(rest.substr(rest.find_first_not_of('/')));
}

std::optional<std::uint32_t> number(std::string_view text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return static_cast<std::uint32_t>(std::stoul(std::string{text}));
}

/// "999:999" or "999"; names need the image's passwd and give nothing.
std::optional<Deployment::Identity> numeric_identity(std::string_view user, std::string source) {
  const auto colon = user.find(':');
  const auto uid = number(user.substr(0, colon));
  if (!uid) return std::nullopt;
  const auto gid = colon == std::string_view::npos ? std::nullopt : number(user.substr(colon + 1));
  return Deployment::Identity{*uid, {gid.value_or(0)}, std::move(source)};
}

const Mount* mount_over(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    const bool covers = path == mount.target || below(path, mount.target);
    if (covers && (best == nullptr || mount.target.size() > best->target.size())) best = &mount;
  }
  return best;
}

/// "/proc/4711/root": the root directory of a container whose process doctor may look at.
std::string container_root(const Service& service) {
  const bool entered = service.container && service.container->pid > 0 && service.vantage.starts_with("container ");
  return entered ? "/proc/" + std::to_string(service.container->pid) + "/root" : std::string{};
}

std::optional<std::string> path_in_container(const Service& service, const std::string& path) {
  const auto root = container_root(service);
  if (root.empty() || !path.starts_with('/')) return std::nullopt;
  return root + path;
}

}  // namespace

std::string Place::text() const {
  return line > 0 ? file + ":" + std::to_string(line) : file;
}

std::string Setting::subject() const {
  return "setting:" + service + "/" + name;
}

const std::optional<Value>& Setting::value() const {
  return running ? running : configured;
}

std::string Setting::where() const {
  if (written_at) return written_at->text();
  if (passed_at) return passed_at->text();
  return chain.empty() ? std::string{} : chain.back().where;
}

const ServiceRule* SystemDescription::service(const std::string& wanted) const {
  for (const auto& rule : services)
    if (rule.name == wanted) return &rule;
  return nullptr;
}

const Service* Deployment::service(std::string_view name) const {
  for (const auto& service : services)
    if (service.name == name) return &service;
  return nullptr;
}

const Setting* Deployment::setting(std::string_view subject) const {
  for (const auto& setting : settings)
    if (setting.subject() == subject) return &setting;
  return nullptr;
}

const Setting* Deployment::setting(std::string_view service, std::string_view name) const {
  for (const auto& setting : settings)
    if (setting.service == service && setting.name == name) return &setting;
  return nullptr;
}

std::vector<const Setting*> Deployment::with_role(std::string_view role) const {
  std::vector<const Setting*> found;
  for (const auto& setting : settings)
    if (setting.rule.role == role) found.push_back(&setting);
  return found;
}

std::optional<std::string> Deployment::host_path(const Service& service, const std::string& path) const {
  if (path.empty()) return std::nullopt;
  const bool bare = service.process || (compose_file.empty() && !service.container && service.mounts.empty());
  const auto& base = service.process ? service.process->directory : directory;
  if (bare && base.empty() && !path.starts_with('/')) return std::nullopt;  // not known where the process stands
  if (bare) return path.starts_with('/') ? path : joined(base, path.starts_with("./") ? path.substr(2) : path);
  const auto& mounts = service.container ? service.container->mounts : service.mounts;
  const auto* mount = mount_over(mounts, path);
  if (mount == nullptr || mount->kind == "tmpfs") return path_in_container(service, path);
  std::string root = mount->source;
  if (mount->kind == "volume") {
    const auto volume = std::find_if(volumes.begin(), volumes.end(), [&](const Volume& v) {
      return v.name == mount->source || v.real_name == mount->source;
    });
    if (volume == volumes.end() || volume->host_path.empty()) return path_in_container(service, path);
    root = volume->host_path;
  }
  const auto rest = path.substr(mount->target.size());
  return rest.find_first_not_of('/') == std::string::npos ? root : joined(root, rest);
}

std::string Deployment::shown_path(const std::string& path) const {
  for (const auto& service : services)
    if (const auto root = container_root(service); !root.empty() && below(path, root))
      return "container " + service.container->name + ":" + path.substr(root.size());
  if (path == directory) return ".";
  return below(path, directory) ? path.substr(directory.size() + (directory.ends_with('/') ? 0 : 1)) : path;
}

std::optional<Deployment::Identity> Deployment::identity(const Service& service) const {
  if (service.process)
    return Identity{service.process->uid, service.process->gids, "process " + std::to_string(service.process->pid)};
  if (service.container && !service.container->user.empty())
    if (auto known = numeric_identity(service.container->user, "container " + service.container->name)) return known;
  if (!service.user.empty()) return numeric_identity(service.user, service.place.text());
  // Nothing says that a bare process which does not run would run as the image's user.
  if (compose_file.empty() && !service.container && service.mounts.empty()) return std::nullopt;
  return numeric_identity(service.rule.user, "the image's user");
}

bool Deployment::environment_known(const Service& service) const {
  return std::any_of(settings.begin(), settings.end(), [&](const Setting& setting) {
    return setting.service == service.name && setting.running.has_value();
  });
}

std::vector<std::string> Deployment::depends_on(const std::string& subject) const {
  std::vector<std::string> order;
  std::set<std::string> seen{subject};
  std::vector<std::string> open{subject};
  while (!open.empty()) {
    const std::string current = std::move(open.back());
    open.pop_back();
    for (const auto& edge : edges) {
      if (edge.from != current || !seen.insert(edge.to).second) continue;
      order.push_back(edge.to);
      open.push_back(edge.to);
    }
  }
  return order;
}

}  // namespace doctor
