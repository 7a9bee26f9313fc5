#include "bundle/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

#include "util/text.hpp"
#include "util/whole_file.hpp"

namespace doctor::bundle {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::size_t longest_name = 255;

struct Free {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Free>;

/// Words of the library, which may quote its input.
std::string words_of(archive* reader) {
  const char* words = archive_error_string(reader);
  return words == nullptr ? std::string{"damaged"} : util::shown(words, 120);
}

/// What a file is that is no bundle, by its first bytes; empty: not known. What people pick instead, and what mail and
/// chat programs make of a bundle.
std::string other_kind(std::string_view head) {
  if (head.starts_with("PK\x03\x04")) return "it is a ZIP archive, which a bundle may be in: unpack that first";
  if (head.starts_with("\xfd"
                       "7zXZ") ||
      head.starts_with("BZh"))
    return "it was packed with another program than doctor";
  if (head.starts_with("{")) return "it is JSON; of a bundle the whole archive is needed";
  return "it is not tar in gzip or zstd";
}

/// POSIX.1-1988 (ustar) and later.
bool is_tar(std::string_view head) {
  constexpr std::size_t magic = 257;
  return head.size() > magic && head.substr(magic).starts_with("ustar");
}

/// The bytes of a file from its beginning, and what they unpack to: gzip or zstd, not one in the other, or tar as it
/// is, since browsers and mail programs unpack gzip on their own. Ends with a problem at the first byte past a bound.
class Unpacked {
 public:
  Unpacked(int descriptor, std::uint64_t size, const ArchiveLimits& limits)
      : descriptor_{descriptor}, size_{size}, limits_{limits}, reader_{archive_read_new()} {
    archive_read_support_filter_gzip(reader_.get());
    archive_read_support_filter_zstd(reader_.get());
    archive_read_support_format_raw(reader_.get());
  }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;

  bool open() {
    archive_entry* whole = nullptr;
    const bool opened = archive_read_open(reader_.get(), this, nullptr, read, nullptr) == ARCHIVE_OK;
    const auto head = begin();
    if (!opened || (!is_packed_once() && !is_tar(head))) return fail(other_kind(head));
    if (archive_read_next_header(reader_.get(), &whole) != ARCHIVE_OK) return fail("it holds nothing");
    return true;
  }

  /// The next bytes, which stay until the next call; none at the end. False: problem() says why.
  bool next(std::string_view& bytes) {
    const void* data = nullptr;
    std::size_t count = 0;
    la_int64_t offset = 0;
    const int result = archive_read_data_block(reader_.get(), &data, &count, &offset);
    if (result == ARCHIVE_EOF) count = 0;
    if (result != ARCHIVE_EOF && result != ARCHIVE_OK) return fail("it cannot be unpacked: " + words_of(reader_.get()));
    unpacked_ += count;
    if (unpacked_ > limits_.most_bytes) return fail("it unpacks to more than " + util::bytes(limits_.most_bytes));
    if (unpacked_ > limits_.slack && (unpacked_ - limits_.slack) / limits_.most_ratio > taken_)
      return fail("it unpacks to more than " + std::to_string(limits_.most_ratio) + " times its size");
    bytes = {static_cast<const char*>(data), count};
    return true;
  }

  /// Whether the packed stream ends where the file does. Only at the end.
  bool ends_with_file() const { return static_cast<std::uint64_t>(archive_filter_bytes(reader_.get(), -1)) == size_; }

  const std::string& problem() const { return problem_; }

 private:
  bool fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

  bool is_packed_once() const {
    const int filter = archive_filter_code(reader_.get(), 0);
    const bool one = archive_filter_count(reader_.get()) == 2;  // it counts the file itself
    return one && (filter == ARCHIVE_FILTER_GZIP || filter == ARCHIVE_FILTER_ZSTD);
  }

  /// The first bytes of the file; none when they cannot be read.
  std::string begin() const {
    std::string head(512, '\0');
    const auto count = pread(descriptor_, head.data(), head.size(), 0);
    head.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return head;
  }

  static la_ssize_t read(archive* reader, void* self, const void** data) {
    auto& own = *static_cast<Unpacked*>(self);
    *data = own.buffer_.data();
    for (;;) {
      const auto count = pread(own.descriptor_, own.buffer_.data(), own.buffer_.size(), static_cast<off_t>(own.taken_));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) archive_set_error(reader, errno, "%s", std::strerror(errno));
      if (count > 0) own.taken_ += static_cast<std::uint64_t>(count);
      return count;
    }
  }

  int descriptor_;
  std::uint64_t size_;
  const ArchiveLimits& limits_;
  std::uint64_t taken_ = 0;
  std::uint64_t unpacked_ = 0;
  std::array<char, 65536> buffer_{};
  std::string problem_;
  Reader reader_;
};

/// The members of an unpacked stream.
class Members {
 public:
  Members(Unpacked& unpacked, const ArchiveLimits& limits)
      : unpacked_{unpacked}, limits_{limits}, reader_{archive_read_new()} {
    archive_read_support_format_tar(reader_.get());
    // Else what stands behind the end of a tar would not be looked at.
    archive_read_set_option(reader_.get(), "tar", "read_concatenated_archives", "1");
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  tl::expected<void, std::string> visit(const std::function<bool(const ArchiveMember&)>& visit) {
    if (archive_read_open(reader_.get(), this, nullptr, read, nullptr) != ARCHIVE_OK) return broken();
    for (;;) {
      archive_entry* entry = nullptr;
      const int result = archive_read_next_header(reader_.get(), &entry);
      if (result == ARCHIVE_EOF) return end();
      if (result != ARCHIVE_OK) return broken();
      auto member = checked(entry);
      if (!member) return Failure{std::move(member.error())};
      const bool goes_on = visit(*member);
      if (!failure_.empty()) return Failure{failure_};
      if (!goes_on) return {};
    }
  }

 private:
  tl::expected<ArchiveMember, std::string> checked(archive_entry* entry) {
    if (++count_ > limits_.most_members)
      return Failure{"it has more than " + std::to_string(limits_.most_members) + " members"};
    const char* path = archive_entry_pathname(entry);
    name_ = path == nullptr ? "" : path;
    if (archive_entry_filetype(entry) == AE_IFDIR)
      return Failure{"it was packed again by another program (doctor writes no directories, such as '" +
                     util::shown(name_, 80) + "'): the file as doctor wrote it is needed"};
    const auto problem = path == nullptr ? std::string{"has a name that is not ASCII"} : problem_of_name(name_);
    if (!problem.empty()) return Failure{about(problem)};
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
        archive_entry_symlink(entry) != nullptr)
      return Failure{about("is not a regular file")};
    if (archive_entry_sparse_count(entry) > 0) return Failure{about("is sparse")};
    if (archive_entry_size_is_set(entry) == 0 || archive_entry_size(entry) < 0) return Failure{about("has no size")};
    if (!names_.insert(name_).second) return Failure{about("is there twice")};
    ArchiveMember member{name_, static_cast<std::uint64_t>(archive_entry_size(entry)), {}};
    if (member.size > limits_.most_bytes) return Failure{about("is larger than an archive may be")};
    member.bytes = [this, size = member.size, number = count_](const std::function<bool(std::string_view)>& take) {
      return hand_over(size, number, take);
    };
    return member;
  }

  tl::expected<void, std::string> hand_over(std::uint64_t size, std::size_t number,
                                            const std::function<bool(std::string_view)>& take) {
    if (number != count_ || number == handed_) return Failure{about("was read before")};
    handed_ = number;
    std::uint64_t seen = 0;
    for (;;) {
      const void* data = nullptr;
      std::size_t count = 0;
      la_int64_t offset = 0;
      const int result = archive_read_data_block(reader_.get(), &data, &count, &offset);
      if (result == ARCHIVE_EOF) break;
      if (result != ARCHIVE_OK) return remember(broken().value());
      if (static_cast<std::uint64_t>(offset) != seen) return remember(about("has holes"));
      seen += count;
      if (count > 0 && !take({static_cast<const char*>(data), count})) return {};
    }
    if (seen != size) return remember(about("is shorter than it says"));
    return {};
  }

  /// A failure while the visitor reads ends the visit too.
  Failure remember(const std::string& failure) {
    failure_ = failure;
    return Failure{failure};
  }

  tl::expected<void, std::string> end() const {
    if (!unpacked_.problem().empty()) return Failure{unpacked_.problem()};
    if (!unpacked_.ends_with_file()) return Failure{std::string{"something stands behind its end"}};
    if (count_ == 0) return Failure{std::string{"it holds nothing"}};
    return {};
  }

  std::string about(const std::string& what) const { return "its member '" + util::shown(name_, 80) + "' " + what; }

  Failure broken() const {
    if (!unpacked_.problem().empty()) return Failure{unpacked_.problem()};
    const auto place = count_ == 0 ? std::string{} : " behind the head of its member '" + util::shown(name_, 80) + "'";
    return Failure{"it is no whole tar" + place + ": " + words_of(reader_.get())};
  }

  static la_ssize_t read(archive* reader, void* self, const void** data) {
    auto& own = *static_cast<Members*>(self);
    std::string_view bytes;
    if (!own.unpacked_.next(bytes)) {
      archive_set_error(reader, EINVAL, "the archive is refused");
      return -1;
    }
    *data = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  }

  Unpacked& unpacked_;
  const ArchiveLimits& limits_;
  std::string name_;
  std::set<std::string> names_;
  std::size_t count_ = 0;
  std::size_t handed_ = 0;
  std::string failure_;
  Reader reader_;
};

}  // namespace

std::string problem_of_name(std::string_view name) {
  if (name.empty()) return "has no name";
  if (name.size() > longest_name) return "has a name of more than " + std::to_string(longest_name) + " bytes";
  for (const char c : name)
    if (c < ' ' || c > '~' || c == '\\') return "has a character in its name that is not allowed";
  if (name.front() == '/') return "has an absolute path";
  for (const auto& step : util::split(name, '/'))
    if (step.empty() || step == "." || step == "..") return "has a path with an empty step, \".\" or \"..\"";
  return {};
}

tl::expected<void, std::string> read_archive(int descriptor, const std::function<bool(const ArchiveMember&)>& visit,
                                             const ArchiveLimits& limits) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return Failure{std::string{std::strerror(errno)}};
  if (!S_ISREG(status.st_mode)) return Failure{std::string{"it is not a regular file"}};
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size == 0) return Failure{std::string{"it is empty"}};
  if (size > limits.most_bytes) return Failure{"it is larger than " + util::bytes(limits.most_bytes)};
  Unpacked unpacked{descriptor, size, limits};
  if (!unpacked.open()) return Failure{unpacked.problem()};
  return Members{unpacked, limits}.visit(visit);
}

tl::expected<void, std::string> read_archive(const std::string& path,
                                             const std::function<bool(const ArchiveMember&)>& visit,
                                             const ArchiveLimits& limits) {
  const util::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  const auto read = file.get() < 0 ? tl::expected<void, std::string>{Failure{std::string{std::strerror(errno)}}}
                                   : read_archive(file.get(), visit, limits);
  if (!read) return Failure{"cannot read " + util::shown(path) + ": " + read.error()};
  return {};
}

}  // namespace doctor::bundle
