#pragma once

#include <string>

#include "cli/options.hpp"
#include "cli/run.hpp"
#include "render/render.hpp"

namespace doctor::cli {

/// The directory that paths in reports for CI are relative to: the checkout that GITHUB_WORKSPACE, CI_PROJECT_DIR or
/// WORKSPACE (Jenkins) names, else the working directory.
std::string checkout_root();

/// Width, colour and character set for standard output: colour on a terminal only (or as --color says; NO_COLOR is
/// honoured), UTF-8 when the locale of the environment says so.
render::Style style_for(const OutputOptions& options);

/// Whether progress may be shown on standard error.
bool shows_progress(bool refused);

/// Writes a finished result to standard output or to the file that the options name. Returns `code`, or 2 with a
/// message when it could not be written whole.
int deliver(const std::string& text, const OutputOptions& options, Streams streams, int code);

}  // namespace doctor::cli
