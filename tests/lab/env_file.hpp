#pragma once

#include <string>

#include "lab/command.hpp"
#include "lab/files.hpp"

/// The .env of a deployment under test, `file` in its directory. Its values hold no quotes and no line breaks.
namespace doctor::lab::env_file {

/// Its variables, in order.
Environment variables(const Directory& directory, const std::string& file = ".env");

/// "" when it does not hold the name.
std::string value(const Directory& directory, const std::string& name, const std::string& file = ".env");

/// Replaces the line of the name, or adds one. The file is the owner's alone, as it should be.
void set(const Directory& directory, const std::string& name, const std::string& value,
         const std::string& file = ".env");
void unset(const Directory& directory, const std::string& name, const std::string& file = ".env");

}  // namespace doctor::lab::env_file
