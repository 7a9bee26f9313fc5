#include <algorithm>
#include <cctype>

#include "checks/containers/facts.hpp"
#include "doctor/codes/containers.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::containers_check {
namespace {

/// Compares without multiplying what may be large.
bool at_least(std::uint64_t part, std::uint64_t whole, double percent) {
  return static_cast<double>(part) * 100.0 >= static_cast<double>(whole) * percent;
}

// ---- what a container uses

void judge_usage(const ServiceFacts& facts, Judgement& out) {
  constexpr double near_limit = 90;
  constexpr double throttled_often = 50;
  constexpr std::uint64_t enough_periods = 1000;  // of 0.1 s each, in which it had something to do
  if (!facts.usage) return;
  const auto subject = facts.service.subject();
  if (!*facts.usage) {
    const auto& failure = facts.usage->error();
    if (formats::doctors_own(failure.kind)) out.unexamined.push_back({subject, formats::describe(failure)});
    return;  // it has just ended, or the kernel does not count: nothing to judge
  }
  const auto& used = **facts.usage;
  const auto& container = *facts.service.container;
  const auto source = "container " + container.name;
  if (used.memory_limit > 0 && at_least(used.memory, used.memory_limit, near_limit))
    out.findings.emplace_back(
        codes::container_memory_near_limit, subject,
        std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                              {"container", container.name, {}, "host"},
                              {"used", formats::bytes(used.memory), source, "host"},
                              {"limit", formats::bytes(used.memory_limit), source, "host"},
                              {"percent", formats::percent(used.memory, used.memory_limit), {}, "host"}});
  if (used.periods >= enough_periods && at_least(used.throttled, used.periods, throttled_often))
    out.findings.emplace_back(
        codes::container_cpu_throttled, subject,
        std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                              {"container", container.name, {}, "host"},
                              {"percent", formats::percent(used.throttled, used.periods), source, "host"},
                              {"periods", std::to_string(used.periods), source, "host"}});
}

// ---- what it was made from

/// "docker.io/library/postgres:latest" and "postgres" are the same image.
std::string full_name(std::string image) {
  for (const std::string_view prefix : {"docker.io/", "index.docker.io/", "library/"})
    if (image.starts_with(prefix)) image.erase(0, prefix.size());
  const auto slash = image.rfind('/');
  const auto last = slash == std::string::npos ? 0 : slash + 1;
  const bool tagged = image.find(':', last) != std::string::npos || image.find('@') != std::string::npos;
  return tagged ? image : image + ":latest";
}

void judge_image_name(const ServiceFacts& facts, Judgement& out) {
  const auto& wanted = facts.service.image;
  const auto& running = facts.service.container->image;
  if (wanted.empty() || running.empty() || running.starts_with("sha256:")) return;
  if (full_name(wanted) == full_name(running)) return;
  out.findings.emplace_back(codes::container_image_mismatch, facts.service.subject(),
                            std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                                                  {"wanted", formats::shown(wanted), facts.service.place.text(), {}},
                                                  {"running", formats::shown(running),
                                                   "container " + facts.service.container->name, "host"}});
}

/// An entry of a reflog: what the checked-out commit became, and when. See gitrepository-layout(5).
struct Change {
  std::string commit;
  std::int64_t at = 0;
};

/// "OLD NEW Name <mail> 1772352725 +0100\tmessage"
std::optional<Change> change_in(std::string_view line) {
  line = line.substr(0, line.find('\t'));
  const auto zone = line.rfind(' ');
  if (zone == std::string_view::npos || zone == 0) return std::nullopt;
  const auto time = line.rfind(' ', zone - 1);
  const auto first = line.find(' ');
  if (time == std::string_view::npos || first >= time) return std::nullopt;
  const auto second = line.find(' ', first + 1);
  const auto commit = line.substr(first + 1, second - first - 1);
  const auto at = formats::integer(line.substr(time + 1, zone - time - 1));
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!at || commit.size() < 40 || commit.size() > 64 || !std::all_of(commit.begin(), commit.end(), is_hex))
    return std::nullopt;
  return Change{std::string{commit}, *at};
}

struct History {
  std::optional<Change> when_built;  ///< the newest entry that is not younger than the image
  std::optional<Change> newest;
};

History history_of(std::string_view reflog, std::int64_t built) {
  constexpr std::int64_t tolerance = 60;
  History history;
  while (!reflog.empty()) {
    const auto end = reflog.find('\n');
    if (auto change = change_in(reflog.substr(0, end))) {
      if (change->at <= built + tolerance) history.when_built = change;
      history.newest = std::move(change);
    }
    reflog.remove_prefix(end == std::string_view::npos ? reflog.size() : end + 1);
  }
  return history;
}

/// Switching to another commit and back makes no new source.
bool is_outdated(const History& history, std::int64_t built) {
  if (!history.newest || history.newest->at <= built + 60) return false;
  return !history.when_built || history.when_built->commit != history.newest->commit;
}

void judge_source(const ServiceFacts& facts, Judgement& out) {
  if (!facts.history || !*facts.history) return;  // no repository: the source has no history here
  const auto built = facts.service.container->image_created;
  const auto history = history_of((*facts.history)->text, built);
  if (!is_outdated(history, built)) return;
  out.findings.emplace_back(
      codes::container_image_outdated, facts.service.subject(),
      std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                            {"built", formats::timestamp(built), "image of " + facts.service.container->name, "host"},
                            {"changed", formats::timestamp(history.newest->at), ".git/logs/HEAD", {}},
                            {"commit", history.newest->commit.substr(0, 12), ".git/logs/HEAD", {}}});
}

// ---- what it shares with others

bool holds_database(const Facts& facts, const Volume& volume) {
  for (const auto& one : facts.services)
    for (const auto& mount : one.service.mounts)
      if (mount.source == volume.name || mount.source == volume.real_name)
        if (mount.target.find("/postgresql") != std::string::npos) return true;
  return false;
}

/// An external volume is there to be shared; a database's never is.
void judge_volume(const Facts& facts, const Volume& volume, Judgement& out) {
  if (volume.used_by.empty() || (volume.external && !holds_database(facts, volume))) return;
  out.findings.emplace_back(
      codes::volume_shared_by_stacks, "volume:" + volume.name,
      std::vector<Evidence>{{"volume", volume.real_name, volume.place.text(), {}},
                            {"users", formats::join(volume.used_by, ", "), "Docker Engine", "host"},
                            {"project", facts.project, {}, {}}});
}

void judge_build_cache(const Facts& facts, Judgement& out) {
  constexpr std::uint64_t much = 10'000'000'000;
  constexpr double share_of_free = 20;
  if (!facts.engine || !*facts.engine || !facts.docker_disk || !*facts.docker_disk) return;
  const auto& cache = **facts.engine;
  const auto free = (*facts.docker_disk)->available;
  if (cache.reclaimable <= much || !at_least(cache.reclaimable, free, share_of_free)) return;
  out.findings.emplace_back(
      codes::engine_build_cache_large, "disk:docker",
      std::vector<Evidence>{{"reclaimable", formats::bytes(cache.reclaimable), "Docker Engine", "host"},
                            {"cache", formats::bytes(cache.build_cache), "Docker Engine", "host"},
                            {"free", formats::bytes(free), "statvfs " + facts.docker_path, "host"},
                            {"path", facts.docker_path, {}, "host"}});
}

/// A machine that is sold with 2 GB has a little less.
void judge_memory(const Facts& facts, Judgement& out) {
  constexpr std::uint64_t enough = 1'900'000'000;
  if (!facts.memory || !*facts.memory) return;
  const auto& memory = **facts.memory;
  if (memory.total + memory.swap_total >= enough) return;
  std::vector<std::string> names;
  for (const auto& one : facts.services)
    if (!one.service.build.empty() && !one.service.container) names.push_back(one.service.name);
  out.findings.emplace_back(
      codes::memory_too_small_to_build, "host:memory",
      std::vector<Evidence>{{"services", formats::join(names, ", "), facts.compose_file, {}},
                            {"memory", formats::bytes(memory.total), "/proc/meminfo", "host"},
                            {"swap", formats::bytes(memory.swap_total), "/proc/meminfo", "host"}});
}

}  // namespace

void judge_resources(const Facts& facts, Judgement& out) {
  for (const auto& one : facts.services) {
    judge_usage(one, out);
    if (!one.service.container) continue;
    judge_image_name(one, out);
    judge_source(one, out);
  }
  for (const auto& volume : facts.volumes) judge_volume(facts, volume, out);
  judge_build_cache(facts, out);
  judge_memory(facts, out);
}

}  // namespace doctor::checks::containers_check
