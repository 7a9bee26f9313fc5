#include <algorithm>
#include <filesystem>

#include "deployment/compose_internal.hpp"
#include "util/text.hpp"

// The short forms of ports, volumes, secrets, env_file, depends_on, networks and build become long ones, and relative
// paths become absolute.

namespace doctor::deployment::compose {
namespace {

YamlNode text_node(const YamlNode& at, std::string text) {
  return at.here(YamlKind::text, std::move(text));
}

std::vector<std::string> parts_of(const std::string& text) {
  return util::split(text, ':');
}

bool is_ip_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  int numbers = 0;
  for (const auto& part : util::split(text, '.')) {
    const auto number = port_range(part);
    if (!number || number->first > 255 || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
    ++numbers;
  }
  return numbers == 4;
}

struct PortText {
  std::string address;
  std::string host;
  std::string container;
  std::string protocol = "tcp";
};

PortText split_port(const std::string& text) {
  const auto parts = parts_of(text);
  PortText port;
  port.container = parts.back();
  if (parts.size() >= 2) port.host = parts[parts.size() - 2];
  if (parts.size() >= 3) {
    port.address = util::join({parts.begin(), parts.end() - 2}, ":");
  }
  // An IPv6 address needs brackets; without them it is no address here.
  if (!port.address.empty() && port.address.front() == '[' && port.address.back() == ']') {
    port.address = port.address.substr(1, port.address.size() - 2);
  } else if (port.address.find(':') != std::string::npos) {
    port.address = "?";
  }
  const auto slash = port.container.find('/');
  if (slash != std::string::npos) {
    const std::string protocol = port.container.substr(slash + 1);
    if (!protocol.empty()) port.protocol = util::lower(protocol.substr(0, protocol.find('/')));
    port.container.resize(slash);
  }
  return port;
}

YamlNode long_port(const YamlNode& at, const PortText& port, unsigned target, const std::string& published) {
  YamlNode node = at.here(YamlKind::mapping);
  node.set("mode", text_node(at, "ingress"));
  if (!port.address.empty()) node.set("host_ip", text_node(at, port.address));
  node.set("target", at.here(YamlKind::integer, std::to_string(target)));
  if (!published.empty()) node.set("published", text_node(at, published));
  node.set("protocol", text_node(at, port.protocol));
  return node;
}

/// "[ADDRESS:][HOST:]CONTAINER[/PROTOCOL]", where HOST and CONTAINER may be ranges. False: not of this form.
bool expand_port(const YamlNode& item, std::vector<YamlNode>& out) {
  const PortText port = split_port(item.text);
  if (!port.address.empty() && !is_ip_address(port.address)) return false;
  if (port.protocol != "tcp" && port.protocol != "udp" && port.protocol != "sctp") return false;
  const auto container = port_range(port.container);
  const auto host = port.host.empty() ? std::optional{PortRange{}} : port_range(port.host);
  if (!container || !host || container->first == 0) return false;
  const unsigned count = container->last - container->first;
  const bool pool = count == 0 && host->last != host->first;
  if (!port.host.empty() && host->last - host->first != count && !pool) return false;
  for (unsigned i = 0; i <= count; ++i) {
    std::string published = port.host.empty() ? std::string{} : std::to_string(host->first + i);
    if (pool) published += "-" + std::to_string(host->last);
    out.push_back(long_port(item, port, container->first + i, published));
  }
  return true;
}

void canonical_ports(Loading& loading, YamlNode& ports) {
  static constexpr std::size_t most_ports = 100'000;
  std::vector<YamlNode> expanded;
  for (auto& item : ports.items) {
    if (expanded.size() > most_ports) return loading.invalid(item.place(), "more than 100,000 ports are published");
    if (item.is_mapping()) {
      if (item.find("target") == nullptr) loading.invalid(item.place(), "a port has no target");
      expanded.push_back(std::move(item));
    } else if (item.is_scalar() && !expand_port(item, expanded)) {
      loading.invalid(item.place(), "this is not a port mapping: " + util::shown(item.text, 60));
    }
  }
  ports.items = std::move(expanded);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Splits at colons, except behind a single letter, which is a Windows drive.
std::vector<std::string> volume_parts(const std::string& spec) {
  std::vector<std::string> parts{""};
  for (const char c : spec) {
    const bool drive = parts.back().size() == 1 && is_letter(parts.back().front());
    if (c == ':' && !drive) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_file_path(const std::string& source) {
  if (source.empty()) return false;
  const char first = source.front();
  if (first == '.' || first == '/' || first == '~' || source.compare(0, 2, "\\\\") == 0) return true;
  return source.size() > 1 && is_letter(first) && source[1] == ':';
}

std::string clean_target(const std::string& target) {
  if (target.empty()) return target;
  std::string clean = std::filesystem::path{target}.lexically_normal().string();
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

/// "[SOURCE:]TARGET[:OPTIONS]". Nothing: not of this form.
std::optional<YamlNode> long_volume(const YamlNode& item) {
  const std::string& spec = item.text;
  if (spec.empty()) return std::nullopt;
  std::vector<std::string> parts = spec.size() <= 2 ? std::vector<std::string>{spec} : volume_parts(spec);
  if (parts.size() > 3 || std::find(parts.begin(), parts.end(), "") != parts.end()) return std::nullopt;
  const std::string source = parts.size() > 1 ? parts[0] : std::string{};
  YamlNode node = item.here(YamlKind::mapping);
  node.set("type", text_node(item, is_file_path(source) ? "bind" : "volume"));
  if (!source.empty()) node.set("source", text_node(item, source));
  node.set("target", text_node(item, clean_target(parts.size() > 1 ? parts[1] : parts[0])));
  if (parts.size() == 3) {
    const auto options = util::split(parts[2], ',');
    const auto last = std::find_if(options.rbegin(), options.rend(),
                                   [](const std::string& option) { return option == "ro" || option == "rw"; });
    if (last != options.rend() && *last == "ro") node.set("read_only", item.here(YamlKind::boolean, "true"));
  }
  return node;
}

void canonical_volumes(Loading& loading, YamlNode& volumes) {
  for (auto& item : volumes.items) {
    if (item.is_mapping()) {
      if (text_of(item.find("target")).empty()) loading.invalid(item.place(), "a volume has no target");
      if (text_of(item.find("type")) == "bind" && item.find("source") == nullptr) {
        loading.invalid(item.place(), "a bind mount has no source");
      }
      continue;
    }
    if (auto node = item.is_text() ? long_volume(item) : std::nullopt) {
      item = std::move(*node);
    } else {
      loading.invalid(item.place(), "this is not a volume: " + util::shown(item.text, 60));
    }
  }
}

void canonical_mounts(YamlNode& mounts) {
  for (auto& item : mounts.items) {
    if (!item.is_text()) continue;
    YamlNode node = item.here(YamlKind::mapping);
    node.set("source", text_node(item, item.text));
    item = std::move(node);
  }
}

void canonical_env_files(YamlNode& files) {
  YamlNode list = files.here(YamlKind::sequence);
  if (files.is_text()) list.items.push_back(files);
  if (files.is_sequence()) list.items = std::move(files.items);
  for (auto& item : list.items) {
    if (item.is_text()) {
      YamlNode node = item.here(YamlKind::mapping);
      node.set("path", text_node(item, item.text));
      item = std::move(node);
    }
    if (item.is_mapping() && item.find("required") == nullptr) {
      item.set("required", item.here(YamlKind::boolean, "true"));
    }
  }
  files = std::move(list);
}

void canonical_dependencies(YamlNode& dependencies) {
  YamlNode map = dependencies.is_sequence() ? keyed(dependencies, YamlKind::mapping) : std::move(dependencies);
  for (auto& entry : map.entries) {
    if (!entry.value.is_mapping()) continue;
    if (entry.value.find("condition") == nullptr)
      entry.value.set("condition", text_node(entry.value, "service_started"));
    if (entry.value.find("required") == nullptr)
      entry.value.set("required", entry.value.here(YamlKind::boolean, "true"));
  }
  dependencies = std::move(map);
}

void canonical_networks(YamlNode& networks) {
  if (networks.is_sequence()) networks = keyed(networks, YamlKind::null);
}

void canonical_build(YamlNode& build) {
  if (!build.is_text()) return;
  YamlNode map = build.here(YamlKind::mapping);
  map.set("context", text_node(build, build.text));
  build = std::move(map);
}

void canonical_service(Loading& loading, YamlNode& service) {
  if (YamlNode* ports = service.find("ports")) canonical_ports(loading, *ports);
  if (YamlNode* volumes = service.find("volumes")) canonical_volumes(loading, *volumes);
  if (YamlNode* secrets = service.find("secrets")) canonical_mounts(*secrets);
  if (YamlNode* configs = service.find("configs")) canonical_mounts(*configs);
  if (YamlNode* files = service.find("env_file")) canonical_env_files(*files);
  if (YamlNode* dependencies = service.find("depends_on")) canonical_dependencies(*dependencies);
  if (YamlNode* networks = service.find("networks")) canonical_networks(*networks);
  if (YamlNode* build = service.find("build")) canonical_build(*build);
}

/// `external: {name: x}` is the old form of `external: true` and `name: x`.
void canonical_external(Loading& loading, YamlNode& resource) {
  YamlNode* external = resource.find("external");
  if (external == nullptr || !external->is_mapping()) return;
  const std::string old_name = text_of(external->find("name"));
  *external = external->here(YamlKind::boolean, "true");
  if (old_name.empty()) return;
  const YamlNode* name = resource.find("name");
  if (name == nullptr) {
    resource.set("name", text_node(resource, old_name));
  } else if (name->text != old_name) {
    loading.invalid(name->place(), "`name` and `external.name` say different names");
  }
}

void resolve(const Loading& loading, YamlNode* node, const std::string& directory) {
  if (node == nullptr || !node->is_text() || node->text.empty()) return;
  const std::string path = loading.expand_home(node->text);
  const bool windows = path.size() > 2 && is_letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
  if (path.front() == '/' || windows) {
    node->text = path;
  } else {
    node->text = absolute_path(directory, path);
  }
}

bool is_remote_context(const std::string& text) {
  if (text.find("://") != std::string::npos || text.compare(0, 8, "service:") == 0) return true;
  return text.compare(0, 11, "github.com/") == 0 || text.compare(0, 4, "git@") == 0;
}

void resolve_service(const Loading& loading, YamlNode& service, const std::string& directory) {
  if (YamlNode* build = service.find("build")) {
    YamlNode* context = build->find("context");
    if (context != nullptr && !is_remote_context(context->text)) resolve(loading, context, directory);
  }
  if (YamlNode* files = service.find("env_file")) {
    for (auto& item : files->items) resolve(loading, item.find("path"), directory);
  }
  if (YamlNode* volumes = service.find("volumes")) {
    for (auto& item : volumes->items) {
      if (text_of(item.find("type")) == "bind") resolve(loading, item.find("source"), directory);
    }
  }
  if (YamlNode* extends = service.find("extends")) {
    YamlNode* file = extends->find("file");
    if (file != nullptr && !is_remote(file->text)) resolve(loading, file, directory);
  }
}

}  // namespace

void make_canonical(Loading& loading, YamlNode& root) {
  if (YamlNode* services = root.find("services")) {
    for (auto& service : services->entries) canonical_service(loading, service.value);
  }
  for (const std::string_view section : {"volumes", "networks", "secrets", "configs"}) {
    YamlNode* resources = root.find(section);
    if (resources == nullptr) continue;
    for (auto& resource : resources->entries) canonical_external(loading, resource.value);
  }
}

void resolve_paths(const Loading& loading, YamlNode& root, const std::string& directory) {
  if (YamlNode* services = root.find("services")) {
    for (auto& service : services->entries) resolve_service(loading, service.value, directory);
  }
  for (const std::string_view section : {"secrets", "configs"}) {
    YamlNode* resources = root.find(section);
    if (resources == nullptr) continue;
    for (auto& resource : resources->entries) resolve(loading, resource.value.find("file"), directory);
  }
}

}  // namespace doctor::deployment::compose
