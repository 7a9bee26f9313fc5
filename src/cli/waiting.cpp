#include "cli/waiting.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <sstream>

#include "cli/terminal.hpp"
#include "diagnosis/waiting.hpp"
#include "render/waiting.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Sleeps, unless the user interrupts.
void pause(milliseconds span, const Interrupt& interrupt) {
  std::mutex mutex;
  std::condition_variable_any nothing;
  std::unique_lock lock{mutex};
  nothing.wait_for(lock, interrupt.token(), span, [] { return false; });
}

/// What is told while doctor waits.
class Told {
 public:
  Told(const CheckCommand& command, std::ostream& err)
      : is_line_{shows_progress(command.no_progress)},
        is_quiet_{command.output.quiet},
        wait_{command.wait},
        err_{err} {}
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  ~Told() { clear(); }

  void changed(const std::vector<diagnosis::WaitHistory::Event>& events, const redact::Redactor& redactor) const {
    if (is_line_ || is_quiet_) return;
    for (const auto& [kind, change] : events)
      err_ << "doctor: after " << render::seconds_text(change.after_ms) << ' ' << kind << ": "
           << util::shown(redactor.redact(render::change_text(change)), 300) << '\n';
    err_ << std::flush;
  }

  void waits(milliseconds waited, int attempt, const diagnosis::WaitHistory& history,
             const redact::Redactor& redactor) const {
    constexpr std::size_t dots = 4;  // that tell of a cut, and the last column, which would begin a new line
    if (!is_line_) return;
    auto line = "waiting " + std::to_string(waited.count() / 1000) + " s of " +
                util::duration(duration_cast<std::chrono::seconds>(wait_).count()) + ", run " + std::to_string(attempt);
    const auto failing = history.failing();
    if (history.unexamined() > 0) line += ", " + std::to_string(history.unexamined()) + " not examined";
    if (!failing.empty()) line += ", " + std::to_string(failing.size()) + " to go: " + failing.front().title;
    err_ << "\r\x1b[K" << util::shown(redactor.redact(line), progress_columns() - dots) << std::flush;
  }

  void clear() const {
    if (is_line_) err_ << "\r\x1b[K" << std::flush;
  }

 private:
  bool is_line_;
  bool is_quiet_;
  milliseconds wait_;
  std::ostream& err_;
};

/// The runs of one --wait.
class Wait {
 public:
  Wait(const CheckCommand& command, Examiner& examiner, const Interrupt& interrupt, Streams streams)
      : command_{command},
        examiner_{examiner},
        interrupt_{interrupt},
        streams_{streams},
        told_{command, streams.err},
        history_{command.fail_on, command.allow_incomplete} {}

  std::optional<Attempt> run() {
    while (examine() && !reached_ && interrupt_.signal() == 0 && sleep() && interrupt_.signal() == 0) {
    }
    told_.clear();
    const bool is_interrupted = last_ && interrupt_.signal() != 0;
    if (!problem_.empty() && !is_interrupted) {
      streams_.err << problem_;
      return std::nullopt;
    }
    if (is_interrupted) last_->report.interrupted_by = interrupt_.signal();
    last_->report.waiting = history_.waiting();
    last_->report.waiting->waited_ms = waited().count();
    last_->report.waiting->reached = reached_;
    return std::move(last_);
  }

 private:
  milliseconds waited() const { return duration_cast<milliseconds>(steady_clock::now() - begin_); }
  milliseconds left() const { return std::max(command_.wait - waited(), milliseconds{0}); }

  /// False: there is nothing to examine, and this was the first run. Later it may come back.
  bool examine() {
    constexpr milliseconds least{500};
    const auto limit = std::max(left(), least);
    std::ostringstream messages;
    auto attempt = examiner_.attempt({streams_.out, messages}, limit);
    problem_ = attempt ? std::string{} : messages.str();
    if (!attempt) return last_.has_value();
    streams_.err << messages.str();
    took_ = attempt->took;
    if (was_cut(*attempt)) return true;  // the run before tells more
    told_.changed(history_.add(attempt->report, waited().count()), *attempt->redactor);
    reached_ = diagnosis::exit_code(attempt->report, command_.fail_on, command_.allow_incomplete) == 0;
    ++attempts_;
    last_ = std::move(attempt);
    told_.waits(waited(), attempts_, history_, *last_->redactor);
    return true;
  }

  /// The limit came while it ran, and so it saw less than the run before.
  bool was_cut(const Attempt& attempt) const {
    constexpr milliseconds slack{1000};  // questions without time left are not asked, so that a cut run ends early
    if (!last_ || interrupt_.signal() != 0 || left() > slack) return false;
    return !attempt.report.complete || attempt.report.unexamined.size() > last_->report.unexamined.size();
  }

  /// Until the next run. The last one begins early enough to end in time. False: there is no time for another.
  bool sleep() const {
    const auto span = std::min(command_.interval, left() - took_);
    if (span.count() <= 0) return false;
    const auto until = steady_clock::now() + span;
    for (auto now = steady_clock::now(); now < until && interrupt_.signal() == 0; now = steady_clock::now()) {
      pause(std::min(duration_cast<milliseconds>(until - now) + milliseconds{1}, milliseconds{1000}), interrupt_);
      told_.waits(waited(), attempts_, history_, *last_->redactor);
    }
    return true;
  }

  const CheckCommand& command_;
  Examiner& examiner_;
  const Interrupt& interrupt_;
  Streams streams_;
  Told told_;
  diagnosis::WaitHistory history_;
  steady_clock::time_point begin_ = steady_clock::now();
  std::optional<Attempt> last_;
  std::string problem_;
  milliseconds took_{0};
  int attempts_ = 0;
  bool reached_ = false;
};

}  // namespace

std::optional<Attempt> wait_until_healthy(const CheckCommand& command, Examiner& examiner, const Interrupt& interrupt,
                                          Streams streams) {
  return Wait{command, examiner, interrupt, streams}.run();
}

int watch(const CheckCommand& command, Examiner& examiner, const Interrupt& interrupt, Streams streams) {
  std::optional<int> code;
  while (interrupt.signal() == 0) {
    std::ostringstream messages;
    const auto attempt = examiner.attempt({streams.out, messages});
    if (interrupt.signal() != 0) break;
    if (attempt) code = diagnosis::exit_code(attempt->report, command.fail_on, command.allow_incomplete);
    streams.out << "\x1b[H\x1b[2J" << messages.str()
                << (attempt ? rendered(attempt->report, command, *attempt->redactor) : std::string{}) << "\nEvery "
                << render::seconds_text(command.interval.count()) << " until Ctrl-C." << std::endl;
    if (!attempt) code = 2;
    pause(command.interval, interrupt);
  }
  streams.out << std::endl;
  return code.value_or(interrupt.code_or(0));
}

std::string waiting_problem(const CheckCommand& command) {
  if (!command.watch) return {};
  if (command.wait.count() > 0) return "--watch goes on until it is interrupted, and --wait ends: give one of them";
  if (!command.output.output.empty()) return "--watch draws on the terminal: it does not go with --output";
  if (!command.bundle_file.empty()) return "--watch has no end: it does not go with --bundle";
  if (isatty(STDOUT_FILENO) == 0) return "--watch redraws a terminal, and standard output is none. See --wait";
  return {};
}

}  // namespace doctor::cli
