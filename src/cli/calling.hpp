#pragma once

#include "cli/options.hpp"
#include "diagnosis/report.hpp"
#include "render/render.hpp"

namespace doctor::cli {

/// What whoever follows the report must know of how doctor was called: where its commands belong, what `doctor check`
/// needs besides, and whether root would see more. Nothing of it where a recording is examined.
void add_calling(render::Style& style, const CheckCommand& command, const diagnosis::Report& report);

}  // namespace doctor::cli
