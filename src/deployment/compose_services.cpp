#include <algorithm>
#include <charconv>
#include <set>

#include "deployment/compose_internal.hpp"
#include "deployment/compose_value_forms.hpp"
#include "util/text.hpp"

// The tree of a project becomes the structs of compose.hpp. Parts of a wrong kind are passed over here; the schema has
// reported them.

namespace doctor::deployment::compose {
namespace {

struct Assignment {
  std::string name;
  std::optional<std::string> value;
  const YamlNode* node = nullptr;
  Place place;
};

std::optional<Assignment> from_list(const YamlNode& item) {
  if (!item.is_scalar()) return std::nullopt;
  const auto equals = item.text.find('=');
  Assignment assignment{item.text.substr(0, equals), std::nullopt, &item, item.place()};
  if (equals != std::string::npos) assignment.value = item.text.substr(equals + 1);
  return assignment;
}

std::vector<Assignment> assignments(const YamlNode* environment) {
  std::vector<Assignment> result;
  if (environment == nullptr) return result;
  for (const auto& item : environment->items) {
    if (auto assignment = from_list(item)) result.push_back(std::move(*assignment));
  }
  for (const auto& entry : environment->entries) {
    const YamlNode& value = entry.value;
    if (value.is_mapping() || value.is_sequence()) continue;
    Place place = value.place();
    place.line = entry.line;
    place.column = entry.column;
    result.push_back({entry.key, value.is_null() ? std::nullopt : std::optional{value.text}, &value, place});
  }
  return result;
}

class ServiceBuilder {
 public:
  ServiceBuilder(Loading& loading, const YamlNode& root, const YamlEntry& entry)
      : loading_{loading}, root_{root}, node_{entry.value} {
    out_.service.name = entry.key;
    out_.service.place = {node_.file ? *node_.file : std::string{}, entry.line, entry.column};
  }

  ComposeService build() {
    simple_fields();
    networks();
    dependencies();
    ports();
    volumes();
    secrets();
    env_files();
    environment();
    return std::move(out_);
  }

 private:
  std::string text(std::string_view key) const { return text_of(node_.find(key)); }

  void simple_fields() {
    Service& service = out_.service;
    service.image = text("image");
    service.container_name = text("container_name");
    service.user = text("user");
    service.read_only = is_true(node_.find("read_only"));
    service.network_mode = text("network_mode");
    out_.restart = text("restart");
    build_context();
    if (const YamlNode* profiles = node_.find("profiles")) {
      for (const auto& item : profiles->items) out_.profiles.push_back(item.text);
    }
    service.enabled = enabled();
    healthcheck();
    service.command = words_of(node_.find("command"));
    service.entrypoint = words_of(node_.find("entrypoint"));
    if (const YamlNode* logging = node_.find("logging")) service.log_driver = text_of(logging->find("driver"));
    service.stop_grace = duration(text("stop_grace_period"));
    service.healthcheck = out_.healthcheck;
    service.restart = out_.restart;
    labels();
    resources();
  }

  bool enabled() const {
    if (out_.profiles.empty()) return true;
    return std::any_of(loading_.profiles.begin(), loading_.profiles.end(), [&](const std::string& profile) {
      return profile == "*" || std::find(out_.profiles.begin(), out_.profiles.end(), profile) != out_.profiles.end();
    });
  }

  /// Of a build that ends before the last stage it is not known what it needs: its Dockerfile is left out.
  void build_context() {
    const YamlNode* build = node_.find("build");
    if (build == nullptr || build->is_null()) return;
    auto& service = out_.service;
    const auto context = text_of(build->find("context"));
    service.build = context.empty() ? loading_.directory : context;
    const bool inline_text = build->find("dockerfile_inline") != nullptr;
    if (!service.build.starts_with('/') || inline_text || !text_of(build->find("target")).empty()) return;
    const auto name = text_of(build->find("dockerfile"));
    service.dockerfile = absolute_path(service.build, name.empty() ? "Dockerfile" : name);
  }

  /// A text is divided at blanks: enough for what is looked for.
  static std::vector<std::string> words_of(const YamlNode* node) {
    std::vector<std::string> words;
    if (node == nullptr) return words;
    if (node->is_text())
      for (auto& word : util::split(node->text, ' '))
        if (!word.empty()) words.push_back(std::move(word));
    for (const auto& item : node->items) words.push_back(item.text);
    return words;
  }

  void healthcheck() {
    const YamlNode* check = node_.find("healthcheck");
    if (check == nullptr) return;
    const YamlNode* test = check->find("test");
    if (is_true(check->find("disable"))) {
      out_.healthcheck = "NONE";
    } else if (test != nullptr && test->is_text()) {
      out_.healthcheck = "CMD-SHELL " + test->text;
    } else if (test != nullptr) {
      std::vector<std::string> words;
      for (const auto& item : test->items) words.push_back(item.text);
      out_.healthcheck = util::join(words, " ");
    }
  }

  void labels() {
    for (auto& label : assignments(node_.find("labels")))
      out_.service.labels.insert_or_assign(std::move(label.name), label.value.value_or(""));
  }

  /// What the service wants of the host. Docker Compose takes the old keys where `deploy` says nothing.
  void resources() {
    const YamlNode* deploy = node_.find("deploy");
    const YamlNode* resources = deploy != nullptr ? deploy->find("resources") : nullptr;
    const YamlNode* limits = resources != nullptr ? resources->find("limits") : nullptr;
    auto memory = limits != nullptr ? text_of(limits->find("memory")) : std::string{};
    if (memory.empty()) memory = text("mem_limit");
    out_.service.memory_limit = size_in_bytes(memory);
    auto replicas = deploy != nullptr ? text_of(deploy->find("replicas")) : std::string{};
    if (replicas.empty()) replicas = text("scale");
    std::from_chars(replicas.data(), replicas.data() + replicas.size(), out_.service.replicas);
  }

  void networks() {
    const YamlNode* networks = node_.find("networks");
    if (networks != nullptr) {
      for (const auto& entry : networks->entries) out_.service.networks.push_back(entry.key);
    }
    if (out_.service.networks.empty() && node_.find("network_mode") == nullptr) out_.service.networks = {"default"};
  }

  void depend(const std::string& name, const std::string& condition) {
    if (!out_.dependency_conditions.emplace(name, condition).second) return;
    out_.service.depends_on.push_back(name);
  }

  /// Links, shared namespaces and volumes_from are dependencies, too.
  void dependencies() {
    if (const YamlNode* listed = node_.find("depends_on")) {
      for (const auto& entry : listed->entries) depend(entry.key, text_of(entry.value.find("condition")));
    }
    if (const YamlNode* links = node_.find("links")) {
      for (const auto& item : links->items) depend(item.text.substr(0, item.text.find(':')), "service_started");
    }
    for (const std::string_view key : {"network_mode", "ipc", "pid", "uts", "cgroup"}) {
      const std::string mode = text(key);
      if (mode.compare(0, 8, "service:") == 0) depend(mode.substr(8), "service_started");
    }
    if (const YamlNode* sources = node_.find("volumes_from")) {
      for (const auto& item : sources->items) {
        if (item.text.compare(0, 10, "container:") == 0) continue;
        depend(item.text.substr(0, item.text.find(':')), "service_started");
      }
    }
  }

  void ports() {
    const YamlNode* ports = node_.find("ports");
    if (ports == nullptr) return;
    for (const auto& item : ports->items) {
      const auto target = port_range(text_of(item.find("target")));
      if (!target) continue;
      const auto published = port_range(text_of(item.find("published")));
      PublishedPort port;
      port.address = text_of(item.find("host_ip"));
      port.target = static_cast<std::uint16_t>(target->first);
      if (published && published->first == published->last)
        port.published = static_cast<std::uint16_t>(published->first);
      const std::string protocol = text_of(item.find("protocol"));
      port.protocol = protocol.empty() ? "tcp" : protocol;
      port.place = item.place();
      out_.service.ports.push_back(std::move(port));
    }
  }

  void volumes() {
    if (const YamlNode* volumes = node_.find("volumes")) {
      for (const auto& item : volumes->items) {
        if (!item.is_mapping()) continue;
        Mount mount{text_of(item.find("type")), text_of(item.find("source")), text_of(item.find("target")),
                    is_true(item.find("read_only")), item.place()};
        out_.service.mounts.push_back(std::move(mount));
      }
    }
    const YamlNode* tmpfs = node_.find("tmpfs");
    if (tmpfs == nullptr) return;
    const auto add = [&](const YamlNode& item) {
      out_.service.mounts.push_back({"tmpfs", "", item.text.substr(0, item.text.find(':')), false, item.place()});
    };
    if (tmpfs->is_text()) add(*tmpfs);
    for (const auto& item : tmpfs->items) add(item);
  }

  void secrets() {
    const YamlNode* secrets = node_.find("secrets");
    if (secrets == nullptr) return;
    const YamlNode* defined = root_.find("secrets");
    for (const auto& item : secrets->items) {
      const std::string name = text_of(item.find("source"));
      out_.secrets.push_back(name);
      std::string target = text_of(item.find("target"));
      if (target.empty()) target = name;
      if (target.empty() || target.front() != '/') target = "/run/secrets/" + target;
      const YamlNode* secret = defined != nullptr ? defined->find(name) : nullptr;
      const std::string file = secret != nullptr ? text_of(secret->find("file")) : std::string{};
      out_.service.mounts.push_back({"secret", file, target, true, item.place()});
    }
  }

  void env_files() {
    const YamlNode* files = node_.find("env_file");
    if (files == nullptr) return;
    for (const auto& item : files->items) {
      const YamlNode* path = item.find("path");
      if (path == nullptr || !path->is_text()) continue;
      out_.env_files.push_back(path->text);
      read_env_file(*path, is_true(item.find("required")));
    }
  }

  void read_env_file(const YamlNode& path, bool required) {
    const auto& content = loading_.content(path.text);
    const bool missing = !content && content.error().kind == FailureKind::not_found;
    if (!content && ((missing && !required) || !out_.service.enabled)) return;
    const std::string* text = loading_.required_content(path.text, path.place());
    if (text == nullptr) return;
    // What is copied below for the expansion of the file costs, too.
    const std::size_t cost = text->size() + 64 * (loading_.environment.size() + out_.environment.size());
    if (cost > loading_.env_text_left) {
      return loading_.invalid(path.place(), "the env_file entries of the project hold more than 64 MB together");
    }
    loading_.env_text_left -= cost;
    Environment known = loading_.environment;
    for (const auto& variable : out_.environment) {
      if (variable.value) known[variable.name] = *variable.value;
    }
    const Dotenv dotenv = parse_dotenv(*text, loading_.shown(path.text), known);
    for (const auto& problem : dotenv.problems) report(problem);
    for (const auto& entry : dotenv.entries) add_from_file(entry, known);
  }

  void report(const FileProblem& problem) {
    const bool loads = loading_.project.loads;
    loading_.problem(problem.code, problem.subject, problem.place, problem.evidence);
    // A key that is there twice does not keep Docker Compose from reading the file, nor does a disabled service.
    if (problem.code == "env-key-duplicated" || !out_.service.enabled) loading_.project.loads = loads;
  }

  void add_from_file(const DotenvEntry& entry, const Environment& known) {
    ServiceVariable variable{entry.name, entry.value, entry.expression, "env-file", entry.variables,
                             false,      false,       entry.place};
    if (!entry.value) {
      const auto found = known.find(entry.name);
      if (found == known.end()) return;
      variable.value = found->second;
      variable.expression = entry.name;
    }
    put(std::move(variable));
  }

  void environment() {
    for (auto& assignment : assignments(node_.find("environment"))) {
      ServiceVariable variable;
      variable.name = assignment.name;
      variable.place = assignment.place;
      variable.value = assignment.value;
      variable.kind = assignment.value ? "literal" : "pass-through";
      if (assignment.value) {
        describe(assignment, variable);
      } else {
        variable.variables = {assignment.name};
        const auto found = loading_.environment.find(assignment.name);
        if (found != loading_.environment.end()) variable.value = found->second;
      }
      put(std::move(variable));
    }
  }

  /// Elements of lists are written NAME=value; the expression is the part behind the name.
  void describe(const Assignment& assignment, ServiceVariable& variable) const {
    const YamlNode& node = *assignment.node;
    const bool element = node.text == assignment.name + "=" + *assignment.value;
    variable.expression = node.expression();
    if (element) variable.expression.erase(0, variable.expression.find('=') + 1);
    if (!node.origin) return;
    variable.kind = "interpolation";
    variable.variables = node.origin->variables;
    variable.defaulted = node.origin->defaulted;
  }

  void put(ServiceVariable variable) {
    const std::size_t size =
        variable.name.size() + variable.expression.size() + (variable.value ? variable.value->size() : 0);
    if (loading_.variables_left == 0 || size > loading_.variable_text_left) {
      return loading_.invalid(variable.place, "the services have more than 100,000 variables, or 16 MB of them");
    }
    --loading_.variables_left;
    loading_.variable_text_left -= size;
    const auto [found, fresh] = places_.try_emplace(variable.name, out_.environment.size());
    if (fresh) {
      out_.environment.push_back(std::move(variable));
    } else {
      out_.environment[found->second] = std::move(variable);
    }
  }

  Loading& loading_;
  const YamlNode& root_;
  const YamlNode& node_;
  ComposeService out_;
  std::map<std::string, std::size_t> places_;
};

/// A service whose successful end another one waits for is a job: it is not meant to go on running.
void mark_jobs(std::vector<ComposeService>& services) {
  std::set<std::string> jobs;
  for (const auto& service : services)
    for (const auto& [name, condition] : service.dependency_conditions)
      if (condition == "service_completed_successfully") jobs.insert(name);
  for (auto& service : services) service.service.completes = jobs.count(service.service.name) > 0;
}

}  // namespace

void build_services(Loading& loading, const YamlNode& root) {
  const YamlNode* services = root.find("services");
  if (services == nullptr) return;
  for (const auto& entry : services->entries) {
    if (!entry.value.is_mapping()) continue;
    loading.project.services.push_back(ServiceBuilder{loading, root, entry}.build());
  }
  mark_jobs(loading.project.services);
}

}  // namespace doctor::deployment::compose
