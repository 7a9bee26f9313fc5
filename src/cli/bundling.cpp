#include "cli/bundling.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <memory>
#include <ostream>
#include <string_view>

#include "bundle/budget.hpp"
#include "bundle/collect.hpp"
#include "bundle/deployment_json.hpp"
#include "bundle/hidden_hosts.hpp"
#include "bundle/ignores_json.hpp"
#include "bundle/known_hosts.hpp"
#include "bundle/tape_redaction.hpp"
#include "bundle/writer.hpp"
#include "cli/hidden_run.hpp"
#include "cli/reports.hpp"
#include "cli/terminal.hpp"
#include "cli/version.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

using Failure = tl::unexpected<NotBundled>;
using Written = tl::expected<void, std::string>;

constexpr std::chrono::minutes collect_limit{3};
constexpr std::chrono::seconds list_limit{15};

std::string utc(std::int64_t seconds, const char* form) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

/// doctor-chatalot-20260101T000000Z.tar.gz
std::string default_name(const std::string& system, const BundleOptions& options, std::int64_t time) {
  auto name = system.empty() ? std::string{"deployment"} : util::lower(system).substr(0, 60);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); }, '-');
  return "doctor-" + name + "-" + utc(time, "%Y%m%dT%H%M%SZ") + (options.zstd ? ".tar.zst" : ".tar.gz");
}

/// "collecting logs/chatalot.log" on one line of a terminal, which is cleared at the end.
class Collecting {
 public:
  Collecting(bool shown, std::ostream& err) : shown_{shown}, err_{err} {}
  Collecting(const Collecting&) = delete;
  Collecting& operator=(const Collecting&) = delete;
  ~Collecting() {
    if (shown_) err_ << "\r\x1b[K" << std::flush;
  }
  void now(const std::string& what) const {
    if (shown_) err_ << "\r\x1b[K" << util::shown(what, 76) << std::flush;
  }

 private:
  bool shown_;
  std::ostream& err_;
};

/// The options of the run, as far as they are no secret: of --set only the names.
std::map<std::string, std::string> options_of(const CheckCommand& command, const BundleOptions& options) {
  std::map<std::string, std::string> all;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) all.emplace(name, value);
  };
  add("only", util::join(command.only, ","));
  add("skip", util::join(command.skip, ","));
  add("system", command.target.system);
  add("guides", util::join(command.target.guides, " "));
  add("profile", util::join(command.target.profiles, ","));
  add("url", util::join(command.target.urls, " "));
  std::vector<std::string> names;
  for (const auto& setting : command.target.set) names.push_back(setting.substr(0, setting.find('=')));
  add("set", util::join(names, ","));
  add("offline", command.target.offline ? "true" : "");
  add("deep", command.target.deep ? "true" : "");
  add("since", options.since_text);
  add("max-size", std::to_string(options.most_bytes));
  add("include", util::join(options.include, ","));
  add("exclude", util::join(options.exclude, ","));
  add("hide-hosts", options.hide_hosts ? "true" : "");
  return all;
}

/// The report in each format, for people and programs.
Written add_report(bundle::Writer& writer, const Bundling& with, diagnosis::Report report,
                   const redact::Redactor& redactor) {
  auto& events = report.timeline;
  events.erase(std::remove_if(events.begin(), events.end(),
                              [&](const diagnosis::Event& event) { return event.at < with.options.since; }),
               events.end());
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kinds{
      {{"json", "report.json"}, {"markdown", "report.md"}, {"html", "report.html"}}};
  for (const auto& [format, name] : kinds) {
    const auto text = rendered_for_file(report, *render::find_format(format), with.command, redactor);
    auto added = writer.add("report/" + std::string{name}, text, bundle::Filter::document);
    if (!added) return added;
  }
  return {};
}

/// What `analyze` needs, without secrets.
struct Answers {
  std::string deployment;
  bundle::RedactedTape tape;
  std::string ignores;  ///< empty: there are none
};

Answers answers_of(const Attempt& attempt, const bundle::HiddenHosts* hosts) {
  const auto& redactor = *attempt.redactor;
  std::vector<diagnosis::Ignore> ignores;
  std::copy_if(attempt.accepted.ignores.begin(), attempt.accepted.ignores.end(), std::back_inserter(ignores),
               [](const diagnosis::Ignore& entry) { return !entry.file.empty(); });
  return {bundle::to_json(*attempt.deployment, redactor, hosts),
          bundle::redacted(*attempt.session.tape, redactor, probes::Tape::most_bytes, hosts),
          ignores.empty() ? "" : bundle::to_json(ignores, redactor, hosts)};
}

Written add_answers(bundle::Writer& writer, const Answers& answers) {
  using bundle::Filter;
  for (const auto& missing : answers.tape.missing) writer.miss(missing, true);
  if (!answers.ignores.empty()) {
    auto ignores = writer.add("answers/ignores.json", answers.ignores, Filter::document);
    if (!ignores) return ignores;
  }
  return writer.add("answers/deployment.json", answers.deployment, Filter::document).and_then([&] {
    return writer.add("answers/tape.json", answers.tape.tape.to_json(), Filter::document);
  });
}

/// The report that goes into the bundle: with hosts hidden that of the answers in it. The error says why there is none.
tl::expected<diagnosis::Report, std::string> report_of(const Bundling& with, const Attempt& attempt,
                                                       const Answers& answers) {
  if (!with.options.hide_hosts) return attempt.report;
  auto deployment = bundle::deployment_from_json(answers.deployment);
  auto tape = probes::Tape::from_json(answers.tape.tape.to_json());
  if (!deployment || !tape) return tl::unexpected{std::string{"the answers are too large to hide hosts in them"}};
  bundle::Opened opened{{}, *std::move(deployment), *std::move(tape), {}, {}};
  if (auto ignores = bundle::ignores_from_json(answers.ignores)) opened.ignores = *std::move(ignores);
  return examined_again(with, attempt, std::move(opened));
}

/// Nothing when hosts are to stay.
std::unique_ptr<const bundle::HiddenHosts> hidden_hosts(const Bundling& with, const Attempt& attempt) {
  if (!with.options.hide_hosts) return nullptr;
  const auto machine =
      bundle::this_machine(with.world.live(attempt.session), Deadline::after(list_limit, with.interrupt.token()));
  return std::make_unique<const bundle::HiddenHosts>(
      machine.key, bundle::known_hosts(*attempt.deployment, *attempt.session.tape, machine.name));
}

NotBundled failure(const Bundling& with, const std::string& message) {
  const int signal = with.interrupt.signal();
  if (signal != 0) return {"interrupted: no bundle was written", 128 + signal};
  return {message, 2};
}

NotBundled leak(const std::vector<std::string>& members) {
  std::vector<std::string> names;
  for (const auto& member : members) names.push_back(util::shown(member, 100));
  return {"no bundle was written, since a secret would be in it, in " + util::join(names, ", ") +
              ".\nLeave that out with --exclude; and this is a bug of doctor: please report it",
          leaked};
}

/// Everything that goes into the archive, which then has no name yet.
tl::expected<bundle::Manifest, std::string> filled(bundle::Writer& writer, const Bundling& with, const Attempt& attempt,
                                                   const Answers& answers, const Collecting& progress,
                                                   std::int64_t time) {
  const auto report = report_of(with, attempt, answers);
  if (!report) return tl::unexpected{report.error()};
  auto added =
      add_report(writer, with, *report, *attempt.redactor).and_then([&] { return add_answers(writer, answers); });
  if (!added) return tl::unexpected{added.error()};
  progress.now("collecting");
  auto items = items_of(with, attempt.deployment, attempt.session);
  added = bundle::add_all(
      writer, std::move(items), [&](const bundle::Item& item) { progress.now("collecting " + item.path()); },
      Deadline::after(collect_limit, with.interrupt.token()));
  if (!added) return tl::unexpected{added.error()};
  progress.now("packing");
  bundle::Manifest manifest;
  manifest.version = version;
  manifest.created = utc(time, "%Y-%m-%dT%H:%M:%SZ");
  manifest.label = util::shown(with.options.label, 200);
  manifest.options = options_of(with.command, with.options);
  return writer.finish(std::move(manifest));
}

/// The user's pages about this system. A page keeps its name, which says what it is about.
std::vector<bundle::Item> page_items(const std::vector<guides::OwnPage>& pages, const std::string& system) {
  std::vector<bundle::Item> items;
  for (const auto& page : pages) {
    if (guides::system_of_page(page.file) != system) continue;
    bundle::Item item;
    item.section = "guides";
    item.name = (items.empty() ? "" : std::to_string(items.size() + 1) + "/") + system + ".md";
    item.source = page.file;
    item.estimate = page.text.size();
    item.read = [text = page.text](const bundle::Take& take, std::uint64_t most,
                                   const Deadline&) -> Outcome<bundle::Collected> {
      take(std::string_view{text}.substr(0, most));
      return bundle::Collected{text.size() <= most, {}, {}};
    };
    items.push_back(std::move(item));
  }
  return items;
}

std::uint64_t size_of(const std::string& file) {
  struct stat status {};
  return stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

std::int64_t bundle_time() {
  const char* variable = std::getenv("SOURCE_DATE_EPOCH");
  const std::string_view text = variable == nullptr ? "" : variable;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t most = 253402300799;  // the end of the year 9999
  if (!text.empty() && error == std::errc{} && end == text.data() + text.size() && seconds >= 0 && seconds <= most)
    return seconds;
  return std::time(nullptr);
}

std::vector<bundle::Item> items_of(const Bundling& with, const std::shared_ptr<const Deployment>& deployment,
                                   const World::Session& session) {
  bundle::CollectOptions options;
  options.since = with.options.since;
  options.version = version;
  options.now = std::time(nullptr);
  auto items = page_items(with.guides.pages, deployment->system);
  auto collected = bundle::collect(deployment, session.tape, with.world.live(session), options,
                                   Deadline::after(list_limit, with.interrupt.token()));
  std::move(collected.begin(), collected.end(), std::back_inserter(items));
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&](const bundle::Item& item) { return !with.selection.takes(item.path()); }),
              items.end());
  return items;
}

tl::expected<Bundled, NotBundled> write_bundle(const Bundling& with, const Attempt& attempt) {
  if (with.interrupt.signal() != 0) return Failure{failure(with, "")};
  const auto time = bundle_time();
  const auto& options = with.options;
  const auto file = options.file.empty() ? default_name(attempt.deployment->system, options, time) : options.file;
  const Collecting progress{shows_progress(with.command.no_progress), with.err};
  bundle::WriterOptions writing;
  writing.compression = options.zstd ? bundle::Compression::zstd : bundle::Compression::gzip;
  writing.time = time;
  writing.most_bytes = options.most_bytes;
  writing.stop = with.interrupt.token();
  const auto hosts = hidden_hosts(with, attempt);
  writing.hosts = hosts.get();
  auto writer = bundle::Writer::open(file, writing, *attempt.redactor);
  if (!writer) return Failure{failure(with, writer.error())};
  auto manifest = filled(*writer, with, attempt, answers_of(attempt, hosts.get()), progress, time);
  if (!manifest) return Failure{failure(with, manifest.error())};
  progress.now("looking for secrets once more");
  const auto leaks = writer->leaks();
  if (!leaks) return Failure{failure(with, leaks.error())};
  if (!leaks->empty()) return Failure{leak(*leaks)};
  const auto committed = with.interrupt.signal() != 0 ? Written{tl::unexpected{std::string{}}} : writer->commit();
  if (!committed) return Failure{failure(with, committed.error())};
  return Bundled{file, size_of(file), std::move(*manifest)};
}

}  // namespace doctor::cli
