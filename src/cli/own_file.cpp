#include "cli/own_file.hpp"

#include <unistd.h>

#include <vector>

#include "probes/files.hpp"
#include "probes/helper.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

constexpr std::uint64_t most_own_file = 4 * 1024 * 1024 + 1;  // one byte past the bound, so that the reader can tell

void refuse_foreign(const std::string& path, const FileAnswer& file) {
  const bool foreign = file.uid != 0 && file.uid != geteuid();
  if (foreign || (file.mode & 0002U) != 0)
    throw BadInput{util::shown(path) + (foreign ? " belongs to another user" : " can be written by everybody") +
                   "; doctor does not follow it. Give it to root or to yourself, mode 0644."};
}

Outcome<std::vector<std::string>> names_in(const std::shared_ptr<probes::Helper>& helper, const std::string& folder,
                                           const Deadline& deadline) {
  const auto answer = probes::DirectoryProbe{helper}.ask({folder, {}}, deadline);
  if (!answer) return Failed{answer.error()};
  std::vector<std::string> names;
  for (const auto& entry : answer->entries) names.push_back(entry.name);
  return names;
}

}  // namespace

FileAccess file_access(const World& world, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds limit{8000};
  const auto sources = world.sources(limit, stop);
  return {[&world, stop](const std::string& path) { return world.file(path, stop); }, sources.read, sources.list,
          [&world, stop](const std::string& path) { return world.trusted_file(path, most_own_file, stop); }};
}

FileAccess file_access() {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  const auto deadline = [] { return Deadline::after(probes::Helper::limit, {}); };
  return {[=](const std::string& path) { return probes::FileProbe{helper}.ask({path}, deadline()); },
          [=](const std::string& path) { return probes::read_bytes(*helper, path, most_own_file, deadline()); },
          [=](const std::string& folder) { return names_in(helper, folder, deadline()); },
          [=](const std::string& path) { return probes::read_trusted(*helper, path, most_own_file, deadline()); }};
}

std::optional<std::string> read_own_file(const std::string& path, const FileAccess& files) {
  const auto file = files.look(path);
  if (!file) throw BadInput{util::shown(path) + " cannot be examined: " + file.error().detail};
  if (file->kind == "missing") return std::nullopt;
  refuse_foreign(path, *file);
  auto text = files.read(path);
  if (!text) throw BadInput{util::shown(path) + " cannot be read: " + text.error().detail};
  return *std::move(text);
}

std::string read_named_file(const std::string& path, const std::string& option, const FileAccess& files) {
  auto text = files.read(path);
  if (!text) throw BadInput{option + " " + util::shown(path) + " cannot be read: " + text.error().detail};
  return *std::move(text);
}

void refuse(const guides::Problems& problems) {
  if (problems.empty()) return;
  std::vector<std::string> messages;
  for (const auto& problem : problems) messages.push_back(problem.text());
  throw BadInput{util::join(messages, "\ndoctor: ")};
}

}  // namespace doctor::cli
