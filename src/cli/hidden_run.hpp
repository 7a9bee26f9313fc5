#pragma once

#include "bundle/reader.hpp"
#include "cli/bundling.hpp"

namespace doctor::cli {

/// What the run would have said of the answers that go into a bundle whose hosts are hidden: what the analysis of that
/// bundle will say, too. `answers` need no report.
diagnosis::Report examined_again(const Bundling& with, const Attempt& attempt, bundle::Opened answers);

}  // namespace doctor::cli
