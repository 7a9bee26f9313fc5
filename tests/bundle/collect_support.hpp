#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bundle/collect.hpp"
#include "support/fake_probes.hpp"

namespace doctor::test {

/// A deployment and a world of files and Engine answers to collect from.
class Bundled : public World {
 public:
  std::map<std::string, std::string> files;   ///< path -> bytes, regular files of uid 0, mode 0644
  std::map<std::string, FileAnswer> status;   ///< instead of that
  std::map<std::string, Failed> broken;       ///< what cannot be read, and why
  std::map<std::string, std::string> engine;  ///< path -> answer
  std::vector<std::string> read;              ///< paths that were read, in order
  bundle::CollectOptions options;
  std::shared_ptr<probes::Tape> tape{std::make_shared<probes::Tape>()};

  Bundled();
  std::vector<bundle::Item> items();

  /// What the item of that path hands over; a failure is its text in brackets.
  std::string text(const std::string& path);
  bundle::Collected collected(const std::string& path);
  Outcome<bundle::Collected> read_item(const std::string& path, std::string& text,
                                       std::uint64_t most = 64UL * 1024 * 1024);
  bool has(const std::string& path);

  bundle::Live live;
};

}  // namespace doctor::test
