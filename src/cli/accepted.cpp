#include "cli/accepted.hpp"

#include <algorithm>
#include <ostream>

#include "bundle/reader.hpp"
#include "cli/target.hpp"
#include "diagnosis/ignore.hpp"
#include "guides/ignore_file.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

using diagnosis::Ignore;

/// CODE or CODE=SUBJECT.
Ignore flagged(const std::string& text, const std::vector<std::string>& codes) {
  const auto equals = text.find('=');
  Ignore entry{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1), "", "", "--ignore"};
  const bool of_plugin = entry.code.starts_with("plugin-");  // only the plugin knows its codes
  if (of_plugin || std::find(codes.begin(), codes.end(), entry.code) != codes.end()) return entry;
  throw BadInput{"--ignore: there is no code '" + util::shown(entry.code, 80) + "'" +
                 guides::did_you_mean(entry.code, codes) + ". See 'doctor list entries'."};
}

std::vector<Ignore> filed(const std::string& directory, const FileAccess& files,
                          const std::vector<std::string>& codes) {
  const auto path = directory + "/" + ignore_file;
  const auto text = read_own_file(path, files);
  if (!text) return {};
  guides::Problems problems;
  auto entries = guides::read_ignore_file(*text, path, codes, problems);
  refuse(problems);
  std::vector<Ignore> ignores;
  for (auto& entry : entries)
    ignores.push_back({std::move(entry.code), std::move(entry.subject), std::move(entry.reason),
                       std::move(entry.expires), std::string{ignore_file} + ":" + std::to_string(entry.line),
                       ignore_file});
  return ignores;
}

/// The report at a path: the file itself, or what a bundle holds.
std::string report_at(const std::string& path, const FileAccess& files) {
  auto text = files.read(path);
  if (!text && text.error().kind == FailureKind::not_found) return read_named_file(path, "--baseline", files);
  const auto first = text ? text->find_first_not_of(" \t\r\n") : std::string::npos;
  if (first != std::string::npos && (*text)[first] == '{') return *std::move(text);
  if (auto opened = bundle::open(path)) return std::move(opened->report);
  return text ? *std::move(text) : read_named_file(path, "--baseline", files);
}

diagnosis::Baseline baseline_of(const std::string& path, const std::string& system, const FileAccess& files) {
  auto baseline = diagnosis::read_baseline(report_at(path, files));
  const auto problem = [&](const std::string& words) {
    return BadInput{"--baseline " + util::shown(path) + " is of no use: " + words + "."};
  };
  if (!baseline) throw problem(baseline.error());
  if (!system.empty() && !baseline->system.empty() && baseline->system != system)
    throw problem("it is a report about " + util::shown(baseline->system, 60) + ", and this is " + system);
  return *std::move(baseline);
}

}  // namespace

std::optional<Accepted> accepted(const CheckCommand& command, const std::string& directory, const std::string& system,
                                 const FileAccess& files, const guides::Library& library, Streams streams) {
  try {
    const auto codes = library.codes();
    Accepted accepted;
    for (const auto& text : command.ignore) accepted.ignores.push_back(flagged(text, codes));
    if (!directory.empty())
      for (auto& entry : filed(directory, files, codes)) accepted.ignores.push_back(std::move(entry));
    if (!command.baseline.empty()) {
      accepted.baseline = baseline_of(absolute(command.baseline), system, files);
      accepted.baseline_file = command.baseline;
    }
    return accepted;
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << '\n';
    return std::nullopt;
  }
}

void put_up_with(diagnosis::Report& report, const Accepted& accepted, const Deployment& deployment,
                 const guides::Library& library) {
  diagnosis::ignore(report, accepted.ignores, report.started.substr(0, 10), deployment, library);
  if (accepted.baseline) diagnosis::compare(report, *accepted.baseline, accepted.baseline_file);
}

}  // namespace doctor::cli
