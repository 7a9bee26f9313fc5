#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "bundle/collect_parts.hpp"
#include "bundle/collect_texts.hpp"
#include "probes/files_failure.hpp"
#include "probes/recorder_template.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::uint64_t most_file = 4UL * 1024 * 1024;
constexpr std::string_view text_probe = "text ";

/// How a file is made fit for a bundle, before the redactor sees it.
enum class Form { text, env, yaml };

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_yaml(const std::string& path) {
  const auto name = util::lower(base_name(path));
  return name.ends_with(".yml") || name.ends_with(".yaml");
}

/// ".env", ".env.production", "app.env", "env"
bool is_env_name(const std::string& path) {
  const auto name = util::lower(base_name(path));
  return name == "env" || name.starts_with(".env") || name.ends_with(".env");
}

/// Sources of the tree, its history and its migrations are not configuration.
bool is_source(const std::string& path) {
  return path.find("/.git/") != std::string::npos || path.ends_with(".sql") || path.ends_with(".lock");
}

/// What services are configured with lies below the directory, under such names.
bool is_config_name(const std::string& path) {
  static constexpr std::array<std::string_view, 8> endings{".yml",  ".yaml", ".conf", ".cfg",
                                                           ".toml", ".ini",  ".json", "caddyfile"};
  const auto name = util::lower(base_name(path));
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Files of configuration and where they are known from.
class Files {
 public:
  explicit Files(const Patient& patient) : patient_{patient} {
    known_secrets();
    env_files();
    for (const auto& file : deployment().files) add(file);
    for (const auto& file : {deployment().env_file, deployment().compose_file, std::string{"doctor.yaml"}})
      if (!file.empty()) add(absolute(file));
    for (const auto& manifest : deployment().manifests) add(absolute(manifest.path));
    for (const auto& service : deployment().services)
      if (!service.dockerfile.empty()) add(service.dockerfile);
    mounted();
    recorded();
  }

  const std::set<std::string>& paths() const { return paths_; }
  bool is_secret(const std::string& path) const { return secrets_.count(path) > 0; }
  Form form(const std::string& path) const {
    if (envs_.count(path) > 0 || is_env_name(path)) return Form::env;
    return is_yaml(path) ? Form::yaml : Form::text;
  }

 private:
  const Deployment& deployment() const { return *patient_.deployment; }
  std::string absolute(const std::string& file) const {
    return file.starts_with('/') ? file : deployment().directory + "/" + file;
  }
  void add(const std::string& path) { paths_.insert(path); }

  /// What is mounted as a secret holds one and nothing else.
  void known_secrets() {
    for (const auto& service : deployment().services)
      for (const auto& mount : service.mounts)
        if (mount.kind == "secret") secrets_.insert(mount.source);
  }

  /// The files that variables come from are .env files, whatever they are called.
  void env_files() {
    if (!deployment().env_file.empty()) envs_.insert(absolute(deployment().env_file));
    for (const auto& setting : deployment().settings)
      for (const auto& hop : setting.chain)
        if (hop.kind == "dotenv" || hop.kind == "env-file")
          envs_.insert(absolute(hop.where.substr(0, hop.where.rfind(':'))));
  }

  void mounted() {
    const auto below = deployment().directory + "/";
    for (const auto& service : deployment().services)
      for (const auto& mount : service.mounts)
        if (mount.kind == "bind" && mount.source.starts_with(below) && is_config_name(mount.source) &&
            !patient_.live.secret_name(base_name(mount.source)))
          add(mount.source);
  }

  /// What checks have read: proxies' files and what these include, build files.
  void recorded() {
    std::set<std::string> expected;
    for (const auto& file : deployment().description.files) expected.insert(absolute(file.file));
    patient_.tape->each([&](const std::string& key, const std::string&) {
      if (!key.starts_with(text_probe)) return;
      const auto question = util::Json::parse(key.substr(text_probe.size()), nullptr, false);
      if (!question.is_object()) return;
      const auto path = question.value("path", "");
      if (!path.empty() && !is_source(path) && expected.count(path) == 0) add(path);
    });
  }

  const Patient& patient_;
  std::set<std::string> paths_;
  std::set<std::string> secrets_;
  std::set<std::string> envs_;
};

/// The text that the run has got of a file.
std::optional<Outcome<std::string>> from_tape(const probes::Tape& tape, const std::string& path) {
  std::optional<Outcome<std::string>> found;
  tape.each([&](const std::string& key, const std::string& outcome) {
    if (!key.starts_with(text_probe)) return;
    const auto question = util::Json::parse(key.substr(text_probe.size()), nullptr, false);
    if (!question.is_object() || question.value("path", "") != path) return;
    auto answer = probes::decoded<TextAnswer>(outcome);
    if (answer)
      found = std::move(answer->text);
    else if (!found)
      found = Failed{answer.error()};
  });
  return found;
}

/// A container's file without the process that leads to it: "/proc/4711/root/etc/nginx/nginx.conf" of web is
/// "container-web/etc/nginx/nginx.conf".
std::string name_of(const Deployment& deployment, const std::string& path) {
  const auto shown = deployment.shown_path(path);
  if (!shown.starts_with('/')) return shown;
  for (const auto& service : deployment.services) {
    const auto pid = service.container ? service.container->pid : service.process ? service.process->pid : 0;
    const auto root = "/proc/" + std::to_string(pid) + "/root/";
    if (pid > 0 && path.starts_with(root)) return "container-" + service.name + "/" + path.substr(root.size());
  }
  return "host" + path;
}

/// Ends of lines stay as they are; what is no text becomes '?'.
Outcome<SmallText> shown_file(const std::string& bytes, Form form, const Values& values) {
  if (bytes.find('\0') != std::string::npos)
    return probes::failed(FailureKind::protocol_error, "NUL", "the file is binary: it holds NUL bytes");
  if (form == Form::env) return SmallText{shown_env_file(bytes, values), {}};
  if (form == Form::yaml) return SmallText{shown_yaml(bytes, values), {}};
  return SmallText{bytes, {}};
}

void add_file(Collection& collection, const std::string& path, Form form, std::uint64_t size) {
  const auto patient = collection.shared();
  const auto& deployment = *patient->deployment;
  collection.add_text("config", name_of(deployment, path), path, size,
                      [patient, path, form](const Deadline& deadline) -> Outcome<SmallText> {
                        auto bytes = from_tape(*patient->tape, path);
                        if (!bytes || !*bytes) bytes = patient->live.bytes(path, most_file, deadline);
                        if (!*bytes) return Failed{bytes->error()};
                        return shown_file(**bytes, form, patient->values);
                      });
}

/// Of a link that leads to what is nobody's business here, such as /etc/shadow: it can be read by its owner's group
/// at most, and its owner is neither that of the directory nor doctor's user's.
bool is_foreign(const FileAnswer& file, const FileAnswer& directory) {
  constexpr std::uint32_t others_read = 0004;
  return (file.mode & others_read) == 0 && file.uid != directory.uid && directory.uid != 0;
}

}  // namespace

void add_config(Collection& collection, const Deadline& deadline) {
  const auto& patient = collection.patient();
  const auto& deployment = *patient.deployment;
  const Files files{patient};
  const auto directory = patient.live.file(deployment.directory, deadline);
  for (const auto& path : files.paths()) {
    const auto form = files.form(path);
    const auto name = name_of(deployment, path);
    if (files.is_secret(path)) {
      collection.add_missing("config", name, path, "it holds a secret and nothing else");
      continue;
    }
    const auto file = patient.live.file(path, deadline);
    if (file && file->kind == "missing") continue;
    if (file && directory && form != Form::env && !name.starts_with("container-") && is_foreign(*file, *directory)) {
      collection.add_missing("config", name, path, "it belongs to another user, and not everybody may read it");
      continue;
    }
    add_file(collection, path, form, file ? file->size : 0);
  }
}

}  // namespace doctor::bundle
