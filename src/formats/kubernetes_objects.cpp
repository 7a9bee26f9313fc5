#include <algorithm>

#include "formats/kubernetes_reader.hpp"
#include "util/text.hpp"

// ConfigMaps and Secrets, and the objects that stand around workloads.

namespace doctor::formats::kubernetes {
namespace {

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x7e || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t');
  });
}

/// Whether a text is base64 of a text. Random letters and digits of that length practically never are.
bool is_encoded_text(const std::string& text) {
  const auto trimmed = util::trim(text);
  if (trimmed.size() < 12 || (trimmed.size() < 16 && !trimmed.ends_with('='))) return false;
  const auto decoded = from_base64(trimmed);
  return decoded && !decoded->empty() && is_printable(*decoded);
}

/// "8787" is port 0 by the name "8787" nowhere: digits are numbers even in quotes.
KubePort service_port(const YamlNode& item, Place place) {
  KubePort port;
  port.name = text_of(item.find("name"));
  port.port = port_of(item.find("port"));
  const auto* target = item.find("targetPort");
  port.target = target == nullptr ? port.port : port_of(target);
  if (port.target == 0) port.target_name = text_of(target);
  if (const auto protocol = text_of(item.find("protocol")); !protocol.empty()) port.protocol = protocol;
  port.place = std::move(place);
  return port;
}

KubePolicyPort policy_port(const YamlNode& item) {
  KubePolicyPort port;
  if (const auto protocol = text_of(item.find("protocol")); !protocol.empty()) port.protocol = protocol;
  port.port = port_of(item.find("port"));
  port.end_port = port_of(item.find("endPort"));
  if (port.port == 0) port.name = text_of(item.find("port"));
  return port;
}

}  // namespace

void Reader::config(const YamlNode& root, const KubeObject& object, bool secret) {
  KubeConfig out;
  out.object = object;
  out.secret = secret;
  if (const auto* data = root.find("data")) config_values(*data, out, secret);
  if (const auto* data = root.find("stringData"); data != nullptr && secret) config_values(*data, out, false);
  out_.configs.push_back(std::move(out));
}

void Reader::config_values(const YamlNode& data, KubeConfig& out, bool encoded) {
  if (!data.is_mapping()) return;
  for (const auto& entry : data.entries) {
    KubeValue value;
    value.name = entry.key;
    value.place = at(entry.value);
    if (!entry.value.is_text() && !entry.value.is_null())
      fault(value.place, "a value of a ConfigMap or Secret must be a text; put it in quotes");
    auto text = text_of(&entry.value);
    if (encoded) {
      auto decoded = from_base64(text);
      value.undecodable = !decoded.has_value();
      text = std::move(decoded).value_or("");
      value.encoded_twice = is_encoded_text(text);
    }
    value.ends_with_break = out.secret && text.ends_with('\n') && text.find('\n') + 1 == text.size();
    describe_value(value, std::move(text), out.secret);
    out.values.push_back(std::move(value));
  }
}

void Reader::service(const YamlNode& root, const KubeObject& object) {
  const auto* spec = root.find("spec");
  KubeService out;
  out.object = object;
  out.selector = labels_of(child(spec, "selector"));
  out.type = text_of(child(spec, "type"));
  for (const auto& item : items_of(child(spec, "ports")))
    if (item.is_mapping()) out.ports.push_back(service_port(item, at(item)));
  out_.services.push_back(std::move(out));
}

void Reader::ingress(const YamlNode& root, const KubeObject& object) {
  const auto* spec = root.find("spec");
  KubeIngress out;
  out.object = object;
  out.controller = text_of(child(spec, "ingressClassName"));
  const auto old = object.annotations.find("kubernetes.io/ingress.class");
  if (out.controller.empty() && old != object.annotations.end()) out.controller = old->second;
  if (const auto* annotations = child(root.find("metadata"), "annotations"); annotations && annotations->is_mapping())
    for (const auto& entry : annotations->entries) out.annotation_places[entry.key] = at(entry.value);
  for (const auto& rule : items_of(child(spec, "rules")))
    for (const auto& item : items_of(child(child(&rule, "http"), "paths"))) {
      const auto* service = child(child(&item, "backend"), "service");
      const auto* port = child(service, "port");
      out.paths.push_back({text_of(child(&rule, "host")), text_of(child(&item, "path")),
                           text_of(child(&item, "pathType")), text_of(child(service, "name")),
                           port_of(child(port, "number")), text_of(child(port, "name")), at(item)});
    }
  out_.ingresses.push_back(std::move(out));
}

void Reader::policy(const YamlNode& root, const KubeObject& object) {
  const auto* spec = root.find("spec");
  KubePolicy out;
  out.object = object;
  out.pods = selector_of(child(spec, "podSelector"));
  const auto types = texts_of(child(spec, "policyTypes"));
  const auto has = [&](const char* type) { return std::find(types.begin(), types.end(), type) != types.end(); };
  const auto* egress = child(spec, "egress");
  out.restricts_egress = types.empty() ? egress != nullptr : has("Egress");
  out.restricts_ingress = types.empty() || has("Ingress");
  for (const auto& item : items_of(egress)) out.egress.push_back(policy_rule(item, "to"));
  for (const auto& item : items_of(child(spec, "ingress"))) out.ingress.push_back(policy_rule(item, "from"));
  out_.policies.push_back(std::move(out));
}

KubePolicyRule Reader::policy_rule(const YamlNode& node, const char* peers) const {
  KubePolicyRule rule;
  rule.place = at(node);
  for (const auto& item : items_of(child(&node, "ports")))
    if (item.is_mapping()) rule.ports.push_back(policy_port(item));
  for (const auto& item : items_of(child(&node, peers))) {
    rule.anyone = false;
    const auto* block = child(&item, "ipBlock");
    if (block == nullptr)
      rule.pods = true;
    else
      rule.blocks.push_back(text_of(child(block, "cidr")));
  }
  return rule;
}

void Reader::budget(const YamlNode& root, const KubeObject& object) {
  const auto* spec = root.find("spec");
  KubeBudget out;
  out.object = object;
  out.pods = selector_of(child(spec, "selector"));
  out.place = object.place;
  for (const auto* field : {"minAvailable", "maxUnavailable"}) {
    const auto* found = child(spec, field);
    if (found == nullptr || !out.field.empty()) continue;
    auto text = text_of(found);
    out.percent = text.ends_with('%');
    if (out.percent) text.pop_back();
    if (text.empty() || text.size() > 7 || text.find_first_not_of("0123456789") != std::string::npos) continue;
    out.count = std::stoi(text);
    out.field = field;
    out.place = at(*found);
  }
  out_.budgets.push_back(std::move(out));
}

void Reader::autoscaler(const YamlNode& root, const KubeObject& object) {
  const auto* spec = root.find("spec");
  KubeAutoscaler out;
  out.object = object;
  out.target_kind = text_of(child(child(spec, "scaleTargetRef"), "kind"));
  out.target = text_of(child(child(spec, "scaleTargetRef"), "name"));
  out.least = static_cast<int>(std::clamp<std::int64_t>(integer_of(child(spec, "minReplicas"), 1), 0, 1'000'000));
  if (child(spec, "targetCPUUtilizationPercentage") != nullptr) out.utilization.emplace_back("cpu");
  for (const auto& metric : items_of(child(spec, "metrics"))) {
    const auto* resource = child(&metric, "resource");
    const auto* target = child(resource, "target");
    const bool relative =
        text_of(child(target, "type")) == "Utilization" || child(resource, "targetAverageUtilization") != nullptr;
    if (resource != nullptr && relative) out.utilization.push_back(text_of(child(resource, "name")));
  }
  out_.autoscalers.push_back(std::move(out));
}

}  // namespace doctor::formats::kubernetes
