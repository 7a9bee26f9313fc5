#pragma once

#include <string>

#include "cli/options.hpp"
#include "cli/run.hpp"
#include "diagnosis/report.hpp"
#include "redact/redactor.hpp"
#include "render/formats.hpp"

namespace doctor::cli {

/// What is wrong with the --report options: an unknown format, no file, the same file twice; else empty.
std::string reports_problem(const CheckCommand& command);

/// The report in a format, for a file: without colour, in UTF-8, 80 columns wide. Known secrets are looked for once
/// more.
std::string rendered_for_file(const diagnosis::Report& report, const render::Format& format,
                              const CheckCommand& command, const redact::Redactor& redactor);

/// Writes every --report file, whole or not at all, and then the result itself. Returns the exit code: the report's,
/// the plugin's for --format nagios, or 2 with a message when something could not be written.
int deliver_all(const diagnosis::Report& report, const CheckCommand& command, const redact::Redactor& redactor,
                Streams streams);

}  // namespace doctor::cli
