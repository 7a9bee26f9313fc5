#include <algorithm>
#include <ostream>
#include <sstream>
#include <utility>

#include "cli/commands.hpp"
#include "cli/examination.hpp"
#include "cli/own_guides.hpp"
#include "cli/plugin_setup.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "plan/plan.hpp"
#include "render/plan.hpp"

namespace doctor::cli {
namespace {

/// What --skip names is not run at all.
Checks without_skipped(const Checks& checks, const std::vector<std::string>& skip) {
  Checks left;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(left),
               [&](const CheckInfo* check) { return std::find(skip.begin(), skip.end(), check->id) == skip.end(); });
  return left;
}

/// Doctor's own files, and those of the system that the work of others takes: names, certificates.
plan::Part own_part(const std::string& directory, const probes::PluginPlaces& plugins,
                    const std::vector<guides::OwnPage>& pages) {
  constexpr const char* options = "doctor's own options";
  plan::Part part{"doctor", {}};
  const auto file = [&](const std::string& path, const char* what) { part.steps.push_back({"file", path, "", what}); };
  for (auto above = directory; !above.empty(); above = above.substr(0, above.rfind('/')))
    file(above + "/doctor.yaml", options);
  file("/doctor.yaml", options);
  const auto environment = own_environment();
  const auto xdg = environment.find("XDG_CONFIG_HOME");
  const auto home = environment.find("HOME");
  if (xdg != environment.end())
    file(xdg->second + "/doctor", options);
  else if (home != environment.end())
    file(home->second + "/.config/doctor", options);
  file("/etc/doctor", options);
  for (const auto& page : pages) file(page.file, "a guide of your own");
  for (const auto& folder : plugins.folders) file(folder.path, "which plugins there are");
  for (const auto* path : {"/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/gai.conf"})
    file(path, "how names are resolved, also those that a container has");
  for (const auto* path : {"/etc/localtime", "/usr/share/zoneinfo", "/etc/passwd"})
    file(path, "time zone, and who the user is");
  for (const auto* path : {"/etc/ssl", "/etc/pki"}) file(path, "which certificate authorities are trusted");
  return part;
}

/// The plugins that a run would run; they are found, and not run.
plan::Part plugins_part(const plugins::Source& source, const Deadline& deadline) {
  plan::Part part{"plugins", {}};
  const auto found = source.list.ask(probes::PluginsQuestion{}, deadline);
  if (!found) return part;
  for (const auto& plugin : found->plugins)
    if (plugin.refused.empty())
      part.steps.push_back({"program", plugin.path, "host", "a plugin: what it does is not doctor's to say"});
  return part;
}

}  // namespace

int plan(const PlanCommand& command, Streams streams) {
  const auto checks = selected_checks(command, streams);
  if (!checks) return 2;
  const World world{own_environment()};
  const Interrupt interrupt;
  const auto guides = guides_for(command.target, file_access(world, interrupt.token()), streams);
  if (!guides) return interrupt.code_or(2);
  const auto [deployment, rules] = discover(command.target, world, guides->known, interrupt, streams);
  if (!deployment) return interrupt.code_or(2);
  const auto redactor = redactor_for(*deployment, rules);
  auto parts = plan::plan(*deployment, without_skipped(*checks, command.skip));
  try {
    auto setup = plugin_setup(command, *deployment, redactor);
    parts.insert(parts.begin(), own_part(deployment->directory, setup.places, guides->pages));
    const auto session = world.open(deployment, {}, std::move(setup));
    parts.push_back(plugins_part(*session.plugins, Deadline::after(command.timeout, interrupt.token())));
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << ".\n";
    return 2;
  }
  std::ostringstream text;
  if (command.output.format == "json")
    render::plan_json(parts, text);
  else
    render::plan(parts, style_for(command.output), text);
  return deliver(redactor.redact(text.str()), command.output, streams, 0);
}

}  // namespace doctor::cli
