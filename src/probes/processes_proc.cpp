#include "probes/processes_proc.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <unistd.h>

namespace doctor::probes::proc {
namespace {

constexpr std::size_t most_names = 1'000'000;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

}  // namespace

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> handle{opendir(directory.c_str())};
  if (handle == nullptr) return names;
  while (const dirent* next = readdir(handle.get())) {
    const std::string_view name{next->d_name};
    if (name != "." && name != ".." && names.size() < most_names) names.emplace_back(name);
  }
  return names;
}

std::vector<int> pids() {
  std::vector<int> found;
  for (const auto& name : names_in("/proc")) {
    int pid = 0;
    const auto* end = name.data() + name.size();
    if (std::from_chars(name.data(), end, pid).ptr == end && pid > 0) found.push_back(pid);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string link_target(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const auto length = readlink(path.c_str(), target.data(), target.size());
  if (length <= 0) return {};
  std::string text{target.data(), static_cast<std::size_t>(length)};
  constexpr std::string_view deleted = " (deleted)";
  if (text.ends_with(deleted)) text.resize(text.size() - deleted.size());
  return text;
}

}  // namespace doctor::probes::proc
