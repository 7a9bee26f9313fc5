#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"

/// Reading compose files as Docker Compose v2 reads them (Compose Specification), with the place of every value.
/// Texts in these structs may be secret: they become doctor::Value before anything outside this layer sees them.
namespace doctor::deployment {

using Environment = std::map<std::string, std::string>;

/// Reads a whole file (absolute path), at most 4 MB + 1 byte. Injected, so that tests count reads and a hung mount
/// costs a deadline.
using FileReader = std::function<Outcome<std::string>(const std::string& path)>;

/// A variable of a .env file, after expansion.
struct DotenvEntry {
  std::string name;
  std::optional<std::string> value;    ///< nothing: a bare NAME, which takes the shell's value if there is one
  std::string expression;              ///< as written, without quotes
  std::vector<std::string> variables;  ///< names that it refers to
  Place place;
};

struct Dotenv {
  std::string file;  ///< as shown
  bool exists = false;
  std::vector<DotenvEntry> entries;   ///< in order of the file, duplicates included: the last one wins
  std::vector<FileProblem> problems;  ///< env-file-* and env-key-duplicated
  bool denied = false;                ///< it exists, and doctor may not read it

  const DotenvEntry* find(const std::string& name) const;  ///< the one that wins
};

/// `shell` wins over the file in expansion, as in Docker Compose. Never throws; a broken line is a problem and the rest
/// is read as far as it can be.
Dotenv parse_dotenv(std::string_view text, const std::string& file, const Environment& shell);

/// One use of a variable in a compose file.
struct VariableUse {
  std::string name;
  std::string path;  ///< "services.chatalot.environment.DATABASE_URL"
  Place place;
  std::string operation;  ///< "", ":-", "-", ":?", "?", ":+", "+"
  bool set = false;       ///< a value (perhaps empty) was found in .env or shell
};

/// One variable that a service gets.
struct ServiceVariable {
  std::string name;
  std::optional<std::string> value;  ///< nothing: passed through from the shell or .env and not set there
  std::string expression;  ///< as written in the compose file or env_file: "postgres://u:${DB_PASSWORD}@postgres/db"
  std::string kind;        ///< "literal", "interpolation", "pass-through" (NAME without value), "env-file"
  std::vector<std::string> variables;  ///< names interpolated into it
  bool defaulted = false;              ///< at least one of them took the default of its expression
  bool secret = false;                 ///< it comes from where only secrets are kept: a Secret of Kubernetes
  Place place;
};

struct ComposeSecret {
  std::string name;
  std::string file;         ///< absolute path of a file secret, else ""
  std::string environment;  ///< variable of an environment secret, else ""
  bool external = false;
  Place place;
};

struct ComposeService {
  Service service;  ///< container and process stay empty; secrets are mounts of kind "secret"
  std::vector<ServiceVariable> environment;
  std::vector<std::string> env_files;  ///< absolute
  std::vector<std::string> profiles;
  std::vector<std::string> secrets;  ///< names, in the order of its mounts of kind "secret"
  std::string healthcheck;           ///< its test as one line, "" when not said
  std::string restart;
  std::map<std::string, std::string> dependency_conditions;
};

struct ComposeProject {
  std::string name;                      ///< as Docker Compose would call it
  std::vector<std::string> files;        ///< absolute, in order of merging
  bool loads = true;                     ///< Docker Compose would accept it
  std::vector<ComposeService> services;  ///< disabled ones too
  std::vector<Network> networks;
  std::vector<Volume> volumes;
  std::vector<ComposeSecret> secrets;
  std::vector<VariableUse> uses;
  std::vector<FileProblem> problems;  ///< compose-* codes of docs/guides/compose.md
};

struct ComposeOptions {
  std::string directory;                 ///< absolute
  std::vector<std::string> files;        ///< --compose-file or COMPOSE_FILE; empty: look for the standard names
  std::vector<std::string> extra_names;  ///< further file names to look for, from the system description
  std::string project_name;              ///< --project-name or COMPOSE_PROJECT_NAME; may be empty
  std::vector<std::string> profiles;
  Environment shell;  ///< wins over `dotenv`
  Dotenv dotenv;      ///< the project's .env
  FileReader read;
};

/// Nothing when there is no compose file at all.
std::optional<ComposeProject> read_compose(const ComposeOptions& options);

/// The project as `docker compose config --format json` prints it (names, services, networks, volumes, secrets), as
/// JSON text: the tests hold it against the real program.
std::string canonical_json(const ComposeProject& project);

}  // namespace doctor::deployment
