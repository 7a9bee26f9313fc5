#include <ostream>

#include "render/reading.hpp"
#include "util/text.hpp"

namespace doctor::render {

void short_lines(const diagnosis::Report& report, const Style& style, std::ostream& out) {
  const auto line = [&out](const std::string& text) { out << util::shown(text, std::string::npos) << '\n'; };
  for (const auto* root : roots(report)) {
    line(root->severity + " " + root->entry + " " + root->subject + ": " + root->title);
    if (!style.verbose) continue;
    for (const auto* problem : consequences(report, *root))
      line("follows " + problem->entry + " " + problem->subject + ": " + problem->title);
  }
  for (const auto& item : report.unexamined) line("unexamined " + item.check + " " + item.subject + ": " + item.reason);
}

}  // namespace doctor::render
