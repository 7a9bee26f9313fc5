// Runs a fuzz target without libFuzzer: its seeds, then deterministic mutations of them.
//
//   fuzz_NAME SEEDS [DICTIONARY]   all seeds, then DOCTOR_FUZZ_RUNS mutations (default 2,000)
//   fuzz_NAME FILE...              only these inputs
//
// An input that crashes the target, breaks a promise or takes more than 2 s of CPU ends the program with a signal, and
// is written to fuzz_NAME.input in the working directory.

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "corpus.hpp"
#include "property.hpp"

/// Of the sanitizers' run time; absent in a build without them.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace doctor::fuzz {
namespace {

constexpr std::size_t default_runs = 2'000;
constexpr time_t most_seconds = 2;

/// Signal handlers take no argument, so what they need is here. Set before the handlers are.
struct Current {
  std::array<char, 256> file{};
  std::atomic<const char*> data{nullptr};
  std::atomic<std::size_t> size{0};
};
Current current;

void say(std::string_view text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

/// Only async-signal-safe calls.
void keep_input() {
  const int file = open(current.file.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return;
  [[maybe_unused]] const auto written = write(file, current.data.load(), current.size.load());
  close(file);
  say("the input is in ");
  say(current.file.data());
  say("\n");
}

void on_signal(int signal) {
  say(signal == SIGPROF ? "one input took more than 2 s of CPU\n" : "the target crashed\n");
  keep_input();
  std::signal(signal, SIG_DFL);
  raise(signal);
}

/// SIGSEGV may be a stack that is full, so handlers have a stack of their own.
void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGPROF, SIGABRT}) sigaction(signal, &action, nullptr);
  if (&__sanitizer_set_death_callback != nullptr) {  // its own report of the other signals says more
    __sanitizer_set_death_callback(keep_input);
    return;
  }
  static std::array<char, 65536> stack;
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  sigaltstack(&other, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
}

/// CPU time, so that a busy machine makes nobody late.
void start_clock(time_t seconds) {
  itimerval limit{};
  limit.it_value.tv_sec = seconds;
  setitimer(ITIMER_PROF, &limit, nullptr);
}

/// noexcept: what a target throws is a crash.
void run(const std::string& input) noexcept {
  // An exact copy on the heap: a read behind the end is seen by the sanitizer.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  current.data = reinterpret_cast<const char*>(bytes.data());
  current.size = bytes.size();
  start_clock(most_seconds);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  start_clock(0);
}

std::size_t wanted_runs() {
  const char* text = std::getenv("DOCTOR_FUZZ_RUNS");
  return text == nullptr ? default_runs : std::strtoul(text, nullptr, 10);
}

void replay(const std::filesystem::path& directory, const std::filesystem::path& dictionary) {
  const auto seeds = read_seeds(directory);
  const auto words = read_dictionary(dictionary);
  for (const auto& seed : seeds) run(seed);
  Mutator mutator{seeds, words};
  const auto runs = wanted_runs();
  for (std::size_t i = 0; i < runs; ++i) run(mutator.next());
  std::printf("%zu seeds, %zu mutations\n", seeds.size(), runs);
}

}  // namespace
}  // namespace doctor::fuzz

int main(int count, char** arguments) try {
  using namespace doctor::fuzz;
  if (count < 2) {
    std::fprintf(stderr, "usage: %s SEEDS [DICTIONARY] | FILE...\n", arguments[0]);
    return 2;
  }
  const auto name = std::filesystem::path{arguments[0]}.filename().string() + ".input";
  std::snprintf(current.file.data(), current.file.size(), "%s", name.c_str());
  catch_signals();
  if (std::filesystem::is_directory(arguments[1])) {
    replay(arguments[1], count > 2 ? arguments[2] : "");
  } else {
    for (int i = 1; i < count; ++i) run(content_of(arguments[i]));
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
