#include "probes/helper.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/files_failure.hpp"
#include "probes/helper_descriptor.hpp"
#include "probes/helper_frame.hpp"
#include "probes/helper_loop.hpp"

namespace doctor::probes {
namespace {

using Clock = std::chrono::steady_clock;

/// How often a waiting call looks whether the run was stopped.
constexpr std::chrono::milliseconds stop_interval{50};

ProbeFailure gave_up(const Deadline& deadline, Clock::time_point begun) {
  ProbeFailure failure;
  failure.kind = deadline.stopped() ? FailureKind::cancelled : FailureKind::timed_out;
  failure.detail = deadline.stopped() ? "the run was stopped" : "no answer from the file system";
  failure.phase = "answer";
  failure.waited = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  return failure;
}

/// False at the deadline.
bool wait_for(int descriptor, short events, const Deadline& deadline) {
  while (!deadline.expired()) {
    pollfd event{descriptor, events, 0};
    const auto slice = std::min(deadline.remaining(), stop_interval);
    if (poll(&event, 1, static_cast<int>(slice.count())) > 0) return true;
  }
  return false;
}

/// 0, or an errno; EAGAIN at the deadline.
int send_request(int socket, std::string text, int descriptor, const Deadline& deadline) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  for (;;) {
    if (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return 0;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return errno;
    if (!wait_for(socket, POLLOUT, deadline)) return EAGAIN;
  }
}

Outcome<std::string> read_answer(int pipe, const Deadline& deadline, Clock::time_point begun) {
  std::string bytes;
  std::string buffer(256 * 1024, '\0');
  for (;;) {
    if (!wait_for(pipe, POLLIN, deadline)) return Failed{gave_up(deadline, begun)};
    const auto count = read(pipe, buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) return failed(FailureKind::protocol_error, "", "the helper's job ended without an answer");
    bytes.append(buffer, 0, static_cast<std::size_t>(count));
    if (bytes.size() > Helper::most_answer + frame::head)
      return failed(FailureKind::too_large, "", "the answer is larger than 8 MB");
    if (auto answer = frame::decode(bytes)) return std::move(*answer);
  }
}

}  // namespace

std::unique_ptr<Helper> Helper::start(const std::vector<HelperJob>& jobs) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  Descriptor ours{ends[0]};
  Descriptor theirs{ends[1]};
  std::vector<std::string> names;
  for (const auto& job : jobs) names.emplace_back(job.name);
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) helper_loop(theirs.get(), self, jobs);
  return std::unique_ptr<Helper>{new Helper{pid, ours.release(), std::move(names)}};
}

Helper::Helper(pid_t pid, int socket, std::vector<std::string> names)
    : pid_{pid}, socket_{socket}, names_{std::move(names)} {}

Helper::~Helper() {
  close(socket_);
  kill(pid_, SIGKILL);  // its children die with it
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Outcome<std::string> Helper::call(std::string_view job, const std::string& request, const Deadline& deadline) {
  if (std::find(names_.begin(), names_.end(), job) == names_.end())
    throw std::invalid_argument("the helper has no such job");
  if (request.size() > most_request) return failed(FailureKind::too_large, "", "the question is larger than 64 kB");
  const auto begun = Clock::now();
  const Deadline limited = deadline.within(limit);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return failed_errno(errno, "pipe");
  Descriptor answer{ends[0]};
  Descriptor theirs{ends[1]};
  fcntl(answer.get(), F_SETFL, O_NONBLOCK);
  const int error = send_request(socket_, std::string{job} + '\n' + request, theirs.get(), limited);
  theirs.reset();
  if (error == EAGAIN) return Failed{gave_up(limited, begun)};
  if (error != 0) return failed_errno(error, "the helper process has ended");
  return read_answer(answer.get(), limited, begun);
}

}  // namespace doctor::probes
