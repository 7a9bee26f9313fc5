#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace doctor::test {

/// A directory of its own, removed at the end.
class Folder {
 public:
  Folder() : path_{(std::filesystem::temp_directory_path() / "doctor-bundle-XXXXXX").string()} {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream{path(name)} << text; }
  std::string read(const std::string& name) const {
    std::ifstream file{path(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  }
  std::size_t entries() const {
    using std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(directory_iterator{path_}, directory_iterator{}));
  }
  mode_t mode(const std::string& name) const {
    struct stat status {};
    if (lstat(path(name).c_str(), &status) != 0) throw std::runtime_error{"lstat"};
    return status.st_mode & 07777U;
  }

 private:
  std::string path_;
};

}  // namespace doctor::test
