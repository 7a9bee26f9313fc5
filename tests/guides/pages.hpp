#pragma once

#include <algorithm>
#include <string>

#include "guides/page.hpp"

namespace doctor::test {

/// A page with one entry of the given machine block and Fix section, everything else in order.
/// Lines: heading 5, doctor block 7 (its first key 8).
inline std::string page_with(const std::string& code, const std::string& machine,
                             const std::string& fix = "Do it.\n\n```sh risk=safe where=host\ntrue\n```\n") {
  return "# Title\n\nWhat it is about.\n\n## " + code + "\n\n```doctor\n" + machine +
         "```\n\n### Symptom\n\nIt is seen.\n\n### Cause\n\nThis is why.\n\n### Fix\n\n" + fix +
         "\n### Verify\n\n```sh\ndoctor check\n```\n";
}

inline const std::string plain_machine = "title: Something is wrong\nseverity: error\n";

inline bool has_problem(const guides::Problems& problems, int line, const std::string& fragment) {
  return std::any_of(problems.begin(), problems.end(), [&](const guides::Problem& problem) {
    return problem.line == line && problem.message.find(fragment) != std::string::npos;
  });
}

inline std::string texts(const guides::Problems& problems) {
  std::string out;
  for (const auto& problem : problems) out += problem.text() + "\n";
  return out;
}

}  // namespace doctor::test
