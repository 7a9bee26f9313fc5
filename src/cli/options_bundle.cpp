#include <algorithm>
#include <ctime>
#include <string_view>

#include "cli/options_parts.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

constexpr std::uint64_t least_size = 100'000;
constexpr std::uint64_t largest_size = 1'000'000'000;  // what read_archive takes, with room for what surrounds it

/// 64MB, 500kB, 1GB, 2000000. Throws CLI::ValidationError.
std::uint64_t size_from(const std::string& text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = util::lower(util::trim(text.substr(end)));
  const std::uint64_t factor = unit.empty() || unit == "b"   ? 1
                               : unit == "k" || unit == "kb" ? 1'000
                               : unit == "m" || unit == "mb" ? 1'000'000
                               : unit == "g" || unit == "gb" ? 1'000'000'000
                                                             : 0;
  if (factor == 0 || end == 0 || end > 10)
    throw CLI::ValidationError("'" + util::shown(text, 40) + "' is not a size such as 500kB, 64MB or 1GB");
  const auto size = std::stoull(text.substr(0, end)) * factor;
  if (size < least_size || size > largest_size) throw CLI::ValidationError("a size between 100kB and 1GB is wanted");
  return size;
}

/// A date in UTC; 0: it is none.
std::int64_t date_from(const std::string& text) {
  for (const char* form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return timegm(&parts);
  }
  return 0;
}

/// Seconds since 1970. Throws CLI::ValidationError.
std::int64_t since_from(const std::string& text) {
  const auto date = date_from(text);
  if (date > 0) return date;
  if (text.find('-') != std::string::npos)
    throw CLI::ValidationError("'" + util::shown(text, 40) +
                               "' is not a date such as 2026-01-31 or 2026-01-31T12:00:00Z");
  const auto span = std::chrono::duration_cast<std::chrono::seconds>(duration_from(text));
  return std::max<std::int64_t>(std::time(nullptr) - span.count(), 1);
}

void add_contents(CLI::App& app, BundleOptions& bundle) {
  app.add_option_function<std::string>(
         "--since",
         [&bundle](const std::string& text) {
           bundle.since = since_from(text);
           bundle.since_text = text;
         },
         "Only lines of logs and events from then on: 2h, 3d, 2026-01-31, 2026-01-31T12:00:00Z")
      ->envname(environment_name("--since"))
      ->type_name("TIME");
  app.add_option_function<std::string>(
         "--max-size", [&bundle](const std::string& text) { bundle.most_bytes = size_from(text); },
         "Of all files in it together, before packing: 500kB, 64MB, 1GB")
      ->envname(environment_name("--max-size"))
      ->type_name("SIZE")
      ->default_str("64MB");
  list(app, "--include", bundle.include,
       "Only these sections: config, containers, guides, host, logs, support, or SECTION/GLOB");
  list(app, "--exclude", bundle.exclude, "Leave out these sections, or SECTION/GLOB");
  option(app, "--label", bundle.label, "A few words about it, which analyze shows");
  flag(app, "--hide-hosts", bundle.hide_hosts,
       "Replace host names and addresses, too, each by the same token everywhere");
  flag(app, "--zstd", bundle.zstd, "Pack with zstd in place of gzip");
  flag(app, "--estimate", bundle.estimate, "List what would go into it, with sizes, and write nothing");
}

}  // namespace

void add_bundle(CLI::App& app, BundleCommand& command) {
  add_target(app, command.target);
  command.output.formats = {"human", "json"};
  option(app, "--format", command.output.format,
         std::string{format_description} + util::join(command.output.formats, ", "))
      ->capture_default_str();
  // Not of the environment or of a doctor.yaml: what is said there is where reports go.
  app.add_option("-o,--output", command.bundle.file,
                 "The file to write, whole or not at all (default: doctor-SYSTEM-TIME.tar.gz here)")
      ->type_name("FILE")
      ->configurable(false);
  app.add_flag("-v,--verbose", command.output.verbose, "Write a debug log to standard error");
  flag(app, "-q,--quiet", command.output.quiet, "Print the name of the file only");
  list(app, "--only", command.only, "Run only these checks");
  list(app, "--skip", command.skip, "Leave these checks out");
  add_guides(app, command.target.guides);
  list(app, "--ignore", command.ignore, "Put up with CODE or CODE=SUBJECT, for this run");
  flag(app, "--offline", command.target.offline, "Contact nothing outside the deployment's own hosts");
  flag(app, "--deep", command.target.deep, "Also ask outside hosts with the deployment's keys");
  flag(app, "--no-progress", command.no_progress, "Show no progress on a terminal");
  duration(app, "--timeout", command.timeout, "Limit for the checks; collecting has its own");
  duration(app, "--check-timeout", command.check_timeout, "Limit for one check");
  add_contents(app, command.bundle);
}

}  // namespace doctor::cli
