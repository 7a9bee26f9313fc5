#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/options.hpp"
#include "cli/run.hpp"
#include "render/render.hpp"

namespace doctor::cli {

/// A variable of doctor's own environment; empty when it is not set.
std::string_view own_variable(const char* name);

/// The directory that paths in reports for CI are relative to: the checkout that GITHUB_WORKSPACE, CI_PROJECT_DIR or
/// WORKSPACE (Jenkins) names, else the working directory.
std::string checkout_root();

/// The columns of standard output: of the terminal (40 to 120), 80 elsewhere; COLUMNS says otherwise.
std::size_t terminal_columns();

/// Width, colour and character set for standard output: colour on a terminal only (or as --color says; NO_COLOR is
/// honoured), links on a coloured terminal that is known to have them, UTF-8 when the locale of the environment says
/// so.
render::Style style_for(const OutputOptions& options);

/// Whether progress may be shown on standard error.
bool shows_progress(bool refused);

/// How long a line of progress may be: the columns of the terminal that standard error is.
std::size_t progress_columns();

/// Writes a finished result to standard output or to the file that the options name. Returns `code`, or 2 with a
/// message when it could not be written whole.
int deliver(const std::string& text, const OutputOptions& options, Streams streams, int code);

}  // namespace doctor::cli
