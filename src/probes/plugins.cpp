#include "probes/plugins.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "probes/files.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/program.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_plugins = 32;
constexpr std::string_view prefix = "doctor-check-";

/// The helper looks, since a folder may lie on a mount that hangs.
ProgramTrust trust(Helper& helper, const std::string& path, const Deadline& deadline) {
  if (path.find('\0') != std::string::npos) return {path, "no path holds NUL"};
  const auto answer = helper.call("trusted-program", path, deadline);
  if (!answer) return {path, "it cannot be examined: " + answer.error().detail};
  const auto line = answer->find('\n');
  return {answer->substr(0, line), line == std::string::npos ? "it cannot be examined" : answer->substr(line + 1)};
}

/// "doctor-check-backup-age.sh" -> "backup-age"; "" for another name.
std::string id_of(const std::string& name) {
  if (!name.starts_with(prefix)) return {};
  auto id = name.substr(prefix.size());
  return id.substr(0, id.find('.'));
}

/// Most hosts have no such folder, and one that this user may not enter, such as root's, is not meant for them.
bool is_not_for_us(FailureKind kind) {
  return kind == FailureKind::not_found || kind == FailureKind::permission_denied;
}

bool is_hidden_ending(const std::string& name) {
  constexpr std::array<std::string_view, 4> leftovers{"~", ".bak", ".orig", ".dpkg-old"};
  return std::any_of(leftovers.begin(), leftovers.end(), [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

namespace jobs {

/// PATH -> "PATH WITHOUT LINKS\nWHY IT IS REFUSED".
Outcome<std::string> trusted_program_job(const std::string& request) {
  const auto trust = trust_program(request);
  return trust.path + '\n' + trust.refused;
}

}  // namespace jobs

Outcome<PluginsAnswer> PluginsProbe::ask(const PluginsQuestion&, const Deadline& deadline) {
  PluginsAnswer answer;
  std::set<std::string> seen;
  const auto add = [&](FoundPlugin plugin) {
    if (answer.plugins.size() < most_plugins && seen.insert(plugin.id).second)
      answer.plugins.push_back(std::move(plugin));
  };
  DirectoryProbe directories{helper_};
  for (const auto& folder : places_.folders) {
    const auto listed = directories.ask({folder.path, {}}, deadline);
    if (!listed) {
      if (folder.named || !is_not_for_us(listed.error().kind))
        add({"doctor",
             folder.path,
             folder.path,
             {},
             "the folder cannot be listed: " + listed.error().detail,
             folder.named});
      continue;
    }
    for (const auto& entry : listed->entries) {
      const auto id = id_of(entry.name);
      if (id.empty() || is_hidden_ending(entry.name)) continue;
      auto trusted = trust(*helper_, folder.path + "/" + entry.name, deadline);
      add({"doctor", id, std::move(trusted.path), {}, std::move(trusted.refused), folder.named});
    }
  }
  for (const auto& nagios : places_.nagios) {
    auto trusted = trust(*helper_, nagios.path, deadline);
    add({"nagios", nagios.id, std::move(trusted.path), nagios.arguments, std::move(trusted.refused), true});
  }
  return answer;
}

Outcome<PluginRunAnswer> PluginRunProbe::ask(const PluginRunQuestion& question, const Deadline& deadline) {
  const auto trusted = trust(*helper_, question.path, deadline);
  if (!trusted.refused.empty()) {
    ProbeFailure failure;
    failure.kind = FailureKind::permission_denied;
    failure.detail = trusted.refused;
    return Failed{failure};
  }
  auto end = run_program({trusted.path, question.arguments, input_, directory_}, deadline);
  if (!end) return Failed{std::move(end.error())};
  return PluginRunAnswer{end->exit_code, std::move(end->out), std::move(end->err)};
}

}  // namespace doctor::probes
