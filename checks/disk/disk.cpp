#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/access.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/disk.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

constexpr auto storage_role = "storage-path"sv;
constexpr std::uint64_t one_gib = 1ULL << 30;
constexpr std::uint64_t exhausted_percent = 5;
constexpr std::uint64_t low_percent = 15;

// ---- facts

/// A path that matters, and the file system that holds it.
struct DiskFacts {
  std::string role;
  std::string path;
  Outcome<FileSystemAnswer> state;
  std::size_t dependents = 0;                 ///< services that depend on this disk
  std::optional<Outcome<UsageAnswer>> usage;  ///< only when room is short
};

/// A directory that a service is told to write to.
struct StorageFacts {
  std::string setting;
  std::string subject;
  std::string service;
  std::string path;        ///< as the service sees it
  std::string where;       ///< place of the setting
  bool persistent = true;  ///< below a volume or a bind mount, or not in a container
  bool elsewhere = false;  ///< in a volume whose place on the host is not known
  std::string shown;       ///< on the host
  std::optional<Deployment::Identity> identity;
  std::optional<Outcome<AccessAnswer>> access;
  std::optional<Outcome<FileAnswer>> file;
};

struct Facts {
  std::vector<DiskFacts> disks;
  std::vector<StorageFacts> storage;
};

// ---- observe

/// Compares without multiplying what may be large.
bool below(std::uint64_t part, std::uint64_t whole, std::uint64_t percent) {
  return static_cast<double>(part) * 100.0 < static_cast<double>(whole) * static_cast<double>(percent);
}

bool exhausted(const FileSystemAnswer& state) {
  const bool small_remainder = state.total >= 4 * one_gib && state.available < one_gib;
  return state.total > 0 && (small_remainder || below(state.available, state.total, exhausted_percent));
}

bool low(const FileSystemAnswer& state) {
  return state.total > 0 && below(state.available, state.total, low_percent);
}

bool is_persistent(const Service& service, const std::string& path) {
  const auto& mounts = service.container ? service.container->mounts : service.mounts;
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    const bool covers = path == mount.target || (path.starts_with(mount.target) &&
                                                 (mount.target.ends_with('/') || path[mount.target.size()] == '/'));
    if (covers && (best == nullptr || mount.target.size() > best->target.size())) best = &mount;
  }
  return best != nullptr && (best->kind == "volume" || best->kind == "bind");
}

std::optional<StorageFacts> look_at_storage(const Context& context, const Setting& setting) {
  const auto& deployment = context.deployment;
  const auto* service = deployment.service(setting.service);
  const auto& value = setting.value();
  if (service == nullptr || !service->enabled || (value && value->is_secret())) return std::nullopt;
  StorageFacts facts;
  facts.setting = setting.name;
  facts.subject = setting.subject();
  facts.service = setting.service;
  facts.where = setting.where();
  facts.path = value && !value->text().empty() ? value->text() : setting.rule.fallback;
  const bool contained = !service->process && (service->container || !deployment.compose_file.empty());
  // Below which directory of the image a relative path lies is not known.
  if (facts.path.empty() || (contained && !facts.path.starts_with('/'))) return std::nullopt;
  facts.persistent = !contained || is_persistent(*service, facts.path);
  if (!facts.persistent) return facts;
  const auto place = locate(deployment, *service, facts.path);
  facts.elsewhere = !place;
  if (!place) return facts;
  facts.shown = deployment.shown_path(place->host);
  facts.identity = deployment.identity(*service);
  facts.file = context.ask(FileQuestion{place->host});
  if (facts.identity) facts.access = ask_access(context, *place, *facts.identity, "create");
  return facts;
}

std::size_t dependents_of(const std::string& disk, const Deployment& deployment) {
  return static_cast<std::size_t>(
      std::count_if(deployment.services.begin(), deployment.services.end(), [&](const Service& service) {
        const auto upstream = deployment.depends_on(service.subject());
        return std::find(upstream.begin(), upstream.end(), disk) != upstream.end();
      }));
}

/// Counting what takes the room is slow: once for a file system, and for two of them at most.
void measure_usage(const Context& context, std::vector<DiskFacts>& disks) {
  constexpr std::size_t most_measured = 2;
  std::set<std::string> measured;
  for (auto& disk : disks) {
    if (!disk.state || !(low(*disk.state) || exhausted(*disk.state)) || measured.size() == most_measured) continue;
    if (measured.insert(disk.state->mount_point).second) disk.usage = context.ask(UsageQuestion{disk.path});
  }
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& [role, path] : context.deployment.disks)
    facts.disks.push_back({role, path, context.ask(FileSystemQuestion{path}),
                           dependents_of("disk:" + role, context.deployment), std::nullopt});
  std::stable_sort(facts.disks.begin(), facts.disks.end(),
                   [](const DiskFacts& a, const DiskFacts& b) { return a.dependents > b.dependents; });
  measure_usage(context, facts.disks);
  for (const auto* setting : context.deployment.with_role(storage_role))
    if (auto one = look_at_storage(context, *setting)) facts.storage.push_back(std::move(*one));
  return facts;
}

// ---- diagnose

/// The roles and paths that one file system serves.
struct FileSystem {
  std::vector<std::string> roles;
  std::vector<std::string> paths;
  FileSystemAnswer state;
  std::vector<std::string> largest;
  std::string subject;  ///< the disk that most services depend on: what follows from it is found by that
};

void add_usage(const DiskFacts& disk, FileSystem& system) {
  if (!disk.usage || !*disk.usage) return;  // how full it is, is known all the same
  for (const auto& entry : (*disk.usage)->largest) {
    if (system.largest.size() >= 5) return;
    system.largest.push_back(formats::shown(disk.path + "/" + entry.name, 80) + " " + formats::bytes(entry.bytes));
  }
}

/// One finding for a file system, not one for each role that it serves.
std::map<std::string, FileSystem> by_mount(const Facts& facts, Judgement& out) {
  std::map<std::string, FileSystem> systems;
  for (const auto& disk : facts.disks) {
    if (!disk.state) {
      const auto& failure = disk.state.error();
      if (failure.kind == FailureKind::not_found)
        out.skipped.push_back({"disk:" + disk.role, "there is no " + formats::shown(disk.path)});
      else
        out.unexamined.push_back({"disk:" + disk.role, formats::describe(failure)});
      continue;
    }
    auto& system = systems[disk.state->mount_point];
    system.roles.push_back(disk.role);
    system.paths.push_back(disk.path);
    system.state = *disk.state;
    if (system.subject.empty()) system.subject = "disk:" + disk.role;
    add_usage(disk, system);
  }
  return systems;
}

std::vector<Evidence> figures(const FileSystem& system, const std::string& free, const std::string& total,
                              const std::string& percent) {
  const auto source = "statvfs " + system.state.mount_point;
  return {{"role", formats::join(system.roles, ", "), {}, {}},
          {"path", formats::join(system.paths, ", "), {}, "host"},
          {"free", free, source, "host"},
          {"total", total, source, "host"},
          {"percent", percent, source, "host"}};
}

void judge_space(const FileSystem& system, const std::string& subject, Judgement& out) {
  const auto& state = system.state;
  if (!exhausted(state) && !low(state)) return;
  auto evidence = figures(system, formats::bytes(state.available), formats::bytes(state.total),
                          formats::percent(state.available, state.total));
  evidence.push_back({"largest", formats::join(system.largest, ", "), {}, "host"});
  out.findings.emplace_back(exhausted(state) ? codes::disk_space_exhausted : codes::disk_space_low, subject,
                            std::move(evidence));
}

void judge_inodes(const FileSystem& system, const std::string& subject, Judgement& out) {
  const auto& state = system.state;
  if (state.inodes == 0 || !below(state.inodes_free, state.inodes, low_percent)) return;
  const bool none_left = below(state.inodes_free, state.inodes, exhausted_percent);
  out.findings.emplace_back(none_left ? codes::disk_inodes_exhausted : codes::disk_inodes_low, subject,
                            figures(system, std::to_string(state.inodes_free), std::to_string(state.inodes),
                                    formats::percent(state.inodes_free, state.inodes)));
}

void judge_file_system(const FileSystem& system, Judgement& out) {
  const auto& subject = system.subject;
  const auto before = out.findings.size();
  judge_space(system, subject, out);
  judge_inodes(system, subject, out);
  const bool written_to = system.roles != std::vector<std::string>{"deployment"};
  if (system.state.read_only && written_to)
    out.findings.emplace_back(
        codes::disk_read_only, subject,
        std::vector<Evidence>{{"role", formats::join(system.roles, ", "), {}, {}},
                              {"path", formats::join(system.paths, ", "), {}, "host"},
                              {"mount", formats::shown(system.state.mount_point), "statvfs", "host"}});
  if (out.findings.size() != before) return;
  const auto used = system.state.total - std::min(system.state.available, system.state.total);
  for (const auto& role : system.roles)
    out.healthy.push_back({"disk:" + role, formats::percent(used, system.state.total) + " used"});
}

void judge_access(const StorageFacts& facts, const AccessAnswer& access, Judgement& out) {
  if (access.allowed) return;
  if (access.reason == "missing") {
    out.findings.emplace_back(
        codes::disk_path_missing, facts.subject,
        std::vector<Evidence>{{"setting", facts.setting, facts.where, {}}, {"path", facts.shown, {}, "host"}});
    return;
  }
  out.findings.emplace_back(
      codes::disk_not_writable, facts.subject,
      std::vector<Evidence>{{"setting", facts.setting, facts.where, {}},
                            {"path", facts.shown, {}, "host"},
                            {"user", std::to_string(facts.identity->uid), facts.identity->source, {}},
                            {"mode", formats::mode(access.mode), {}, "host"},
                            {"owner", std::to_string(access.uid) + ":" + std::to_string(access.gid), {}, "host"},
                            {"blocked_at", access.blocked_at, {}, "host"}});
}

void judge_storage(const StorageFacts& facts, Judgement& out) {
  if (!facts.persistent) {
    out.findings.emplace_back(codes::disk_storage_not_persistent, facts.subject,
                              std::vector<Evidence>{{"service", facts.service, {}, {}},
                                                    {"path", facts.path, {}, {}},
                                                    {"setting", facts.setting, {}, {}},
                                                    {"where", facts.where, {}, {}}});
    return;
  }
  if (facts.elsewhere)
    return out.unexamined.push_back({facts.subject, "the place of its volume on the host is not known"});
  if (!*facts.file) return out.unexamined.push_back({facts.subject, formats::describe(facts.file->error())});
  if (!facts.access) return out.unexamined.push_back({facts.subject, "the user of the service is not known"});
  const auto& access = *facts.access;
  if (!access) return out.unexamined.push_back({facts.subject, formats::describe(access.error())});
  if (!access->allowed) return judge_access(facts, *access, out);
  out.healthy.push_back({facts.subject, "writable for uid " + std::to_string(facts.identity->uid)});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& [mount, system] : by_mount(facts, out)) judge_file_system(system, out);
  for (const auto& one : facts.storage) judge_storage(one, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array reads{storage_role};
constexpr std::array codes_of_disk{codes::disk_space_exhausted,  codes::disk_space_low,
                                   codes::disk_inodes_exhausted, codes::disk_inodes_low,
                                   codes::disk_not_writable,     codes::disk_read_only,
                                   codes::disk_path_missing,     codes::disk_storage_not_persistent};

}  // namespace

extern const CheckInfo disk{"disk", "disks have room, and services may write where they must", reads, {}, codes_of_disk,
                            run};

}  // namespace doctor::checks
