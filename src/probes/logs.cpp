#include "probes/logs.hpp"

#include <algorithm>
#include <ctime>
#include <memory>

#include "logs/scanner.hpp"
#include "probes/files_failure.hpp"
#include "probes/log_source.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_bytes = 64U * 1024 * 1024;
constexpr std::uint64_t most_lines = 20'000;

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
  LogsAnswer answer(bool is_there, bool is_read, const std::string& source) const {
    const bool loops = container_.restarts > 0 && now_ - container_.started < crash_age;
    auto answer = loops && scanner_.unfinished() ? scanner_.previous() : scanner_.result();
    if (answer.lines == 0) answer = scanner_.result();
    answer.source = source;
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

class ProcessLog {
 public:
  ProcessLog(const logs::Patterns& patterns, const std::string& service, const Process& process)
      : since_{process.started - tolerance},
        scanner_{patterns, service, {since_, local_offset(), std::time(nullptr) - news}} {}

  std::int64_t since() const { return since_; }
  LogPieces pieces() {
    return {[this](std::string_view bytes) { scanner_.feed(bytes); }, [this] { scanner_.end_of_file(); }};
  }

  LogsAnswer answer(const Process& process, const LogRead& read) const {
    auto answer = scanner_.result();
    answer.source = read.source;
    const bool all_read = !read.cut || scanner_.previous().lines > 0;
    if (answer.since == 0) answer.since = process.started;
    answer.complete = !all_read || !scanner_.lacks_beginning();
    return answer;
  }

 private:
  std::int64_t since_;
  logs::Scanner scanner_;
};

Outcome<LogsAnswer> of_process(Helper& helper, const logs::Patterns& patterns, const Service& service,
                               const Process& process, const Deadline& deadline) {
  ProcessLog log{patterns, service.name, process};
  const auto read = process_log(helper, process, {most_bytes, log.since(), most_lines}, log.pieces(), deadline);
  if (!read) return Failed{read.error()};
  return log.answer(process, *read);
}

Outcome<LogsAnswer> of_container(Engine& engine, Helper& helper, const logs::Patterns& patterns, const Service& service,
                                 const Container& container, const Deadline& deadline) {
  auto log = std::make_unique<ContainerLog>(patterns, service.name, container);
  const auto read = container_log(
      engine, helper, container, {most_bytes, log->begin(), most_lines},
      [&](const logs::LogRecord& record) { log->line(record.line, record.at); },
      [&] { log = std::make_unique<ContainerLog>(patterns, service.name, container); }, deadline);
  if (!read) return Failed{read.error()};
  return log->answer(!read->gone, !read->cut, read->source);
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
