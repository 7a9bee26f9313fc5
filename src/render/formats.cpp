#include "render/formats.hpp"

#include <algorithm>

namespace doctor::render {

const std::vector<Format>& formats() {
  static const std::vector<Format> all{
      {"human", human, "a terminal"},
      {"markdown", markdown, "an issue, a merge request, a step summary"},
      {"html", html, "a browser: one file, nothing is loaded from anywhere"},
      {"short", short_lines, "grep: one line for each root cause"},
      {"json", json, "programs: doctor-report/v1"},
      {"jsonl", jsonl, "programs that read lines"},
      {"junit", junit, "Jenkins, GitLab and whatever shows test results"},
      {"tap", tap, "prove and other readers of TAP"},
      {"nagios", nagios, "Nagios, Icinga, Checkmk: a plugin's line and exit code"},
      {"prometheus", prometheus, "node_exporter's textfile collector"},
      {"sarif", sarif, "code scanning: findings at the line of the file"},
      {"github", github, "annotations of GitHub Actions"},
      {"gitlab", gitlab, "GitLab's code quality"},
  };
  return all;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto& format : formats()) names.emplace_back(format.name);
  return names;
}

int exit_code(std::string_view format, const diagnosis::Report& report, const std::string& fail_on,
              bool allow_incomplete) {
  if (format == "nagios") return plugin_code(report, allow_incomplete);
  return diagnosis::exit_code(report, fail_on, allow_incomplete);
}

const Format* find_format(std::string_view name) {
  const auto& all = formats();
  const auto found = std::find_if(all.begin(), all.end(), [name](const Format& format) { return format.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace doctor::render
