#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// Unlinks the temporary file unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string name) : name_{std::move(name)}, descriptor_{mkostemp(name_.data(), O_CLOEXEC)} {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    if (!renamed_) unlink(name_.c_str());
  }

  bool valid() const { return descriptor_ >= 0; }

  bool write_all(std::string_view text) const {
    while (!text.empty()) {
      const auto written = write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return fsync(descriptor_) == 0;
  }

  bool rename_to(const std::string& path) {
    renamed_ = rename(name_.c_str(), path.c_str()) == 0;
    return renamed_;
  }

 private:
  std::string name_;
  int descriptor_;
  bool renamed_ = false;
};

std::string failure(const std::string& path) {
  return "cannot write " + util::shown(path) + ": " + std::strerror(errno);
}

}  // namespace

std::optional<std::string> write_file(const std::string& path, const std::string& text) {
  struct stat existing {};
  if (lstat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode))
    return "cannot write " + util::shown(path) + ": something that is not a regular file is there";
  TemporaryFile file{path + ".XXXXXX"};
  if (!file.valid() || !file.write_all(text) || !file.rename_to(path)) return failure(path);
  return std::nullopt;
}

}  // namespace doctor::cli
