#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

#include "doctor/deadline.hpp"
#include "probes/helper.hpp"

namespace doctor::test {

/// A directory that is gone at the end of the test. Every user may enter it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "doctor-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
    chmod(path_.c_str(), 0755);
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  std::string write(const std::string& name, const std::string& bytes, mode_t mode = 0644) const {
    const auto file = *this / name;
    std::ofstream{file, std::ios::binary} << bytes;
    chmod(file.c_str(), mode);
    return file;
  }

 private:
  std::string path_;
};

inline Deadline soon(std::chrono::milliseconds span = std::chrono::milliseconds{5000}) {
  return Deadline::after(span);
}

}  // namespace doctor::test
