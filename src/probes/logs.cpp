#include "probes/logs.hpp"

#include <algorithm>
#include <ctime>

#include "logs/docker.hpp"
#include "logs/scanner.hpp"
#include "probes/files_failure.hpp"
#include "probes/log_files.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_bytes = 64U * 1024 * 1024;

/// How far back the run before the last one is looked for when a container starts again and again, and how young the
/// last one is then.
constexpr std::int64_t crash_history = 3600;
constexpr std::int64_t crash_age = 60;

/// What ended the run before is news for a day; its last lines stand in the minutes before its end.
constexpr std::int64_t news = 86'400;
constexpr std::int64_t last_minutes = 300;

/// The kernel's start time of a process, and the clock of its log, are exact to about a second.
constexpr std::int64_t tolerance = 2;

std::int64_t local_offset() {
  const auto now = std::time(nullptr);
  tm parts{};
  return localtime_r(&now, &parts) == nullptr ? 0 : parts.tm_gmtoff;
}

/// Lines of a container as its log driver hands them over.
class ContainerLog {
 public:
  ContainerLog(const logs::Patterns& patterns, const std::string& service, const Container& container)
      : container_{container},
        now_{std::time(nullptr)},
        scanner_{patterns, service, {container.started, 0, now_ - news}} {}

  /// Lines from then on are wanted.
  std::int64_t begin() const {
    const auto& one = container_;
    const bool has_ended = one.finished != 0 && one.finished <= one.started && one.finished > now_ - news;
    const auto last_words = has_ended ? one.finished - last_minutes : one.started;
    return std::min(one.started - (one.restarts > 0 ? crash_history : 0), last_words);
  }

  void line(std::string_view text, std::int64_t at) {
    older_ = older_ || (at != 0 && at < container_.started);
    if (at == 0 || at >= begin()) scanner_.line(text, at);
  }

  /// `is_there`: nothing is known to be gone from the beginning; `is_read`: nor was any of it left unread.
  LogsAnswer answer(bool is_there, bool is_read) const {
    const bool loops = container_.restarts > 0 && now_ - container_.started < crash_age;
    auto answer = loops && scanner_.unfinished() ? scanner_.previous() : scanner_.result();
    if (answer.lines == 0) answer = scanner_.result();
    answer.source = "container " + util::shown(container_.name);
    const bool all_read = is_read || older_ || answer.since == 0;
    if (all_read && (answer.since == 0 || answer.since > container_.started)) answer.since = container_.started;
    answer.complete = older_ || (is_there && (!is_read || !scanner_.lacks_beginning()));
    return answer;
  }

 private:
  const Container& container_;
  std::int64_t now_;
  logs::Scanner scanner_;
  bool older_ = false;
};

/// Where the newest 64 MB of several files, oldest first, begin.
struct Selection {
  std::vector<std::uint64_t> offsets;  ///< of each file
  bool cut = false;
};
Selection newest(const std::vector<LogFile>& files) {
  Selection selection{std::vector<std::uint64_t>(files.size(), 0), false};
  std::uint64_t room = most_bytes;
  for (std::size_t i = files.size(); i-- > 0;) {
    const auto kept = std::min(room, files[i].size);
    selection.offsets[i] = files[i].size - kept;
    selection.cut = selection.cut || selection.offsets[i] > 0;
    room -= kept;
  }
  return selection;
}

/// The file of the driver and those it has set aside, oldest first. The newest one must be there.
Outcome<std::vector<LogFile>> json_files(Helper& helper, const Container& container, std::int64_t begin,
                                         const Deadline& deadline) {
  std::vector<LogFile> files;
  for (const auto* suffix : {".2", ".1"}) {
    auto older = log_file(helper, container.log_path + suffix, deadline);
    if (older && older->modified >= begin) files.push_back(std::move(*older));
  }
  auto current = log_file(helper, container.log_path, deadline);
  if (!current) return Failed{std::move(current.error())};
  files.push_back(std::move(*current));
  return files;
}

Outcome<LogsAnswer> from_json_files(Helper& helper, const Container& container, ContainerLog& log,
                                    const Deadline& deadline) {
  const auto files = json_files(helper, container, log.begin(), deadline);
  if (!files) return Failed{files.error()};
  const auto [offsets, cut] = newest(*files);
  logs::JsonFileReader reader{[&](std::string_view line, std::int64_t at) { log.line(line, at); }};
  for (std::size_t i = 0; i < files->size(); ++i) {
    const auto read = read_log(
        helper, (*files)[i], offsets[i], [&](std::string_view bytes) { reader.feed(bytes); }, deadline);
    if (!read) return Failed{read.error()};
  }
  reader.finish();
  constexpr std::size_t all = 3;  // what stood before the oldest of them is gone
  return log.answer(files->size() < all, !cut);
}

Outcome<LogsAnswer> from_engine(Engine& engine, const Container& container, ContainerLog& log,
                                const Deadline& deadline) {
  const auto all_read = engine.logs(
      {container.id, container.tty, log.begin()}, [&](std::string_view line, std::int64_t at) { log.line(line, at); },
      deadline);
  if (!all_read) return Failed{all_read.error()};
  return log.answer(true, *all_read);
}

std::string reason_of(const std::vector<LogOutput>& outputs) {
  const auto kind = outputs.empty() ? std::string{} : outputs.front().kind;
  if (kind == "pipe") return "its output goes to a pipe";
  if (kind == "socket") return "its output goes to the journal";
  if (kind == "terminal") return "its output goes to a terminal";
  return "its output is thrown away";
}

/// The regular files among them, each once.
std::vector<LogOutput> files_of(const std::vector<LogOutput>& outputs) {
  std::vector<LogOutput> files;
  for (const auto& output : outputs) {
    const auto same = [&](const LogOutput& other) { return other.file == output.file; };
    if (output.kind == "file" && std::none_of(files.begin(), files.end(), same)) files.push_back(output);
  }
  return files;
}

class ProcessLog {
 public:
  ProcessLog(const logs::Patterns& patterns, const std::string& service, const Process& process)
      : since_{process.started - tolerance},
        scanner_{patterns, service, {since_, local_offset(), std::time(nullptr) - news}} {}

  Outcome<void> read(Helper& helper, const LogOutput& output, const Deadline& deadline) {
    const auto file = log_file(helper, output.opened, deadline);
    if (!file) return Failed{file.error()};
    if (file->modified < since_) return {};
    const auto offset = file->size > most_bytes ? file->size - most_bytes : 0;
    bool begun = offset == 0;  // else the first line is half of one
    auto done = read_log(
        helper, *file, offset,
        [&](std::string_view bytes) {
          if (!begun) bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size()));
          begun = true;
          scanner_.feed(bytes);
        },
        deadline);
    if (!done) return done;
    scanner_.end_of_file();
    cut_ = cut_ || offset > 0;
    sources_.push_back(util::shown(output.shown));
    return {};
  }

  LogsAnswer answer(const Process& process) const {
    auto answer = scanner_.result();
    answer.source = util::join(sources_, ", ");
    const bool all_read = !cut_ || scanner_.previous().lines > 0;
    if (answer.since == 0) answer.since = process.started;
    answer.complete = !all_read || !scanner_.lacks_beginning();
    return answer;
  }

 private:
  std::int64_t since_;
  logs::Scanner scanner_;
  bool cut_ = false;
  std::vector<std::string> sources_;
};

Outcome<LogsAnswer> of_process(Helper& helper, const logs::Patterns& patterns, const Service& service,
                               const Process& process, const Deadline& deadline) {
  const auto outputs = log_outputs(helper, process.pid, deadline);
  if (!outputs) return Failed{outputs.error()};
  const auto files = files_of(*outputs);
  if (files.empty()) return failed(FailureKind::not_found, "", reason_of(*outputs));
  ProcessLog log{patterns, service.name, process};
  for (const auto& output : files)
    if (auto read = log.read(helper, output, deadline); !read) return Failed{std::move(read.error())};
  return log.answer(process);
}

Outcome<LogsAnswer> of_container(Engine& engine, Helper& helper, const logs::Patterns& patterns, const Service& service,
                                 const Container& container, const Deadline& deadline) {
  if (container.started == 0) return failed(FailureKind::not_found, "", "its container was never started");
  if (container.log_driver == "none") return failed(FailureKind::not_found, "", "its container keeps no log");
  if (container.log_driver == "json-file" && !container.log_path.empty()) {
    ContainerLog log{patterns, service.name, container};
    if (auto answer = from_json_files(helper, container, log, deadline)) return answer;
  }
  ContainerLog log{patterns, service.name, container};
  return from_engine(engine, container, log, deadline);
}

}  // namespace

Outcome<LogsAnswer> LogsProbe::ask(const LogsQuestion& question, const Deadline& deadline) {
  const auto* service = deployment_->service(question.service);
  if (service == nullptr) return failed(FailureKind::not_found, "", "there is no such service");
  if (service->container) return of_container(*engine_, *helper_, patterns_, *service, *service->container, deadline);
  if (service->process) return of_process(*helper_, patterns_, *service, *service->process, deadline);
  return failed(FailureKind::not_found, "", "it does not run");
}

}  // namespace doctor::probes
