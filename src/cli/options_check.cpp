#include "cli/options_parts.hpp"
#include "render/formats.hpp"

namespace doctor::cli {
namespace {

/// What is looked at, what counts, and how it is shown: the same for a deployment and for a bundle.
void add_examination(CLI::App& app, CheckCommand& command) {
  list(app, "--only", command.only, "Run only these checks");
  list(app, "--skip", command.skip, "Leave these checks out");
  add_guides(app, command.target.guides);
  duration(app, "--timeout", command.timeout, "Limit for the whole run");
  duration(app, "--check-timeout", command.check_timeout, "Limit for one check");
  option(app, "--fail-on", command.fail_on, "Severity that fails")
      ->check(CLI::IsMember({"error", "warning", "info", "never"}))
      ->capture_default_str();
  list(app, "--ignore", command.ignore, "Put up with CODE or CODE=SUBJECT, for this run");
  option(app, "--baseline", command.baseline, "Count only what this report or bundle does not have");
  flag(app, "--allow-incomplete", command.allow_incomplete, "Exit 0 although something could not be examined");
  add_output(app, command.output, render::format_names());
  repeated(app, "--report", command.reports, "Also write the report to a file, as FORMAT=FILE");
  flag(app, "--no-progress", command.no_progress, "Show no progress on a terminal");
}

/// A name that is missing must never mean this host.
std::string refused_when_empty(const std::string& file) {
  return file.empty() ? "the name of a bundle is empty" : "";
}

/// What says which deployment is meant, or asks for it: of no use for a bundle.
void exclude_deployment(CLI::App& app, CLI::Option& from) {
  for (const auto* name : {"DIR", "--system", "--env-file", "--compose-file", "--project-name", "--profile", "--url",
                           "--proxy-config", "--env-from-process", "--offline", "--deep", "--plugins", "--nagios",
                           "--no-plugins", "--bundle", "--wait", "--interval", "--watch", "--timings"})
    from.excludes(app.get_option(name));
}

}  // namespace

void add_check(CLI::App& app, CheckCommand& command) {
  add_target(app, command.target);
  add_examination(app, command);
  flag(app, "--offline", command.target.offline, "Contact nothing outside the deployment's own hosts");
  flag(app, "--deep", command.target.deep, "Also ask outside hosts with the deployment's keys");
  repeated(app, "--plugins", command.plugins, "Also run the plugins in this folder")->type_name("DIR");
  repeated(app, "--nagios", command.nagios, "Also run a Nagios plugin, as ID=/PATH ARGUMENT ...");
  flag(app, "--no-plugins", command.no_plugins, "Run no plugin at all");
  option(app, "--bundle", command.bundle_file, "Also write a bundle of this run, see doctor bundle")->type_name("FILE");
  flag(app, "--timings", command.timings, "Show where the time of the run went");
  duration(app, "--wait", command.wait, "Examine until all is well, for so long at most");
  duration(app, "--interval", command.interval, "Between two runs of --wait or --watch");
  flag(app, "--watch", command.watch, "Redraw the terminal again and again, until Ctrl-C");
  auto* from = option(app, "--from", command.from, "Examine this bundle instead; nothing is contacted");
  exclude_deployment(app, *from->check(refused_when_empty));
}

void add_analyze(CLI::App& app, CheckCommand& command) {
  app.add_option("BUNDLE", command.from, "A bundle of doctor")->required()->check(refused_when_empty);
  repeated(app, "--set", command.target.set, "Tell what another value, [SERVICE.]NAME=VALUE, would resolve");
  add_examination(app, command);
}

}  // namespace doctor::cli
