#pragma once

#include <string>

#include "guides/markdown.hpp"
#include "guides/page.hpp"

namespace doctor::guides {

/// Reads the YAML of a `doctor` block into `entry`: title, severity, explains, leads-to, effect, log, evidence,
/// reason, retired.
void read_machine_block(const Block& block, const std::string& file, PageKind kind, PageEntry& entry,
                        Problems& problems);

}  // namespace doctor::guides
