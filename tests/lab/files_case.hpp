#pragma once

#include <string>

#include "lab/check.hpp"
#include "lab/files.hpp"

namespace doctor::lab {

/// The Chatalot repository as an operator has it who ran the script that makes the secrets, before anything was
/// started: docker-compose.yml, .env and keys. Tests then change it. Nothing listens and no container exists.
class FilesCase {
 public:
  FilesCase();

  const Directory& directory() const { return directory_; }
  Secrets& secrets() { return secrets_; }

  /// Sets a variable of .env: replaces its line, or adds one.
  FilesCase& set(const std::string& name, const std::string& value);
  FilesCase& unset(const std::string& name);
  /// DB_PASSWORD, and DATABASE_URL as the script would have written it with it.
  FilesCase& password(const std::string& value);
  /// Writes docker-compose.override.yml.
  FilesCase& override_file(const std::string& yaml);
  /// Replaces the only occurrence of a text in docker-compose.yml.
  FilesCase& edit_compose(const std::string& from, const std::string& to);

  /// `doctor check` with --allow-incomplete unless told otherwise: nothing runs here.
  Result check(Arguments arguments = {"--allow-incomplete"}) const;

 private:
  Directory directory_;
  Secrets secrets_;
};

/// Files of the application that tests/systems/chatalot holds.
std::string chatalot_file(const std::string& name);

}  // namespace doctor::lab
