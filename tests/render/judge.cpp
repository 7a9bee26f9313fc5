#include "tests/render/judge.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/catch.hpp"

namespace doctor::test {

bool judge_is_there(const std::string& program) {
  if (judged("command -v " + program).exit == 0) return true;
  const char* ci = std::getenv("CI");
  if (ci != nullptr && std::string{ci} == "true") FAIL(program << " is not installed");
  WARN(program << " is not installed: it judged nothing");
  return false;
}

Judgement judged(const std::string& command) {
  std::FILE* pipe = popen(("exec 2>&1; " + command).c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("cannot start a shell");
  Judgement judgement;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe);
    if (count == 0) break;
    judgement.said.append(buffer.data(), count);
  }
  const int status = pclose(pipe);
  judgement.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return judgement;
}

Scratch::Scratch() {
  std::string name = (std::filesystem::temp_directory_path() / "doctor-render-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::write(const std::string& name, const std::string& text) const {
  auto path = path_ + "/" + name;
  std::ofstream{path, std::ios::binary} << text;
  return path;
}

}  // namespace doctor::test
