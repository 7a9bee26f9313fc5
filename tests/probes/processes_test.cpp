#include "probes/processes.hpp"

#include <ctime>

#include <array>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/clock.hpp"
#include "probes/files_support.hpp"
#include "support/catch.hpp"

using namespace doctor;
using test::soon;
using test::TemporaryDirectory;

namespace {

/// A copy of sleep(1) under a name of our own, running as the given user with two variables.
class Program {
 public:
  explicit Program(const TemporaryDirectory& folder, bool own_pid_namespace = false) {
    path_ = folder / "doctor-probe-sleep";
    std::filesystem::copy_file("/bin/sleep", path_, std::filesystem::copy_options::skip_existing);
    std::array<int, 2> ready{};
    if (pipe2(ready.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    if (own_pid_namespace && unshare(CLONE_NEWPID) != 0) throw std::runtime_error("unshare");
    pid_ = fork();
    if (pid_ == 0) run(folder);
    close(ready[1]);
    char byte = 0;
    while (read(ready[0], &byte, 1) > 0) {  // until exec closes the other end
    }
    close(ready[0]);
  }
  ~Program() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& path() const { return path_; }

 private:
  [[noreturn]] void run(const TemporaryDirectory& folder) const {
    const std::array<gid_t, 2> groups{3000, 4000};
    if (chdir(folder.path().c_str()) != 0) _exit(1);
    if (geteuid() == 0 && (setgroups(groups.size(), groups.data()) != 0 || setgid(3000) != 0 || setuid(2000) != 0))
      _exit(1);
    std::string name = "sleep";
    std::string seconds = "60";
    std::array<char*, 3> arguments{name.data(), seconds.data(), nullptr};
    std::string plain = "PLAIN=a=b";
    std::string bytes = "BYTES=\xff\n";
    std::string twice = "PLAIN=second";
    std::string bare = "BARE";
    std::array<char*, 5> environment{plain.data(), bytes.data(), twice.data(), bare.data(), nullptr};
    execve(path_.c_str(), arguments.data(), environment.data());
    _exit(1);
  }

  std::string path_;
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("a process is found by its program's file name and described") {
  const TemporaryDirectory folder;
  const auto helper = probes::Helper::start();
  const auto before = std::time(nullptr);
  const Program program{folder};
  const auto found = probes::find_processes(*helper, {"doctor-probe-sleep", false}, soon()).value();
  REQUIRE(found.size() == 1);
  const auto& process = found.front().process;
  CHECK(process.pid == program.pid());
  CHECK(process.exe == program.path());
  CHECK(process.directory == folder.path());
  CHECK(process.started >= before - 2);
  CHECK(process.started <= std::time(nullptr) + 2);
  CHECK(found.front().container.empty());
  CHECK(found.front().arguments == std::vector<std::string>{"60"});
  if (geteuid() == 0) {
    CHECK(process.uid == 2000);
    CHECK(process.gids == std::vector<std::uint32_t>{3000, 4000});
  }
}

TEST_CASE("argv[0] does not stand for a program whose path is known") {
  const TemporaryDirectory folder;
  const auto helper = probes::Helper::start();
  const Program program{folder};
  const auto sleeping = probes::find_processes(*helper, {"sleep", true}, soon()).value();
  for (const auto& found : sleeping) CHECK(found.process.pid != program.pid());
  CHECK(probes::find_processes(*helper, {"no-such-program", true}, soon()).value().empty());
  CHECK(probes::find_processes(*helper, {"", true}, soon()).value().empty());
}

TEST_CASE("a replaced program keeps its name") {
  const TemporaryDirectory folder;
  const auto helper = probes::Helper::start();
  const Program program{folder};
  std::filesystem::remove(program.path());
  const auto found = probes::find_processes(*helper, {"doctor-probe-sleep", false}, soon()).value();
  REQUIRE(found.size() == 1);
  CHECK(found.front().process.exe == program.path());
}

TEST_CASE("the environment of a process, byte by byte") {
  const TemporaryDirectory folder;
  const auto helper = probes::Helper::start();
  const Program program{folder};
  const auto variables = probes::process_environment(*helper, program.pid(), soon()).value();
  CHECK(variables == std::map<std::string, std::string>{{"PLAIN", "a=b"}, {"BYTES", "\xff\n"}});
  CHECK(probes::process_environment(*helper, 2'000'000'000, soon()).error().kind == FailureKind::not_found);
}

TEST_CASE("without the right, a process is known by argv[0] and its environment is refused") {
  if (geteuid() != 0) return;
  const TemporaryDirectory folder;
  REQUIRE(seteuid(65534) == 0);
  const auto helper = probes::Helper::start();
  REQUIRE(seteuid(0) == 0);
  const Program program{folder};
  bool seen = false;
  const auto sleeping = probes::find_processes(*helper, {"sleep", false}, soon()).value();
  for (const auto& found : sleeping) seen = seen || found.process.pid == program.pid();
  CHECK(seen);
  CHECK(probes::process_environment(*helper, program.pid(), soon()).error().kind == FailureKind::permission_denied);
}

TEST_CASE("a process of another pid namespace counts only when asked for") {
  if (geteuid() != 0) return;
  const TemporaryDirectory folder;
  const pid_t tester = fork();  // unshare(2) is for good: not in the process that runs the other tests
  if (tester == 0) {
    const auto helper = probes::Helper::start();
    const Program program{folder, true};
    const auto outside = probes::find_processes(*helper, {"doctor-probe-sleep", false}, soon());
    const auto all = probes::find_processes(*helper, {"doctor-probe-sleep", true}, soon());
    const bool right = outside && outside->empty() && all && all->size() == 1 && !all->front().container.empty();
    kill(program.pid(), SIGKILL);
    _exit(right ? 0 : 1);
  }
  int status = 0;
  waitpid(tester, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("container ids in the cgroups of several engines") {
  const std::string id(64, 'a');
  CHECK(probes::container_of_cgroup("0::/system.slice/docker-" + id + ".scope\n") == id);
  CHECK(probes::container_of_cgroup("12:cpu:/docker/" + id + "\n11:memory:/docker/" + id + "\n") == id);
  CHECK(probes::container_of_cgroup("0::/machine.slice/libpod-" + id + ".scope/container\n") == id);
  CHECK(probes::container_of_cgroup("0::/kubepods/besteffort/pod1/cri-containerd-" + id + ".scope") == id);
  CHECK(probes::container_of_cgroup("0::/user.slice/user-1000.slice/session-1.scope\n").empty());
  CHECK(probes::container_of_cgroup("0::/x/" + std::string(65, 'b')).empty());
  CHECK(probes::container_of_cgroup("").empty());
}

TEST_CASE("the clock probe tells the time") {
  probes::ClockProbe probe;
  const auto before = std::time(nullptr);
  const auto now = probe.ask({}, soon()).value().now;
  CHECK(now >= before - 1);
  CHECK(now <= std::time(nullptr) + 1);
}
