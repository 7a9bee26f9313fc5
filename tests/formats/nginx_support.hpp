#pragma once

#include <cstdint>
#include <string>

/// The real nginx and its like, in a throwaway directory.
namespace doctor::test {

/// Where a program is; empty: it is not installed.
std::string program(const std::string& name);

/// A directory of its own, removed at the end.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

struct Ran {
  int exit = -1;
  std::string output;
};
Ran run_shell(const std::string& command);

std::uint16_t unused_port();

/// One request over a new connection to loopback; the whole answer.
std::string request(std::uint16_t port, const std::string& text);
std::string body_of(const std::string& answer);

/// nginx in the foreground with `directory`/nginx.conf; the constructor returns when `port` answers.
class RunningNginx {
 public:
  RunningNginx(const Scratch& directory, std::uint16_t port);
  RunningNginx(const RunningNginx&) = delete;
  RunningNginx& operator=(const RunningNginx&) = delete;
  ~RunningNginx();

 private:
  int pid_ = -1;
};

}  // namespace doctor::test
