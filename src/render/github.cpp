#include <ostream>

#include "render/location.hpp"
#include "render/reading.hpp"
#include "render/waiting.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

/// As the toolkit of GitHub Actions escapes what follows the second `::`.
std::string data_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else
      out += c;
  }
  return out;
}

/// The same for the value of a property, where `:` and `,` separate.
std::string property(std::string_view text) {
  std::string out;
  for (const char c : data_of(util::shown(text, std::string_view::npos))) {
    if (c == ':')
      out += "%3A";
    else if (c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

/// An older form of commands is looked for anywhere in a line.
std::string inert(std::string text) {
  for (auto at = text.find("##["); at != std::string::npos; at = text.find("##[", at)) text.insert(at + 2, 1, ' ');
  return text;
}

std::string_view level_of(const std::string& severity) {
  return severity == "error" ? "error" : severity == "warning" ? "warning" : "notice";
}

}  // namespace

void github(const diagnosis::Report& report, const Style& style, std::ostream& out) {
  for (const auto* root : roots(report)) {
    const auto place = location_of(report, *root, style);
    out << "::" << level_of(root->severity) << " file=" << property(place.file);
    if (place.line > 0) out << ",line=" << place.line;
    out << ",title=" << property(root->title) << "::" << data_of(explained(report, *root)) << '\n';
  }
  for (const auto& item : reasons(report.unexamined))
    out << (style.allow_incomplete ? "::notice" : "::warning") << " title=" << property("not examined: " + item.subject)
        << "::" << data_of(util::shown(item.reason, std::string::npos)) << '\n';
  for (const auto& line : waiting_lines(report))
    out << "doctor waited: " << inert(util::shown(line, std::string::npos)) << '\n';
  out << "doctor: " << findings_line(report) << "; " << checks_line(report) << '\n';
}

}  // namespace doctor::render
