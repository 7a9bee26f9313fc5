#include <map>
#include <set>

#include "doctor/access.hpp"
#include "timeline/scene.hpp"
#include "util/text.hpp"

namespace doctor::timeline {
namespace {

constexpr std::size_t most_files = 40;

/// Files whose content decides how the deployment works, each once: what was read to find out about it, the proxies'
/// configuration, keys, and single files that are mounted.
class FileList {
 public:
  explicit FileList(const Deployment& deployment) : deployment_{deployment} {
    for (const auto& file : deployment.files) add(file);
    for (const auto& file : {deployment.env_file, deployment.compose_file})
      if (!file.empty()) add(file.starts_with('/') ? file : deployment.directory + "/" + file);
    for (const auto& setting : deployment.settings) add_key(setting);
    for (const auto& proxy : deployment.proxies) add_proxy(proxy);
    for (const auto& service : deployment.services)
      for (const auto& mount : service.mounts)
        if (mount.kind == "bind" || mount.kind == "secret") add(mount.source);
  }

  const std::vector<std::string>& paths() const { return paths_; }

 private:
  void add(const std::string& path) {
    if (path.starts_with('/') && paths_.size() < most_files && seen_.insert(path).second) paths_.push_back(path);
  }

  void add_of(const std::string& service_name, const std::string& path) {
    const auto* service = deployment_.service(service_name);
    const auto place = service == nullptr ? std::nullopt : locate(deployment_, *service, path);
    // What lies in the image is as old as the image.
    if (place && !place->host.starts_with("/proc/")) add(place->host);
  }

  void add_key(const Setting& setting) {
    const auto& value = setting.value();
    if (!setting.rule.role.ends_with("-key-path") || (value && value->is_secret())) return;
    const auto path = value ? value->text() : setting.rule.fallback;
    if (!path.empty()) add_of(setting.service, path);
  }

  void add_proxy(const Proxy& proxy) {
    if (proxy.config.empty()) return;
    if (proxy.service.empty())
      add(proxy.config);
    else
      add_of(proxy.service, proxy.config);
  }

  const Deployment& deployment_;
  std::vector<std::string> paths_;
  std::set<std::string> seen_;
};

/// A checkout writes many files at once: one event.
void add_edits(const Scene& scene, Events& events) {
  Events edits;
  const FileList files{scene.deployment};
  for (const auto& path : files.paths()) {
    const auto file = scene.ask(FileQuestion{path});
    if (!file || file->kind != "file") continue;
    edits.push_back(
        {file->modified, "edited", "file:" + scene.deployment.shown_path(path), {}, "file time", false, false});
  }
  std::stable_sort(edits.begin(), edits.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
  constexpr std::size_t few = 3;
  const auto name = [](const Event& edit) { return util::shown(edit.subject.substr(edit.subject.find(':') + 1), 80); };
  for (auto& group : in_one_go(std::move(edits))) {
    if (group.size() <= few) {
      for (auto& edit : group) {
        edit.text = name(edit) + " was written";
        events.push_back(std::move(edit));
      }
      continue;
    }
    std::vector<std::string> names;
    for (const auto& edit : group) names.push_back(name(edit));
    group.front().text = std::to_string(names.size()) + " files were written: " + some_of(names, few);
    events.push_back(std::move(group.front()));
  }
}

/// Several services may be made from one image.
void add_images(const Scene& scene, Events& events) {
  std::set<std::string> told;
  for (const auto& service : scene.deployment.services) {
    if (!service.container || service.container->image_created == 0) continue;
    const auto& container = *service.container;
    if (!told.insert(container.image_id.empty() ? container.image : container.image_id).second) continue;
    events.push_back({container.image_created, "image-built", service.subject(),
                      "image " + util::shown(container.image, 80) + " was built", "Docker Engine", false, false});
  }
}

}  // namespace

void add_changes(const Scene& scene, Events& events) {
  add_edits(scene, events);
  add_images(scene, events);
  for (const auto& volume : scene.deployment.volumes)
    if (volume.created)
      events.push_back({*volume.created, "volume-created", "volume:" + volume.name,
                        "volume " + util::shown(volume.name, 80) + " was created", "Docker Engine", false, false});
}

}  // namespace doctor::timeline
