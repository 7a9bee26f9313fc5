#include "cli/output.hpp"

#include "util/whole_file.hpp"

namespace doctor::cli {

std::optional<std::string> write_file(const std::string& path, const std::string& text) {
  auto file = util::WholeFile::open(path);
  if (!file) return file.error();
  const auto written = file->write(text).and_then([&] { return file->commit(); });
  if (!written) return written.error();
  return std::nullopt;
}

std::optional<std::string> write_new_file(const std::string& path, const std::string& text) {
  auto file = util::WholeFile::open(path);
  if (!file) return file.error();
  const auto written = file->write(text).and_then([&] { return file->commit_new(); });
  if (!written) return written.error();
  return std::nullopt;
}

}  // namespace doctor::cli
