#include "doctor/access.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace doctor {
namespace {

constexpr unsigned read_bit = 4;
constexpr unsigned write_bit = 2;
constexpr unsigned enter_bit = 1;

bool covers(std::string_view directory, std::string_view path) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.remove_suffix(1);
  return path == directory || (path.starts_with(directory) && (directory == "/" || path[directory.size()] == '/'));
}

const Mount* mount_of(const Service& service, const std::string& path) {
  const auto& mounts = service.container ? service.container->mounts : service.mounts;
  const Mount* best = nullptr;
  for (const auto& mount : mounts)
    if (covers(mount.target, path) && (best == nullptr || mount.target.size() > best->target.size())) best = &mount;
  return best;
}

/// The mount's source and every path below it down to `path`.
std::vector<std::string> components(const std::string& source, const std::string& path) {
  std::vector<std::string> paths{source};
  if (!covers(source, path)) return {path};
  for (auto at = path.find_first_not_of('/', source.size()); at != std::string::npos;) {
    const auto end = path.find('/', at);
    paths.push_back(path.substr(0, end));
    at = end == std::string::npos ? end : path.find_first_not_of('/', end);
  }
  return paths;
}

/// Owner, group, others: the first that fits decides (path_resolution(7)). Root passes.
bool permits(const FileAnswer& file, const Deployment::Identity& identity, unsigned bits) {
  if (identity.uid == 0) return true;
  unsigned granted = file.mode & 7U;
  const auto& gids = identity.gids;
  if (file.uid == identity.uid)
    granted = (file.mode >> 6) & 7U;
  else if (std::find(gids.begin(), gids.end(), file.gid) != gids.end())
    granted = (file.mode >> 3) & 7U;
  return (granted & bits) == bits;
}

AccessAnswer denied(const std::string& at, const std::string& reason, const FileAnswer& file) {
  AccessAnswer answer;
  answer.reason = reason;
  answer.blocked_at = at;
  answer.mode = file.mode;
  answer.uid = file.uid;
  answer.gid = file.gid;
  return answer;
}

unsigned bits_for(const std::string& want, const FileAnswer& file) {
  if (want == "read") return file.kind == "directory" ? read_bit | enter_bit : read_bit;
  return file.kind == "directory" ? write_bit | enter_bit : write_bit;
}

Outcome<AccessAnswer> inside_mount(const Context& context, const ServicePath& path,
                                   const Deployment::Identity& identity, const std::string& want) {
  const auto steps = components(path.mount_source, path.host);
  FileAnswer last;
  std::string last_path;
  for (const auto& step : steps) {
    const auto file = context.ask(FileQuestion{step});
    if (!file) return Failed{file.error()};
    if (file->kind == "missing") {
      if (want != "create" || last_path.empty()) return denied(step, "missing", *file);
      break;  // the nearest parent that exists decides
    }
    last = *file;
    last_path = step;
    const bool passing = step != path.host && file->kind == "directory";
    if (passing && !permits(*file, identity, enter_bit)) return denied(step, "mode", *file);
  }
  if (!permits(last, identity, bits_for(want, last))) return denied(last_path, "mode", last);
  if (path.read_only && want != "read") return denied(path.mount_source, "read-only mount", last);
  AccessAnswer allowed;
  allowed.allowed = true;
  return allowed;
}

}  // namespace

std::optional<ServicePath> locate(const Deployment& deployment, const Service& service, const std::string& path) {
  const auto host = deployment.host_path(service, path);
  if (!host) return std::nullopt;
  ServicePath located;
  located.host = *host;
  if (service.process) return located;
  if (const auto* mount = mount_of(service, path)) {
    located.read_only = mount->read_only;
    located.mount_source = deployment.host_path(service, mount->target).value_or(std::string{});
  }
  return located;
}

Outcome<AccessAnswer> ask_access(const Context& context, const ServicePath& path, const Deployment::Identity& identity,
                                 const std::string& want) {
  if (!path.mount_source.empty()) return inside_mount(context, path, identity, want);
  return context.ask(AccessQuestion{path.host, want, identity.uid, identity.gids});
}

}  // namespace doctor
