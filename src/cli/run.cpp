#include "cli/run.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cli/again.hpp"
#include "cli/commands.hpp"
#include "cli/plugin_output.hpp"
#include "cli/version.hpp"
#include "util/crash.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// `doctor __complete -- WORD...`, which completion scripts call. It is no command: nobody types it.
std::optional<std::vector<std::string>> words_to_complete(int argc, char** argv) {
  if (argc < 3 || std::string_view{argv[1]} != "__complete" || std::string_view{argv[2]} != "--") return std::nullopt;
  return std::vector<std::string>{argv + 3, argv + argc};
}

/// So that no file or socket of ours ever becomes standard output.
void keep_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY) != descriptor)
      return;
}

/// A core file would hold every secret of the deployment.
void forbid_core_files() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

/// `doctor __again STATE ARGUMENT...`, which a run becomes when a check of it crashes. It is no command either.
Before run_before(int argc, char** argv) {
  const bool is_again = argc > 2 && std::string_view{argv[1]} == util::again;
  return read_before(is_again ? argv[2] : "", std::chrono::steady_clock::now());
}

/// The program and its own arguments.
std::vector<char*> own_arguments(int argc, char** argv, bool is_again) {
  std::vector<char*> own{argv, argv + argc};
  if (is_again) own.erase(own.begin() + 1, own.begin() + 3);
  own.push_back(nullptr);
  return own;
}

struct GoOn {
  const Before& before;
  template <class Command>
  void operator()(Command& command) const {
    if constexpr (std::is_base_of_v<CheckCommand, Command>)
      go_on_after(before, std::chrono::steady_clock::now(), command);
  }
};

struct Dispatch {
  Streams streams;
  int operator()(const CheckCommand& command) const { return check(command, streams); }
  int operator()(const BundleCommand& command) const { return bundle(command, streams); }
  int operator()(const ConfigCommand& command) const { return config(command, streams); }
  int operator()(const ExplainCommand& command) const { return explain(command, streams); }
  int operator()(const ListCommand& command) const { return list(command, streams); }
  int operator()(const DiffCommand& command) const { return diff(command, streams); }
  int operator()(const PlanCommand& command) const { return plan(command, streams); }
  int operator()(const InitCommand& command) const { return init(command, streams); }
  int operator()(const SchemaCommand& command) const { return schema(command, streams); }
  int operator()(const CompletionCommand& command) const { return completion(command, streams); }
  int operator()(const VersionCommand&) const {
    streams.out << "doctor " << version << '\n';
    return 0;
  }
};

int run_command(int argc, char** argv, Streams streams) {
  try {
    const auto before = run_before(argc, argv);
    auto own = own_arguments(argc, argv, !before.crashed.empty());
    util::survive_crashes(own.data() + 1, state_of(before));
    auto parsed = parse(static_cast<int>(own.size()) - 1, own.data(), streams.out, streams.err);
    if (!parsed.command) return parsed.exit;
    std::visit(GoOn{before}, *parsed.command);
    return std::visit(Dispatch{streams}, *parsed.command);
  } catch (const std::exception& fault) {
    streams.err << "doctor: a bug in doctor itself: " << util::shown(fault.what(), 300) << '\n';
    return 2;
  }
}

}  // namespace

int run(int argc, char** argv, Streams streams) {
  keep_standard_descriptors();
  forbid_core_files();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, as a full disk is
  if (const auto words = words_to_complete(argc, argv)) return complete_words(*words, streams);
  if (!wants_plugin_output(argc, argv)) return run_command(argc, argv, streams);
  PluginOutput plugin{streams};
  return plugin.ended(run_command(argc, argv, plugin.streams()));
}

}  // namespace doctor::cli
