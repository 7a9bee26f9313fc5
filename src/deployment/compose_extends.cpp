#include <algorithm>
#include <map>
#include <unordered_map>

#include "deployment/compose_internal.hpp"
#include "util/text.hpp"

namespace doctor::deployment::compose {
namespace {

constexpr std::size_t longest_chain = 50;

struct Step {
  std::string file;
  std::string service;
  friend bool operator==(const Step&, const Step&) = default;
};

struct Size {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
};

void measure(const YamlNode& node, Size& size) {
  ++size.nodes;
  size.bytes += node.text.size();
  for (const auto& item : node.items) measure(item, size);
  for (const auto& entry : node.entries) {
    size.bytes += entry.key.size();
    measure(entry.value, size);
  }
}

class Extender {
 public:
  Extender(Loading& loading, const FileSource& source) : loading_{loading}, source_{source} {}

  /// Puts the extended service into `services`. `replaced` belongs to the file of `services`.
  void extend(YamlNode& services, const std::string& name, const std::string& file,
              const std::vector<YamlPath>& replaced) {
    YamlNode* service = service_in(services, name);
    if (service == nullptr || !service->is_mapping()) return;
    if (std::find(chain_.begin(), chain_.end(), Step{file, name}) != chain_.end()) {
      return loading_.invalid(service->place(), "services extend each other in a circle");
    }
    const YamlNode* extends = service->find("extends");
    if (extends == nullptr) return;
    const YamlNode at = *extends;
    service->erase("extends");
    if (chain_.size() >= longest_chain) return loading_.invalid(at.place(), "too many services extend one another");
    chain_.push_back({file, name});
    const std::string reference = at.is_mapping() ? text_of(at.find("service")) : at.text;
    const YamlNode* other = at.is_mapping() ? at.find("file") : nullptr;
    if (other != nullptr) {
      from_file(services, name, reference, *other, replaced);
    } else {
      from_same_file(services, name, reference, file, at, replaced);
    }
    chain_.pop_back();
  }

 private:
  void from_same_file(YamlNode& services, const std::string& name, const std::string& reference,
                      const std::string& file, const YamlNode& at, const std::vector<YamlPath>& replaced) {
    if (service_in(services, reference) == nullptr) return not_found(at, reference);
    extend(services, reference, file, replaced);
    combine(services, name, *service_in(services, reference), replaced);
  }

  void from_file(YamlNode& services, const std::string& name, const std::string& reference, const YamlNode& other,
                 const std::vector<YamlPath>& replaced) {
    if (is_remote(other.text)) {
      return loading_.invalid(other.place(), "a service of a remote file is extended; remote files are not fetched");
    }
    const std::string path = absolute_path(source_.model.directory, loading_.expand_home(other.text));
    auto loaded = files_.find(path);
    if (loaded == files_.end()) {
      loaded = files_.emplace(path, load_extended_file(loading_, {path, source_.model}, other.place())).first;
    }
    if (const auto& content = loading_.content(path); !content) return;
    YamlNode* base_services = loaded->second.root.find("services");
    if (base_services == nullptr || service_in(*base_services, reference) == nullptr)
      return not_found(other, reference);
    extend(*base_services, reference, path, loaded->second.replaced);
    combine(services, name, *service_in(*base_services, reference), replaced);
  }

  /// Extending replaces services where they stand, so that an index stays true.
  YamlNode* service_in(YamlNode& services, const std::string& name) {
    const auto [index, fresh] = indexes_.try_emplace(&services);
    if (fresh) {
      for (std::size_t i = 0; i < services.entries.size(); ++i) index->second.emplace(services.entries[i].key, i);
    }
    const auto found = index->second.find(name);
    return found == index->second.end() ? nullptr : &services.entries[found->second].value;
  }

  void not_found(const YamlNode& at, const std::string& reference) {
    loading_.invalid(at.place(), "the extended service '" + util::shown(reference, 60) + "' does not exist");
  }

  /// `!reset` and `!override` of a service take away from what it extends, too.
  void combine(YamlNode& services, const std::string& name, const YamlNode& extended,
               const std::vector<YamlPath>& replaced) {
    YamlNode* service = service_in(services, name);
    if (service == nullptr || !extended.is_mapping() || !charge(extended, *service)) return;
    YamlNode base = extended;
    std::vector<YamlPath> below;
    for (const auto& path : replaced) {
      if (path.size() > 2 && path[0] == "services" && path[1] == name) below.emplace_back(path.begin() + 2, path.end());
    }
    remove_paths(base, below);
    YamlNode own = std::move(*service);
    merge_service(loading_, base, std::move(own));
    *service = std::move(base);
  }

  /// A copy costs as much as what is read. False: there is no room for it.
  bool charge(const YamlNode& extended, const YamlNode& at) {
    YamlBudget& budget = loading_.budget;
    Size size;
    if (budget.nodes > 0) measure(extended, size);
    if (budget.nodes == 0 || size.nodes > budget.nodes || size.bytes > budget.bytes) {
      budget.nodes = 0;
      loading_.invalid(at.place(), "extended services grow to more than 150,000 nodes or 16 MB");
      return false;
    }
    budget.nodes -= size.nodes;
    budget.bytes -= size.bytes;
    return true;
  }

  Loading& loading_;
  const FileSource& source_;
  std::vector<Step> chain_;
  std::map<std::string, ExtendedFile> files_;
  std::map<const YamlNode*, std::unordered_map<std::string, std::size_t>> indexes_;
};

}  // namespace

void apply_extends(Loading& loading, YamlNode& root, const FileSource& source, const std::vector<YamlPath>& replaced) {
  YamlNode* services = root.find("services");
  if (services == nullptr || !services->is_mapping()) return;
  std::vector<std::string> names;
  for (const auto& entry : services->entries) {
    if (entry.value.find("extends") != nullptr) names.push_back(entry.key);
  }
  Extender extender{loading, source};
  for (const auto& name : names) extender.extend(*services, name, source.path, replaced);
}

}  // namespace doctor::deployment::compose
