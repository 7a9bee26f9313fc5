#pragma once

#include <atomic>
#include <memory>
#include <stop_token>

namespace doctor::cli {

/// Turns SIGINT and SIGTERM into a stop request; a second one ends the process at once. Create it before any other
/// thread: it blocks the two signals in the caller, and every later thread inherits that. One per process.
class Interrupt {
 public:
  Interrupt();

  std::stop_token token() const { return state_->stop.get_token(); }
  /// The signal that came, 0 for none.
  int signal() const { return state_->signal.load(); }
  /// The exit code of a run that came to nothing: `code`, or 130 or 143 where a signal is why.
  int code_or(int code) const { return signal() == 0 ? code : 128 + signal(); }

  /// From now on SIGINT is not for doctor: a pager has the terminal, and Ctrl-C is a key there.
  void leave_to_pager() const { state_->is_paging = true; }

 private:
  struct State {
    std::stop_source stop;
    std::atomic<int> signal{0};
    std::atomic<bool> is_paging{false};
  };
  std::shared_ptr<State> state_;
};

}  // namespace doctor::cli
