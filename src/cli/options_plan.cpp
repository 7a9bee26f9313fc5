#include "cli/options_parts.hpp"

namespace doctor::cli {

void add_plan(CLI::App& app, PlanCommand& command) {
  add_target(app, command.target);
  add_output(app, command.output, {"human", "json"});
  list(app, "--only", command.only, "Plan only these checks");
  list(app, "--skip", command.skip, "Leave these checks out");
  add_guides(app, command.target.guides);
  flag(app, "--offline", command.target.offline, "Contact nothing outside the deployment's own hosts");
  flag(app, "--deep", command.target.deep, "Also ask outside hosts with the deployment's keys");
  repeated(app, "--plugins", command.plugins, "Also the plugins in this folder")->type_name("DIR");
  repeated(app, "--nagios", command.nagios, "Also a Nagios plugin, as ID=/PATH ARGUMENT ...");
  flag(app, "--no-plugins", command.no_plugins, "No plugin at all");
}

}  // namespace doctor::cli
