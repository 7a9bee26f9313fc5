#include "bundle/spool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace doctor::bundle {
namespace {

constexpr std::size_t block = 256UL * 1024;

}  // namespace

bool Spool::write(std::string_view bytes) {
  if (error_ != 0) return false;
  sum_.write(bytes);
  size_ += bytes.size();
  held_ += bytes;
  return held_.size() < block || flush();
}

bool Spool::flush() {
  if (error_ == 0 && !util::write_all(file_.get(), held_)) error_ = errno;
  held_.clear();
  return error_ == 0;
}

tl::expected<Extent, std::string> Spool::finish() {
  if (!flush()) return tl::unexpected{std::string{std::strerror(error_)}};
  Extent extent{begin_, size_, sum_.finish()};
  begin_ += size_;
  size_ = 0;
  return extent;
}

void Spool::drop() {
  held_.clear();
  sum_.finish();
  size_ = 0;
  if (lseek(file_.get(), static_cast<off_t>(begin_), SEEK_SET) < 0) error_ = errno;
}

tl::expected<void, std::string> Spool::read(const Extent& extent,
                                            const std::function<bool(std::string_view)>& take) const {
  std::vector<char> buffer(block);
  for (std::uint64_t done = 0; done < extent.size;) {
    const auto wanted = std::min<std::uint64_t>(buffer.size(), extent.size - done);
    const auto count = pread(file_.get(), buffer.data(), wanted, static_cast<off_t>(extent.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return tl::unexpected{std::string{std::strerror(count == 0 ? EIO : errno)}};
    done += static_cast<std::uint64_t>(count);
    if (!take({buffer.data(), static_cast<std::size_t>(count)})) return {};
  }
  return {};
}

}  // namespace doctor::bundle
