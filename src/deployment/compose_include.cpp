#include <algorithm>

#include "deployment/compose_internal.hpp"
#include "util/text.hpp"

namespace doctor::deployment::compose {
namespace {

std::vector<const YamlNode*> one_or_many(const YamlNode* node) {
  std::vector<const YamlNode*> nodes;
  if (node == nullptr) return nodes;
  if (node->is_text()) nodes.push_back(node);
  for (const auto& item : node->items) nodes.push_back(&item);
  return nodes;
}

class Includer {
 public:
  Includer(Loading& loading, const FileSource& source) : loading_{loading}, source_{source} {}

  void include(const YamlNode& item, YamlNode& root) {
    if (loading_.includes_left == 0) return loading_.invalid(item.place(), "there are more than 200 includes");
    --loading_.includes_left;
    const bool is_map = item.is_mapping();
    const auto paths = is_map ? one_or_many(item.find("path")) : one_or_many(&item);
    if (paths.empty()) return loading_.invalid(item.place(), "an include names no file");
    ModelSource model;
    for (const YamlNode* path : paths) {
      if (is_remote(path->text)) {
        return loading_.invalid(path->place(),
                                "a remote file is included (" + util::shown(path->text, 80) + "); it is not fetched");
      }
      model.files.push_back(absolute_path(source_.model.directory, loading_.expand_home(path->text)));
      if (loading_.required_content(model.files.back(), path->place()) == nullptr) return;
    }
    model.chain = source_.model.chain;
    model.chain.push_back(source_.path);
    if (std::find(model.chain.begin(), model.chain.end(), model.files.front()) != model.chain.end() ||
        model.chain.size() > 50) {
      return loading_.invalid(paths.front()->place(), "files include each other in a circle");
    }
    const YamlNode* directory = is_map ? item.find("project_directory") : nullptr;
    model.directory = directory != nullptr && !directory->text.empty()
                          ? absolute_path(source_.model.directory, directory->text)
                          : directory_of(model.files.front());
    model.environment = environment(is_map ? item.find("env_file") : nullptr, model.directory);
    import(load_model(loading_, model), root, item);
  }

 private:
  /// The including project's variables win over the included project's .env.
  Environment environment(const YamlNode* named, const std::string& directory) {
    std::vector<std::pair<std::string, Place>> files;
    for (const YamlNode* node : one_or_many(named)) {
      files.emplace_back(absolute_path(source_.model.directory, node->text), node->place());
    }
    Environment result = source_.model.environment;
    if (files.empty()) {
      const std::string path = absolute_path(directory, ".env");
      if (loading_.content(path)) add_variables(path, {}, result);
    }
    for (const auto& [path, place] : files) add_variables(path, place, result);
    return result;
  }

  void add_variables(const std::string& path, const Place& place, Environment& environment) {
    const std::string* text = loading_.required_content(path, place);
    if (text == nullptr) return;
    Dotenv dotenv = parse_dotenv(*text, loading_.shown(path), environment);
    for (auto& problem : dotenv.problems) {
      if (problem.code == "env-key-duplicated") continue;
      loading_.problem(problem.code, problem.subject, problem.place, problem.evidence);
    }
    for (const auto& entry : dotenv.entries) {
      if (!entry.value) continue;
      if (source_.model.environment.count(entry.name) == 0) environment[entry.name] = *entry.value;
    }
  }

  void import(YamlNode included, YamlNode& root, const YamlNode& at) {
    for (const std::string_view section : {"services", "volumes", "networks", "secrets", "configs"}) {
      YamlNode* from = included.find(section);
      if (from == nullptr || !from->is_mapping()) continue;
      if (root.find(section) == nullptr || root.find(section)->is_null())
        root.set(section, from->here(YamlKind::mapping));
      YamlNode& to = *root.find(section);
      for (auto& entry : from->entries) {
        const YamlNode* present = to.find(entry.key);
        if (present == nullptr) {
          to.entries.push_back(std::move(entry));
        } else if (!same_yaml(*present, entry.value)) {
          loading_.invalid(at.place(), "an included file defines " + std::string{section} + "." +
                                           util::shown(entry.key, 60) + ", which is defined here, too");
        }
      }
    }
  }

  Loading& loading_;
  const FileSource& source_;
};

}  // namespace

void apply_includes(Loading& loading, YamlNode& root, const FileSource& source) {
  const YamlNode* found = root.find("include");
  if (found == nullptr) return;
  const YamlNode list = *found;
  root.erase("include");
  if (list.is_null()) return;
  if (!list.is_sequence()) return loading.invalid(list.place(), "`include` must be a list");
  Includer includer{loading, source};
  for (const auto& item : list.items) includer.include(item, root);
}

}  // namespace doctor::deployment::compose
