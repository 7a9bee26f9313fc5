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

}  // namespace

FileAccess file_access(const World& world, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds limit{8000};
  return {[&world, stop](const std::string& path) { return world.file(path, stop); }, world.sources(limit, stop).read};
}

FileAccess file_access() {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  const auto deadline = [] { return Deadline::after(probes::Helper::limit, {}); };
  return {[=](const std::string& path) { return probes::FileProbe{helper}.ask({path}, deadline()); },
          [=](const std::string& path) { return probes::read_bytes(*helper, path, most_own_file, deadline()); }};
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
