#include <algorithm>
#include <ostream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli/bundling.hpp"
#include "cli/commands.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "util/text.hpp"
#include "util/whole_file.hpp"

namespace doctor::cli {
namespace {

/// How often each secret was replaced in the whole bundle.
std::map<std::string, std::uint64_t> replaced_in(const bundle::Manifest& manifest) {
  std::map<std::string, std::uint64_t> replaced;
  for (const auto& member : manifest.members)
    for (const auto& [name, count] : member.redacted) replaced[name] += count;
  return replaced;
}

void human(const Bundled& bundled, std::ostream& out) {
  std::uint64_t total = 0;
  const auto replaced = replaced_in(bundled.manifest);
  for (const auto& [name, count] : replaced) total += count;
  const auto files = bundled.manifest.members.size() + 1;  // and the manifest
  out << util::shown(bundled.file, 4096) << ": " << util::bytes(bundled.size) << ", " << files << " files\n"
      << "secrets replaced: " << total << (total == 0 ? "" : ", as redaction.json in it lists") << '\n';
  for (const auto& member : bundled.manifest.members)
    if (!member.complete)
      out << "not whole: " << util::shown(member.path, 200) << ": " << util::shown(member.note, 300) << '\n';
  for (const auto& missing : bundled.manifest.missing)
    out << "not in it: " << util::shown(missing.path, 200) << ": " << util::shown(missing.reason, 300) << '\n';
  out << "Nothing was sent to anybody. To see what it shows: doctor analyze "
      << util::shown(util::shell_quoted(bundled.file), 4096) << '\n';
}

void json(const Bundled& bundled, std::ostream& out) {
  nlohmann::ordered_json document{
      {"schema", "doctor-bundle-written/v1"}, {"file", bundled.file}, {"size", bundled.size}};
  document["files"] = bundled.manifest.members.size() + 1;
  document["replaced"] = replaced_in(bundled.manifest);
  document["missing"] = nlohmann::ordered_json::array();
  for (const auto& missing : bundled.manifest.missing)
    document["missing"].push_back({{"path", missing.path}, {"source", missing.source}, {"reason", missing.reason}});
  out << document.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void estimate_human(const std::vector<bundle::Item>& items, std::uint64_t most, std::ostream& out) {
  std::uint64_t total = 0;
  for (const auto& item : items) {
    total += item.estimate;
    auto size = item.estimate == 0 ? std::string{"?"} : util::bytes(item.estimate);
    size.insert(0, 10 - std::min<std::size_t>(size.size(), 10), ' ');
    out << size << "  " << util::shown(item.path(), 200) << "  (" << util::shown(item.source, 200) << ")\n";
  }
  out << items.size() << " files, about " << util::bytes(total) << "; report and answers come on top. At most "
      << util::bytes(most) << " go into the bundle, logs last and newest first.\n";
}

void estimate_json(const std::vector<bundle::Item>& items, std::ostream& out) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& item : items)
    list.push_back({{"path", item.path()}, {"source", item.source}, {"estimate", item.estimate}});
  out << nlohmann::ordered_json{{"schema", "doctor-bundle-estimate/v1"}, {"items", list}}.dump(
             2, ' ', true, nlohmann::ordered_json::error_handler_t::replace)
      << '\n';
}

/// A result to standard output: --output is the bundle itself.
int print(const std::string& text, Streams streams) {
  return deliver(text, OutputOptions{}, streams, 0);
}

int estimate(const BundleCommand& command, const Bundling& with, Streams streams) {
  const auto& library = with.guides.known;
  const auto [deployment, rules] = discover(command.target, with.world, library, with.interrupt, streams);
  if (!deployment) return with.interrupt.code_or(2);
  const auto items = items_of(with, deployment, with.world.open(deployment, patterns_for(*deployment, library)));
  if (with.interrupt.signal() != 0) return 128 + with.interrupt.signal();
  std::ostringstream text;
  if (command.output.format == "json")
    estimate_json(items, text);
  else
    estimate_human(items, command.bundle.most_bytes, text);
  return print(redactor_for(*deployment, rules).redact(text.str()), streams);
}

int written(const BundleCommand& command, const Bundling& with, Examiner& examiner, Streams streams) {
  const auto attempt = examiner.attempt(streams);
  if (!attempt) return with.interrupt.code_or(2);
  const auto bundled = write_bundle(with, *attempt);
  if (!bundled) {
    streams.err << "doctor: " << bundled.error().message << ".\n";
    return bundled.error().exit;
  }
  std::ostringstream text;
  if (command.output.format == "json")
    json(*bundled, text);
  else if (command.output.quiet)
    text << util::shown(bundled->file, 4096) << '\n';
  else
    human(*bundled, text);
  return print(text.str(), streams);
}

/// What is wrong with the target, before minutes are spent; "" when nothing is.
std::string target_problem(const BundleOptions& options) {
  if (options.estimate) return {};
  const auto file = util::WholeFile::open(options.file.empty() ? "doctor-bundle" : options.file);
  return file ? std::string{} : file.error();
}

}  // namespace

int bundle(const BundleCommand& command, Streams streams) {
  const auto checks = selected_checks(command, streams);
  if (!checks) return 2;
  const auto selection = bundle::Selection::of(command.bundle.include, command.bundle.exclude);
  const auto problem = selection ? target_problem(command.bundle) : selection.error();
  if (!problem.empty()) {
    streams.err << "doctor: " << problem << ".\n";
    return 2;
  }
  const World world{own_environment()};
  const Interrupt interrupt;
  const auto guides = guides_for(command.target, file_access(world, interrupt.token()), streams);
  if (!guides) return interrupt.code_or(2);
  const Bundling with{command, command.bundle, *selection, world, interrupt, *guides, streams.err, &*checks};
  if (command.bundle.estimate) return estimate(command, with, streams);
  Examiner examiner{command, *checks, world, interrupt, guides->known};
  const int code = written(command, with, examiner, streams);
  if (examiner.left_behind()) leave(streams, code);
  return code;
}

}  // namespace doctor::cli
