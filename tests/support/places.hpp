#pragma once

#include <string>
#include <string_view>

/// Where the sources and the built programs are. Functions of one small library, and not definitions for every file, so
/// that the objects of the tests are the same in every checkout and a compiler cache can give them.
namespace doctor::test {

/// `below` the top of the sources: "docs/usage.md".
std::string source_path(std::string_view below);

/// `below` the build directory: "doctor", "tests/lab_demo".
std::string binary_path(std::string_view below);

}  // namespace doctor::test
