#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "render/printer.hpp"

namespace doctor::render {

/// What other settings would do, in parts with a title each. The texts may come from outside.
struct WhatIfPart {
  struct Line {
    std::string severity;  ///< empty: it is no finding
    std::string text;
  };
  std::string title;
  std::vector<Line> lines;
};

/// The changed settings first; parts without a line are left out.
std::vector<WhatIfPart> what_if_parts(const diagnosis::WhatIf& what_if);

/// The same for a terminal, before the findings that would remain.
void print_what_if(const Printer& print, const diagnosis::WhatIf& what_if);

}  // namespace doctor::render
