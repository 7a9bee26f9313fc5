#include <algorithm>
#include <filesystem>
#include <set>

#include "deployment/compose_internal.hpp"
#include "deployment/interpolation.hpp"
#include "util/text.hpp"

namespace doctor::deployment::compose {
namespace {

constexpr std::size_t most_problems = 500;
constexpr std::size_t most_files = 500;

const std::vector<std::string> standard_names{"compose.yaml", "compose.yml", "docker-compose.yml",
                                              "docker-compose.yaml"};
const std::vector<std::string> override_names{"compose.override.yml", "compose.override.yaml",
                                              "docker-compose.override.yml", "docker-compose.override.yaml"};

std::string value_or_empty(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

Environment combined_environment(const ComposeOptions& options) {
  Environment environment;
  for (const auto& entry : options.dotenv.entries) {
    if (entry.value) environment[entry.name] = *entry.value;
  }
  for (const auto& [name, value] : options.shell) environment[name] = value;
  return environment;
}

std::vector<std::string> words(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    if (auto part = util::trim(text.substr(start, end - start)); !part.empty()) parts.push_back(std::move(part));
    start = end + separator.size();
  }
  return parts;
}

/// The first of `names` that exists (readable or not) in the directory of the deployment.
std::optional<std::string> first_existing(Loading& loading, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    std::string path = absolute_path(loading.options.directory, name);
    const auto& content = loading.content(path);
    if (content || content.error().kind != FailureKind::not_found) return path;
  }
  return std::nullopt;
}

std::vector<std::string> project_files(Loading& loading) {
  std::vector<std::string> given = loading.options.files;
  if (given.empty()) {
    std::string separator = value_or_empty(loading.environment, "COMPOSE_PATH_SEPARATOR");
    if (separator.empty()) separator = ":";
    given = words(value_or_empty(loading.environment, "COMPOSE_FILE"), separator);
  }
  if (given.size() > most_files) {
    loading.invalid({"COMPOSE_FILE", 0, 0}, "more than 500 compose files are named; only the first 500 are read");
    given.resize(most_files);
  }
  std::vector<std::string> files;
  for (const auto& file : given) files.push_back(absolute_path(loading.options.directory, file));
  if (!files.empty()) return files;
  auto main = first_existing(loading, standard_names);
  if (main) {
    files.push_back(*main);
    if (auto override = first_existing(loading, override_names)) files.push_back(*override);
    return files;
  }
  if (auto extra = first_existing(loading, loading.options.extra_names)) files.push_back(*extra);
  return files;
}

/// The last name that a file says.
std::string last_name(const YamlFile& file) {
  for (auto document = file.documents.rbegin(); document != file.documents.rend(); ++document) {
    if (auto name = text_of(document->root.find("name")); !name.empty()) return name;
  }
  return {};
}

/// The last `name:` of the files, as Docker Compose reads it before anything else. Each file is looked at once.
std::string name_in_files(Loading& loading, const std::vector<std::string>& files) {
  std::set<std::string> seen;
  std::string last;
  YamlBudget budget;
  for (auto file = files.rbegin(); file != files.rend() && last.empty(); ++file) {
    const auto& content = loading.content(*file);
    if (content && seen.insert(*file).second) last = last_name(parse_yaml(*content, loading.shown(*file), budget));
  }
  const VariableLookup lookup = [&](const std::string& name) -> const std::string* {
    const auto found = loading.environment.find(name);
    return found == loading.environment.end() ? nullptr : &found->second;
  };
  return normalised_project_name(interpolate(last, lookup, 1000).text);
}

std::string project_name(Loading& loading, const std::vector<std::string>& files) {
  std::string given = loading.options.project_name;
  if (given.empty()) given = value_or_empty(loading.environment, "COMPOSE_PROJECT_NAME");
  if (!given.empty()) {
    std::string normalised = normalised_project_name(given);
    if (normalised != given) {
      loading.invalid({loading.shown(files.front()), 0, 0},
                      "the given project name may hold only lowercase letters, digits, '-' and '_', and starts with a "
                      "letter or digit");
    }
    return normalised;
  }
  if (std::string name = name_in_files(loading, files); !name.empty()) return name;
  std::string name = normalised_project_name(std::filesystem::path{loading.directory}.filename().string());
  if (name.empty()) {
    loading.invalid({loading.shown(files.front()), 0, 0}, "the directory's name gives no project name; say `name:`");
  }
  return name;
}

void report_faults(Loading& loading, const std::vector<YamlFault>& faults) {
  for (const auto& fault : faults) {
    if (fault.kind == YamlFault::Kind::invalid) {
      loading.invalid(fault.place, fault.reason);
    } else {
      loading.problem("compose-key-duplicated", "file:" + fault.place.file, fault.place,
                      {{"key", util::shown(fault.key, 60)},
                       {"file", fault.place.file},
                       {"where", fault.place.text()},
                       {"first", fault.first.text()}});
    }
  }
}

void load_document(Loading& loading, YamlDocument document, const FileSource& source, YamlNode& merged) {
  if (!document.root.is_mapping()) {
    return loading.invalid({loading.shown(source.path), std::max(document.root.line, 1), document.root.column},
                           "the top level must be a mapping");
  }
  interpolate_tree(loading, document.root, source.model.environment);
  apply_extends(loading, document.root, source, document.replaced);
  remove_paths(merged, document.replaced);
  apply_includes(loading, document.root, source);
  merge_files(loading, merged, std::move(document.root));
  enforce_unicity(loading, merged);
  check_schema(loading, merged);
  make_canonical(loading, merged);
  enforce_unicity(loading, merged);
}

void load_file(Loading& loading, const FileSource& source, YamlNode& merged) {
  const std::string* text = loading.required_content(source.path, {});
  if (text == nullptr) return;
  YamlFile file = parse_yaml(*text, loading.shown(source.path), loading.budget);
  report_faults(loading, file.faults);
  for (auto& document : file.documents) load_document(loading, std::move(document), source, merged);
}

}  // namespace

Loading::Loading(const ComposeOptions& options_, ComposeProject& project_)
    : options{options_},
      project{project_},
      directory{options_.directory},
      environment{combined_environment(options_)},
      profiles{options_.profiles} {
  if (profiles.empty()) profiles = words(value_or_empty(environment, "COMPOSE_PROFILES"), ",");
}

void Loading::problem(const std::string& code, const std::string& subject, const Place& place,
                      std::map<std::string, std::string> evidence) {
  project.loads = false;
  FileProblem found{code, subject, place, std::move(evidence)};
  if (project.problems.size() >= most_problems) return;
  const bool known = std::any_of(project.problems.begin(), project.problems.end(), [&](const FileProblem& other) {
    return other.code == found.code && other.subject == found.subject && other.evidence == found.evidence;
  });
  if (!known) project.problems.push_back(std::move(found));
}

void Loading::invalid(const Place& place, std::string reason) {
  problem("compose-file-invalid", "file:" + place.file, place,
          {{"file", place.file}, {"where", place.text()}, {"reason", std::move(reason)}});
}

const Outcome<std::string>& Loading::content(const std::string& path) {
  const auto found = contents.find(path);
  if (found != contents.end()) return found->second;
  const auto too_large = [](const char* detail) {
    ProbeFailure failure;
    failure.kind = FailureKind::too_large;
    failure.detail = detail;
    return Failed{failure};
  };
  if (files_left == 0) return contents.emplace(path, too_large("more than 500 files")).first->second;
  --files_left;
  Outcome<std::string> read = options.read(path);
  if (read && read->size() > content_left) {
    return contents.emplace(path, too_large("the files of the project are larger than 32 MB together")).first->second;
  }
  if (read) content_left -= read->size();
  return contents.emplace(path, std::move(read)).first->second;
}

const std::string* Loading::required_content(const std::string& path, const Place& named_at) {
  const auto& outcome = content(path);
  if (outcome) return &*outcome;
  const std::string file = shown(path);
  const Place place = named_at.file.empty() ? Place{file, 0, 0} : named_at;
  if (outcome.error().kind == FailureKind::not_found) {
    problem("compose-file-missing", "file:" + file, place, {{"file", file}, {"where", place.text()}});
  } else {
    const std::string& detail = outcome.error().detail;
    problem("compose-file-unreadable", "file:" + file, place,
            {{"file", file},
             {"reason", detail.empty() ? std::string{to_string(outcome.error().kind)} : util::shown(detail)}});
  }
  return nullptr;
}

std::string Loading::shown(const std::string& path) const {
  const std::string prefix = options.directory + (options.directory.ends_with('/') ? "" : "/");
  return path.compare(0, prefix.size(), prefix) == 0 ? path.substr(prefix.size()) : path;
}

std::string Loading::expand_home(const std::string& path) const {
  const std::string home = value_or_empty(options.shell, "HOME");
  if (home.empty() || path.empty() || path.front() != '~') return path;
  return absolute_path(home, "./" + path.substr(1));
}

YamlNode load_model(Loading& loading, const ModelSource& source) {
  YamlNode merged;
  merged.kind = YamlKind::mapping;
  for (const auto& file : source.files) load_file(loading, {file, source}, merged);
  check_resources(loading, merged);
  resolve_paths(loading, merged, source.directory);
  return merged;
}

ExtendedFile load_extended_file(Loading& loading, const FileSource& source, const Place& named_at) {
  ExtendedFile result;
  result.root.kind = YamlKind::mapping;
  const std::string* text = loading.required_content(source.path, named_at);
  if (text == nullptr) return result;
  YamlFile file = parse_yaml(*text, loading.shown(source.path), loading.budget);
  report_faults(loading, file.faults);
  for (auto& document : file.documents) {
    interpolate_tree(loading, document.root, source.model.environment);
    merge_files(loading, result.root, std::move(document.root));
    result.replaced.insert(result.replaced.end(), document.replaced.begin(), document.replaced.end());
  }
  make_canonical(loading, result.root);
  enforce_unicity(loading, result.root);
  resolve_paths(loading, result.root, directory_of(source.path));
  return result;
}

}  // namespace doctor::deployment::compose

namespace doctor::deployment {

std::optional<ComposeProject> read_compose(const ComposeOptions& options) {
  ComposeProject project;
  compose::Loading loading{options, project};
  const std::vector<std::string> files = compose::project_files(loading);
  if (files.empty()) return std::nullopt;
  project.files = files;
  loading.directory = compose::directory_of(files.front());
  project.name = compose::project_name(loading, files);
  loading.environment["COMPOSE_PROJECT_NAME"] = project.name;
  const YamlNode root = compose::load_model(loading, {files, loading.directory, loading.environment, {}});
  compose::build_resources(loading, root);
  compose::build_services(loading, root);
  compose::check_consistency(loading, root);
  for (const auto& problem : options.dotenv.problems) {
    if (problem.code == "env-file-invalid") project.loads = false;
  }
  return project;
}

}  // namespace doctor::deployment
