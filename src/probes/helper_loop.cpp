#include "probes/helper_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/files_failure.hpp"
#include "probes/helper_descriptor.hpp"
#include "probes/helper_frame.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_children = 64;

/// A running job. The helper keeps the write end of its pipe: poll(2) then reports when the caller has gone.
struct Child {
  pid_t pid = 0;
  Descriptor answer;
};

struct Request {
  std::string job;
  std::string text;
  Descriptor answer;
};

void close_from(unsigned first) {
  if (syscall(SYS_close_range, first, ~0U, 0U) == 0) return;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto most = static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, 65536));
  for (unsigned i = first; i < most; ++i) close(static_cast<int>(i));  // a kernel before 5.9
}

/// Nothing of the helper may keep a terminal or a pipe of the parent open: a reader of its output would wait for us.
void detach_standard_streams() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i <= 2; ++i)
    if (null >= 0) dup2(null, i);
}

void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it died before the line above
}

void ignore_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(number, SIG_IGN);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);  // what jobs read may be secret
}

void write_all(int descriptor, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto count = write(descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno != EINTR) return;  // the caller has given up
    if (count > 0) done += static_cast<std::size_t>(count);
  }
}

Outcome<std::string> run_job(const std::vector<HelperJob>& jobs, const Request& request) {
  const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const HelperJob& j) { return j.name == request.job; });
  if (job == jobs.end()) return failed(FailureKind::protocol_error, "", "the helper does not know this job");
  try {
    return job->run(request.text);
  } catch (const std::exception&) {  // its text may carry what was read
    return failed(FailureKind::protocol_error, "", "the helper's job failed");
  }
}

[[noreturn]] void child_main(const std::vector<HelperJob>& jobs, const Request& request, pid_t helper) {
  die_with(helper);
  constexpr int answer = 3;
  if (request.answer.get() != answer) dup2(request.answer.get(), answer);
  close_from(answer + 1);
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  write_all(answer, frame::encode(run_job(jobs, request)));
  _exit(0);
}

Descriptor descriptor_in(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    int number = -1;
    std::memcpy(&number, CMSG_DATA(part), sizeof number);
    return Descriptor{number};
  }
  return Descriptor{};
}

/// False when the parent has gone.
bool receive(int socket, Request& request) {
  std::string buffer(Helper::most_request + 256, '\0');
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t count = -1;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  buffer.resize(static_cast<std::size_t>(count));
  const auto line = buffer.find('\n');
  request.job = buffer.substr(0, line);
  request.text = line == std::string::npos ? std::string{} : buffer.substr(line + 1);
  request.answer = descriptor_in(message);
  return true;
}

class Loop {
 public:
  Loop(int socket, int signals, const std::vector<HelperJob>& jobs)
      : socket_{socket}, signals_{signals}, jobs_{jobs}, self_{getpid()} {}

  void run() {
    for (;;) {
      auto events = wait_for_events();
      if (events[1].revents != 0) reap();
      kill_abandoned(events);
      Request request;
      if ((events[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      if (!receive(socket_, request)) return;
      if (request.answer) begin(std::move(request));
    }
  }

  void kill_all() const {
    for (const auto& child : children_) kill(child.pid, SIGKILL);
  }

 private:
  std::vector<pollfd> wait_for_events() const {
    std::vector<pollfd> events{{socket_, POLLIN, 0}, {signals_, POLLIN, 0}};
    for (const auto& child : children_) events.push_back({child.answer.get(), 0, 0});
    while (poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
    }
    return events;
  }

  void reap() {
    signalfd_siginfo news{};
    while (read(signals_, &news, sizeof news) > 0) {
    }
    for (;;) {
      const pid_t pid = waitpid(-1, nullptr, WNOHANG);
      if (pid <= 0) return;
      std::erase_if(children_, [&](const Child& child) { return child.pid == pid; });
    }
  }

  /// The pipe of a caller that gave up has no reader: POLLERR. The child may hang in the kernel and outlive the signal;
  /// it is reaped when it comes back.
  void kill_abandoned(const std::vector<pollfd>& events) {
    for (auto& child : children_) {
      const bool gone = std::any_of(events.begin() + 2, events.end(), [&](const pollfd& event) {
        return child.answer && event.fd == child.answer.get() && (event.revents & POLLERR) != 0;
      });
      if (!gone) continue;
      kill(child.pid, SIGKILL);
      child.answer.reset();
    }
  }

  void begin(Request request) {
    const pid_t pid = children_.size() < most_children ? fork() : -1;
    if (pid == 0) child_main(jobs_, request, self_);
    if (pid > 0) {
      children_.push_back({pid, std::move(request.answer)});
      return;
    }
    const auto refusal = failed(FailureKind::protocol_error, "EAGAIN", "too many calls hang at once");
    write_all(request.answer.get(), frame::encode(Outcome<std::string>{refusal}));
  }

  int socket_;
  int signals_;
  const std::vector<HelperJob>& jobs_;
  pid_t self_;
  std::vector<Child> children_;
};

}  // namespace

void helper_loop(int socket, pid_t parent, const std::vector<HelperJob>& jobs) {
  die_with(parent);
  prctl(PR_SET_NAME, "doctor-helper");
  ignore_signals();
  constexpr int own_socket = 3;
  if (socket != own_socket) dup2(socket, own_socket);
  detach_standard_streams();
  close_from(own_socket + 1);
  sigset_t child{};
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_SETMASK, &child, nullptr);
  const int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  Loop loop{own_socket, signals, jobs};
  loop.run();
  loop.kill_all();
  _exit(0);
}

}  // namespace doctor::probes
