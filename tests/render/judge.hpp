#pragma once

#include <string>

// Programs of others that judge what doctor writes.
namespace doctor::test {

/// Whether the program is installed. Where CI is true its absence fails the test; elsewhere it is said.
bool judge_is_there(const std::string& program);

struct Judgement {
  int exit = -1;
  std::string said;  ///< on both outputs
};

/// Runs a line of shell.
Judgement judged(const std::string& command);

/// A directory that goes with its contents.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  const std::string& path() const { return path_; }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace doctor::test
