#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/world.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/files.hpp"
#include "guides/problem.hpp"
#include "probes/trusted_file.hpp"

namespace doctor::cli {

/// An input of doctor's own that cannot be used: exit code 2.
struct BadInput {
  std::string message;
};

/// How doctor gets at its own files; a call ends, whatever the file system does.
struct FileAccess {
  std::function<Outcome<FileAnswer>(const std::string& path)> look;
  std::function<Outcome<std::string>(const std::string& path)> read;
  std::function<Outcome<std::vector<std::string>>(const std::string& folder)> list;  ///< names of regular files
  std::function<Outcome<probes::TrustedFile>(const std::string& path)> read_trusted;
};

FileAccess file_access(const World& world, const std::stop_token& stop);

/// The same with a helper process of its own, before there is a world. No other thread may exist.
FileAccess file_access();

/// A file that decides what doctor does, such as doctor.yaml: whoever may write it must be the user or root. Nothing
/// when there is none. Throws BadInput when there is one that cannot be used.
std::optional<std::string> read_own_file(const std::string& path, const FileAccess& files);

/// A file that the user names. Throws BadInput, with the option that named it, when it cannot be read.
std::string read_named_file(const std::string& path, const std::string& option, const FileAccess& files);

/// Throws BadInput with all problems, a line each, when there are any.
void refuse(const guides::Problems& problems);

}  // namespace doctor::cli
