#pragma once

#include <iosfwd>
#include <string>

#include "diagnosis/report.hpp"

namespace doctor::render {

struct Style {
  int width = 80;
  bool colour = false;
  bool utf8 = false;
  bool verbose = false;  ///< every check, every piece of evidence
  bool quiet = false;    ///< roots' titles and the last line only
  std::string fail_on = "error";
  bool allow_incomplete = false;
};

/// For people. Ends with one line of counts.
void human(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// doctor-report/v1 (docs/json-schema/report-v1.json), one document.
void json(const diagnosis::Report& report, const Style& style, std::ostream& out);

}  // namespace doctor::render
