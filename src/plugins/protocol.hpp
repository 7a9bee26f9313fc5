#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "doctor/finding.hpp"
#include "guides/entry.hpp"

/// doctor-plugin/v1 (docs/json-schema/plugin-v1.json): what a plugin is told and what it says. What a plugin prints is
/// text from outside: everything taken from it is safe to print and bounded. Errors name the field, never its value.
namespace doctor::plugins {

/// Answer to `describe`.
struct Description {
  std::string id;
  std::string title;
  std::string healthy;             ///< a sentence that is true when all is well
  std::vector<std::string> codes;  ///< the codes that it can report; empty: any
};
tl::expected<Description, std::string> read_description(std::string_view json);

/// One finding with what there is to say about it.
struct Told {
  Finding finding;
  guides::Entry entry;
};

/// Answer to `run`.
struct Verdict {
  std::vector<Told> findings;           ///< 100 at most
  std::vector<Healthy> healthy;         ///< likewise
  std::vector<NotLookedAt> unexamined;  ///< likewise
};
/// `description` is what the plugin said of itself. A finding with a code that it does not know is an error.
tl::expected<Verdict, std::string> read_verdict(std::string_view json, const Description& description);

/// What `run` gets on standard input: services, addresses, settings that are not secret. No secret is in it as far as
/// the deployment knows what is one; who hands it over redacts it.
std::string input_for(const Deployment& deployment);

/// What a Nagios plugin's exit code and first line mean; `id` is its name. Nothing else is ever read from it.
Verdict nagios_verdict(const std::string& id, int exit_code, std::string_view output);

}  // namespace doctor::plugins
