#include "cli/interrupt.hpp"

#include <csignal>
#include <cstdlib>
#include <thread>

namespace doctor::cli {

Interrupt::Interrupt() : state_{std::make_shared<State>()} {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread{[state = state_, signals] {
    for (;;) {
      int signal = 0;
      if (sigwait(&signals, &signal) != 0) return;
      if (signal == SIGINT && state->is_paging) continue;
      if (state->signal.exchange(signal) != 0) std::_Exit(128 + signal);
      state->stop.request_stop();
    }
  }}.detach();
}

}  // namespace doctor::cli
