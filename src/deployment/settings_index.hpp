#pragma once

#include <string>
#include <unordered_map>

#include "deployment/compose.hpp"

namespace doctor::deployment {

/// The entries of a .env file by name; of several of one name the last, which wins. Points into the Dotenv.
class DotenvIndex {
 public:
  explicit DotenvIndex(const Dotenv& dotenv) {
    for (const auto& entry : dotenv.entries) entries_[entry.name] = &entry;
  }

  const DotenvEntry* find(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string, const DotenvEntry*> entries_;
};

}  // namespace doctor::deployment
