#include "probes/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include "probes/files_failure.hpp"
#include "probes/helper_descriptor.hpp"
#include "probes/trusted_file.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds slice{20};  ///< how soon an end or a stop is noticed

struct Pipe {
  Descriptor read;
  Descriptor write;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Descriptor{ends[0]}, Descriptor{ends[1]}};
}

bool does_not_block(const Descriptor& descriptor) {
  return fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK) == 0;
}

/// What posix_spawn(3) is told; freed at the end.
class SpawnPlan {
 public:
  SpawnPlan(const Pipe& in, const Pipe& out, const Pipe& err, const std::string& directory) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    posix_spawn_file_actions_adddup2(&actions_, in.read.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err.write.get(), STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t all{};
    sigfillset(&all);
    sigset_t none{};
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  /// 0, or the errno.
  int start(const ProgramCall& call, pid_t& pid) const {
    std::vector<std::string> words{call.path};
    words.insert(words.end(), call.arguments.begin(), call.arguments.end());
    std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                         "LC_ALL=C.UTF-8", "DOCTOR_PLUGIN=v1"};
    return posix_spawn(&pid, call.path.c_str(), &actions_, &attributes_, pointers(words).data(),
                       pointers(environment).data());
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// A child and its group; killed and reaped at the end.
class Group {
 public:
  explicit Group(pid_t pid) : pid_{pid} {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() {
    kill(-pid_, SIGKILL);
    constexpr int patience = 50;  // a child that hangs in the kernel stays behind
    for (int i = 0; i < patience && !ended(); ++i) std::this_thread::sleep_for(milliseconds{10});
  }

  bool ended() {
    if (status_) return true;
    int status = 0;
    const auto done = waitpid(pid_, &status, WNOHANG);
    if (done == pid_) status_ = status;
    return done != 0;
  }
  std::optional<int> status() const { return status_; }

 private:
  pid_t pid_;
  std::optional<int> status_;
};

/// Moves bytes between the child and us until it has ended.
class Conversation {
 public:
  Conversation(const ProgramCall& call, Descriptor in, Descriptor out, Descriptor err)
      : rest_{call.input},
        most_output_{call.most_output},
        in_{std::move(in)},
        out_{std::move(out)},
        err_{std::move(err)} {
    if (rest_.empty()) in_.reset();
  }

  /// Nothing: it has ended.
  std::optional<ProbeFailure> until_end(Group& group, const Deadline& deadline) {
    for (bool last = false;;) {
      if (!last) wait();
      write_some();
      read_some(out_, end_.out, most_output_ + 1);
      read_some(err_, end_.err, most_program_errors);
      if (end_.out.size() > most_output_)
        return failed(FailureKind::too_large, "",
                      "it printed more than " + util::bytes(static_cast<std::uint64_t>(most_output_)))
            .value();
      if (last) return std::nullopt;
      last = group.ended();  // what it wrote before its end is read once more
      if (last) continue;
      if (deadline.stopped()) return failed(FailureKind::cancelled, "", "stopped").value();
      if (deadline.expired())
        return failed(FailureKind::timed_out, "", "it had not ended by then and was killed").value();
    }
  }

  ProgramEnd& end() { return end_; }

 private:
  void wait() {
    std::array<pollfd, 3> all{{{in_.get(), POLLOUT, 0}, {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
    poll(all.data(), all.size(), static_cast<int>(slice.count()));  // negative descriptors are ignored
  }

  void write_some() {
    if (!in_) return;
    const auto count = write(in_.get(), rest_.data(), rest_.size());
    if (count > 0) rest_.remove_prefix(static_cast<std::size_t>(count));
    if (rest_.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) in_.reset();  // it need not read everything
  }

  /// Keeps the first `most` bytes and drops the others.
  static void read_some(Descriptor& from, std::string& into, std::size_t most) {
    std::array<char, 16 * 1024> buffer{};
    for (int i = 0; from && i < 16; ++i) {
      const auto count = read(from.get(), buffer.data(), buffer.size());
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (count <= 0) return from.reset();
      into.append(buffer.data(), std::min(static_cast<std::size_t>(count), most - std::min(most, into.size())));
    }
  }

  std::string_view rest_;
  std::size_t most_output_;
  Descriptor in_;
  Descriptor out_;
  Descriptor err_;
  ProgramEnd end_;
};

}  // namespace

Outcome<ProgramEnd> run_program(const ProgramCall& call, const Deadline& deadline) {
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  if (!in || !out || !err) return failed_errno(errno, "no pipe could be made");
  if (!does_not_block(in->write) || !does_not_block(out->read) || !does_not_block(err->read))
    return failed_errno(errno, "a pipe cannot be used");
  pid_t pid = 0;
  const SpawnPlan plan{*in, *out, *err, call.directory.empty() ? "/" : call.directory};
  if (const int error = plan.start(call, pid); error != 0) return failed_errno(error, "it cannot be started");
  Group group{pid};
  for (auto* end : {&in->read, &out->write, &err->write}) end->reset();
  Conversation conversation{call, std::move(in->write), std::move(out->read), std::move(err->read)};
  if (auto failure = conversation.until_end(group, deadline)) return Failed{std::move(*failure)};
  const auto status = group.status();
  if (!status || !WIFEXITED(*status))
    return failed(FailureKind::protocol_error, status ? "signal " + std::to_string(WTERMSIG(*status)) : "",
                  "a signal ended it");
  conversation.end().exit_code = WEXITSTATUS(*status);
  return std::move(conversation.end());
}

ProgramTrust trust_program(const std::string& path) {
  std::array<char, PATH_MAX> real{};
  if (realpath(path.c_str(), real.data()) == nullptr) return {path, "it cannot be found"};
  const std::string resolved{real.data()};
  struct stat status {};
  if (lstat(resolved.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {resolved, "it is not a file"};
  if (access(resolved.c_str(), X_OK) != 0) return {resolved, "it is not executable"};
  for (std::string part = resolved;;) {
    if (lstat(part.c_str(), &status) != 0) return {resolved, util::shown(part) + " cannot be examined"};
    if (const auto why = who_may_write(status); !why.empty())
      return {resolved, (part == resolved ? "it " : "the folder " + util::shown(part) + " ") + why};
    if (part == "/") return {resolved, {}};
    const auto slash = part.rfind('/');
    part = slash == 0 ? "/" : part.substr(0, slash);
  }
}

}  // namespace doctor::probes
