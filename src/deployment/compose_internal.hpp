#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/compose.hpp"
#include "formats/yaml_tree.hpp"

namespace doctor::deployment {

using formats::parse_yaml;
using formats::resolve_plain;
using formats::same_yaml;
using formats::YamlBudget;
using formats::YamlDocument;
using formats::YamlEntry;
using formats::YamlFault;
using formats::YamlFile;
using formats::YamlKind;
using formats::YamlNode;
using formats::YamlOrigin;
using formats::YamlPath;

}  // namespace doctor::deployment

/// The steps of reading a compose project, in the order of Docker Compose: read, interpolate, extend, take away what
/// !reset and !override name, include, merge, check the schema, bring into long form, resolve paths; then build the
/// structs of compose.hpp and check that they fit together.
namespace doctor::deployment::compose {

/// What all steps share.
struct Loading {
  Loading(const ComposeOptions& options, ComposeProject& project);

  const ComposeOptions& options;
  ComposeProject& project;
  std::string directory;    ///< of the project
  Environment environment;  ///< .env below the shell
  std::vector<std::string> profiles;
  YamlBudget budget;
  std::size_t text_left = 16'000'000;      ///< bytes that interpolation may still produce
  std::size_t env_text_left = 64'000'000;  ///< bytes that may still be read as env_file, with what they can refer to
  std::size_t use_text_left = 4'000'000;   ///< bytes of names and paths of variable uses
  std::size_t variables_left = 100'000;    ///< environment variables of all services
  std::size_t variable_text_left = 16'000'000;
  std::size_t content_left = 32'000'000;  ///< bytes of files that may still be kept
  std::size_t includes_left = 200;        ///< includes that may still be followed
  std::size_t files_left = 500;           ///< files that may still be read
  std::map<std::string, Outcome<std::string>> contents;

  /// Reports, and the project does not load any more.
  void problem(const std::string& code, const std::string& subject, const Place& place,
               std::map<std::string, std::string> evidence);
  void invalid(const Place& place, std::string reason);

  const Outcome<std::string>& content(const std::string& path);
  /// The text of a file that must be there; reports when it is not. `named_at` may be empty.
  const std::string* required_content(const std::string& path, const Place& named_at);
  std::string shown(const std::string& path) const;
  std::string expand_home(const std::string& path) const;
};

/// Where the files of one model (the project, or something included) belong.
struct ModelSource {
  std::vector<std::string> files;  ///< absolute
  std::string directory;           ///< relative paths start here
  Environment environment;
  std::vector<std::string> chain;  ///< files that include this one
};

struct FileSource {
  std::string path;  ///< absolute
  const ModelSource& model;
};

/// Merged, in long form, with absolute paths; possibly incomplete when problems were reported.
YamlNode load_model(Loading& loading, const ModelSource& source);

/// One file on its own, for `extends`: interpolated, in long form, paths absolute, `extends` not yet followed.
struct ExtendedFile {
  YamlNode root;
  std::vector<YamlPath> replaced;
};
ExtendedFile load_extended_file(Loading& loading, const FileSource& source, const Place& named_at);

void interpolate_tree(Loading& loading, YamlNode& root, const Environment& environment);

void apply_extends(Loading& loading, YamlNode& root, const FileSource& source, const std::vector<YamlPath>& replaced);
void apply_includes(Loading& loading, YamlNode& root, const FileSource& source);

/// Takes away the nodes at `paths`.
void remove_paths(YamlNode& root, const std::vector<YamlPath>& paths);
void merge_files(Loading& loading, YamlNode& base, YamlNode other);
void merge_service(Loading& loading, YamlNode& base, YamlNode other);
void enforce_unicity(Loading& loading, YamlNode& root);

void check_schema(Loading& loading, const YamlNode& root);
void make_canonical(Loading& loading, YamlNode& root);
void resolve_paths(const Loading& loading, YamlNode& root, const std::string& directory);
void check_resources(Loading& loading, const YamlNode& root);

void build_services(Loading& loading, const YamlNode& root);
void build_resources(Loading& loading, const YamlNode& root);
void check_consistency(Loading& loading, const YamlNode& root);

// Small helpers of several steps.
std::string absolute_path(const std::string& directory, const std::string& path);
std::string directory_of(const std::string& path);
bool is_remote(std::string_view path);
bool is_true(const YamlNode* node);
std::string text_of(const YamlNode* node);  ///< "" for anything but a scalar
/// A mapping whose keys are the texts of `list`, each once, with empty values of `kind`.
YamlNode keyed(const YamlNode& list, YamlKind kind);
/// Whether `path` matches "services.*.ports"; "*" stands for any key.
bool matches(const YamlPath& path, std::string_view pattern);
std::string normalised_project_name(std::string_view name);

struct PortRange {
  unsigned first = 0;
  unsigned last = 0;
};
std::optional<PortRange> port_range(std::string_view text);

}  // namespace doctor::deployment::compose
