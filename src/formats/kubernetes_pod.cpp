#include <algorithm>

#include "formats/kubernetes_reader.hpp"

// Workloads: what makes pods, and the containers of those.

namespace doctor::formats::kubernetes {
namespace {

/// The first of a probe's actions that is there.
std::string action_of(const YamlNode& probe) {
  if (probe.find("httpGet") != nullptr) return "http";
  if (probe.find("tcpSocket") != nullptr) return "tcp";
  if (probe.find("grpc") != nullptr) return "grpc";
  return "exec";
}

std::string user_of(const YamlNode& container, const YamlNode& pod) {
  const auto* own = container.find("securityContext");
  const auto* outer = pod.find("securityContext");
  const auto either = [&](const char* key) {
    auto text = text_of(child(own, key));
    return text.empty() ? text_of(child(outer, key)) : text;
  };
  const auto user = either("runAsUser");
  const auto group = either("runAsGroup");
  return group.empty() || user.empty() ? user : user + ":" + group;
}

}  // namespace

void Reader::workload(const YamlNode& root, const KubeObject& object, const YamlNode& spec, const YamlNode* pod) {
  const auto* inner = child(pod, "spec");
  if (inner == nullptr || !inner->is_mapping()) return;
  KubeWorkload out;
  out.object = object;
  out.pod_labels = labels_of(child(child(pod, "metadata"), "labels"));
  const auto* replicas = spec.find("replicas");
  if (replicas != nullptr && replicas->kind == YamlKind::integer && object.kind != "Pod") {
    out.replicas = static_cast<int>(std::clamp<std::int64_t>(integer_of(replicas, 1), 0, 1'000'000));
    out.replicas_place = at(*replicas);
  }
  out.account = text_of(inner->find("serviceAccountName"));
  out.account_place = inner->find("serviceAccountName") ? at(*inner->find("serviceAccountName")) : at(root);
  const auto add = [&](const char* key, bool init) {
    for (const auto& item : items_of(inner->find(key)))
      if (item.is_mapping() && out.containers.size() < most_pod_containers)
        out.containers.push_back(container(item, init, *inner));
  };
  add("initContainers", true);
  add("containers", false);
  volumes(*inner, out);
  out_.workloads.push_back(std::move(out));
}

void Reader::volumes(const YamlNode& pod, KubeWorkload& out) const {
  const auto add = [&](const YamlNode* source, const char* name, bool secret) {
    if (source == nullptr || !source->is_mapping()) return;
    out.mounts.push_back({text_of(source->find(name)), secret, {}, is_true(source->find("optional")), at(*source)});
  };
  for (const auto& volume : items_of(pod.find("volumes"))) {
    add(child(&volume, "configMap"), "name", false);
    add(child(&volume, "secret"), "secretName", true);
    for (const auto& source : items_of(child(child(&volume, "projected"), "sources"))) {
      add(child(&source, "configMap"), "name", false);
      add(child(&source, "secret"), "name", true);
    }
  }
}

KubeContainer Reader::container(const YamlNode& node, bool init, const YamlNode& pod) {
  KubeContainer out;
  out.place = at(node);
  out.args_place = out.place;
  out.init = init;
  out.name = text_of(node.find("name"));
  out.image = text_of(node.find("image"));
  out.command = texts_of(node.find("command"));
  if (const auto* args = node.find("args")) {
    out.args = texts_of(args);
    out.args_place = at(*args);
  }
  environment(node, out);
  for (const auto& item : items_of(node.find("ports"))) {
    if (!item.is_mapping()) continue;
    KubePort port;
    port.name = text_of(item.find("name"));
    port.port = port_of(item.find("containerPort"));
    if (const auto protocol = text_of(item.find("protocol")); !protocol.empty()) port.protocol = protocol;
    port.place = at(item);
    out.ports.push_back(std::move(port));
  }
  probe(node, "livenessProbe", "liveness", out);
  probe(node, "readinessProbe", "readiness", out);
  probe(node, "startupProbe", "startup", out);
  resources(node, out);
  out.user = user_of(node, pod);
  return out;
}

void Reader::environment(const YamlNode& node, KubeContainer& out) {
  for (const auto& item : items_of(node.find("envFrom")))
    if (item.is_mapping()) out.env_from.push_back(env_from(item));
  for (const auto& item : items_of(node.find("env")))
    if (item.is_mapping()) out.env.push_back(variable(item));
}

KubeEnvFrom Reader::env_from(const YamlNode& node) const {
  const auto* secret = node.find("secretRef");
  const auto* source = secret != nullptr ? secret : node.find("configMapRef");
  return {text_of(child(source, "name")), secret != nullptr, text_of(node.find("prefix")),
          is_true(child(source, "optional")), at(node)};
}

KubeVariable Reader::variable(const YamlNode& node) {
  KubeVariable out;
  out.name = text_of(node.find("name"));
  out.place = at(node);
  const auto* from = node.find("valueFrom");
  const auto* secret = child(from, "secretKeyRef");
  const auto* config = child(from, "configMapKeyRef");
  const auto* reference = secret != nullptr ? secret : config;
  out.kind = secret != nullptr ? "secret" : config != nullptr ? "config-map" : from != nullptr ? "field" : "literal";
  out.source = text_of(child(reference, "name"));
  out.key = text_of(child(reference, "key"));
  out.optional = is_true(child(reference, "optional"));
  if (out.kind != "literal") return out;
  const auto* value = node.find("value");
  if (value != nullptr && !value->is_text() && !value->is_null())
    fault(at(*value), "the value of a variable must be a text; put it in quotes");
  out.literal.name = out.name;
  out.literal.place = value == nullptr ? out.place : at(*value);
  describe_value(out.literal, text_of(value), false);
  return out;
}

void Reader::probe(const YamlNode& node, const char* key, const char* kind, KubeContainer& out) const {
  const auto* found = node.find(key);
  if (found == nullptr || !found->is_mapping()) return;
  KubeProbe probe;
  probe.kind = kind;
  probe.action = action_of(*found);
  probe.place = at(*found);
  const auto* action = probe.action == "http"  ? found->find("httpGet")
                       : probe.action == "tcp" ? found->find("tcpSocket")
                                               : found->find("grpc");
  const auto* port = child(action, "port");
  probe.path = text_of(child(action, "path"));
  probe.port = port_of(port);
  if (probe.port == 0) probe.port_name = text_of(port);
  if (port != nullptr) probe.place = at(*port);
  out.probes.push_back(std::move(probe));
}

void Reader::resources(const YamlNode& node, KubeContainer& out) const {
  const auto* limits = child(node.find("resources"), "limits");
  const auto* requests = child(node.find("resources"), "requests");
  const auto set = [&](const char* name) { return child(requests, name) != nullptr || child(limits, name) != nullptr; };
  out.cpu_request = set("cpu");
  out.memory_request = set("memory");
  const auto* memory = child(limits, "memory");
  if (memory == nullptr) return;
  out.memory_limit = memory_quantity(text_of(memory)).value_or(0);
  out.memory_place = at(*memory);
}

}  // namespace doctor::formats::kubernetes
