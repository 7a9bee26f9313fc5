#pragma once

#include <string>

#include "cli/options.hpp"
#include "cli/run.hpp"

namespace doctor::cli {

/// As deliver(), but on a terminal through a pager: $DOCTOR_PAGER, else $PAGER, else less. It is none of: an empty
/// name or "cat", TERM=dumb, --no-pager, a format for programs, a file, a pager that cannot be started. The variable is
/// split into words and started as it is, never by a shell; less is told to leave short texts alone and to show colours
/// (LESS=FRX, unless LESS is set). How the pager ends says nothing about the text: leaving it early is no error.
int deliver_paged(const std::string& text, const OutputOptions& options, Streams streams, int code);

}  // namespace doctor::cli
