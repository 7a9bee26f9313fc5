#include "bundle/known_hosts.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "bundle/collect.hpp"
#include "bundle/deployment_fields.hpp"
#include "bundle/host_scan.hpp"
#include "bundle/host_words.hpp"
#include "bundle/sha256.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr auto none = std::string::npos;
constexpr std::size_t shortest_label = 4;  // of a name without a dot
constexpr std::size_t longest_name = 253;  // RFC 1035
constexpr std::uint64_t most_id = 100;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_*") == none &&
         text.find_first_of("abcdefghijklmnopqrstuvwxyz") != none;
}

/// Without "*." in front and a dot at the end.
std::string bare(std::string name) {
  if (name.starts_with("*.")) name.erase(0, 2);
  while (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

/// Names that many machines have, and that are words besides.
bool is_common(std::string_view label) {
  static constexpr std::array<std::string_view, 22> words{
      "localhost", "server", "docker", "ubuntu",  "debian",  "centos",   "fedora", "alpine",
      "linux",     "host",   "node",   "mail",    "smtp",    "postgres", "redis",  "mysql",
      "mongodb",   "nginx",  "proxy",  "gateway", "desktop", "machine"};
  return label.size() < shortest_label || std::find(words.begin(), words.end(), label) != words.end();
}

/// Reads hosts from every text it is given, which stays as it is (util::to_json).
class Reader {
 public:
  explicit Reader(KnownHosts& hosts) : hosts_{&hosts} {}

  const std::string& operator()(const std::string& text) const {
    const auto whole = bare(util::lower(text));
    if (is_name(whole) && is_dotted_host(whole)) add(whole);
    each_host(text, [&](const HostPlace& place) { look_at(text.substr(place.begin, place.end - place.begin), place); });
    return text;
  }

  /// A description is public, and so are the hosts that it names.
  Reader within(const SystemDescription&) const { return of_description(); }
  Reader within(const SettingRule&) const { return of_description(); }
  Reader within(const ServiceRule&) const { return of_description(); }
  Reader within(const UpstreamRule&) const { return of_description(); }

  void add(const std::string& name) const { (keeps_ ? hosts_->kept : hosts_->names).insert(name); }

 private:
  Reader of_description() const {
    auto reader = *this;
    reader.keeps_ = true;
    return reader;
  }

  static bool is_dotted_host(const std::string& name) {
    const auto dot = name.rfind('.');
    if (dot == none) return false;
    const auto ending = ending_of(name.substr(dot + 1));
    return ending == Ending::certain || ending == Ending::word;
  }

  void look_at(const std::string& word, const HostPlace& place) const {
    if (place.kind == HostKind::ethernet) return;
    if (place.kind != HostKind::name) {
      if (!keeps_) hosts_->addresses.insert(word);
      return;
    }
    const auto name = bare(util::lower(word));
    const auto dot = name.rfind('.');
    if (dot == none || !is_name(name)) return;
    const auto ending = ending_of(name.substr(dot + 1));
    if (place.in_url ? ending != Ending::none : ending == Ending::certain) add(name);
  }

  KnownHosts* hosts_;
  bool keeps_ = false;
};

void read_json(const util::Json& root, const Reader& reader) {
  std::vector<const util::Json*> open{&root};
  while (!open.empty()) {
    const auto* json = open.back();
    open.pop_back();
    if (json->is_string()) reader(json->get_ref<const std::string&>());
    if (json->is_object())
      for (const auto& [key, item] : json->items()) reader(key);
    if (json->is_structured())
      for (const auto& item : *json) open.push_back(&item);
  }
}

void keep_structure(const Deployment& deployment, KnownHosts& hosts) {
  const auto keep = [&](const std::string& name) {
    if (!name.empty()) hosts.kept.insert(util::lower(name));
  };
  keep(deployment.project);
  keep(deployment.system);
  for (const auto& service : deployment.services) {
    keep(service.name);
    keep(service.container_name);
    keep(service.image);
    if (service.container) keep(service.container->name);
  }
  for (const auto& network : deployment.networks) {
    keep(network.name);
    keep(network.real_name);
  }
  for (const auto& volume : deployment.volumes) {
    keep(volume.name);
    keep(volume.real_name);
  }
}

/// Hosts by the fields that hold nothing else: also names without a dot.
std::vector<std::string> named_hosts(const Deployment& deployment) {
  std::vector<std::string> all;
  for (const auto* list : {&deployment.data_sources, &deployment.redis})
    for (const auto& source : *list) all.insert(all.end(), {source.host, source.dial.host});
  for (const auto& url : deployment.public_urls) all.push_back(url.host);
  for (const auto& upstream : deployment.upstreams) {
    all.push_back(upstream.host);
    all.push_back(upstream.proxy.substr(0, upstream.proxy.rfind(':')));
  }
  for (const auto& base : deployment.http) all.push_back(base.dial.host);
  return all;
}

}  // namespace

KnownHosts known_hosts(const Deployment& deployment, const probes::Tape& tape, const std::string& host_names) {
  KnownHosts hosts;
  keep_structure(deployment, hosts);
  const Reader reader{hosts};
  util::to_json(deployment, reader);
  tape.each([&](const std::string& key, const std::string& outcome) {
    const auto blank = std::min(key.find(' '), key.size());
    for (const auto& text : {key.substr(std::min(blank + 1, key.size())), outcome}) {
      const auto json = util::Json::parse(text, nullptr, false);
      if (!json.is_discarded()) read_json(json, reader);
    }
  });
  auto more = named_hosts(deployment);
  for (const auto& name : util::split(host_names, '\n')) {
    more.push_back(name);
    more.push_back(name.substr(0, name.find('.')));
  }
  for (const auto& name : more) {
    const auto one = bare(util::lower(util::trim(name)));
    if (is_name(one) && (one.find('.') != none || !is_common(one))) hosts.names.insert(one);
  }
  return hosts;
}

Machine this_machine(const Live& live, const Deadline& deadline) {
  Machine machine;
  for (const auto* path : {"/proc/sys/kernel/hostname", "/etc/hostname"})
    if (const auto name = live.bytes(path, most_id, deadline)) machine.name += *name + "\n";
  const auto id = live.bytes("/etc/machine-id", most_id, deadline);
  if (id && util::trim(*id).size() >= 32) {
    machine.key = Sha256::of("doctor: hosts of bundles " + util::trim(*id));
    return machine;
  }
  std::random_device random;
  for (int i = 0; i < 8; ++i) machine.key += std::to_string(random()) + " ";
  return machine;
}

}  // namespace doctor::bundle
