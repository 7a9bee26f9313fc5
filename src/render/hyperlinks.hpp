#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doctor::render {

/// Makes the names of a deployment's files links, for terminals that know OSC 8
/// (https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda). What is seen stays the same, character by
/// character, so lines are wrapped before.
class Hyperlinks {
 public:
  /// None.
  Hyperlinks() = default;

  /// To the files among `sources`, which are relative to `directory` or absolute. `host` is this machine's name: a
  /// terminal elsewhere must not open a file of its own.
  Hyperlinks(const std::string& host, const std::string& directory, const std::vector<std::string>& sources);

  /// `line` with every name that stands by itself made a link, its line number with it: "(.env:4)".
  std::string linked(std::string_view line) const;

 private:
  struct Link {
    std::string name;
    std::string target;
  };
  const Link* at(std::string_view line, std::size_t begin) const;

  std::vector<Link> links_;  ///< the longest first
};

}  // namespace doctor::render
