#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/in_root.hpp"

namespace doctor::probes::jobs {
namespace {

constexpr std::size_t most_entries = 10'000;
constexpr std::uint64_t most_digested = 4 * 1024 * 1024;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::string kind_of(mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "directory";
  if (S_ISFIFO(mode)) return "fifo";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

/// Why something that is not a regular file is not read.
Failed not_regular(mode_t mode) {
  if (S_ISDIR(mode)) return failed(FailureKind::protocol_error, "EISDIR", "it is a directory");
  if (S_ISFIFO(mode)) return failed(FailureKind::protocol_error, "FIFO", "it is a named pipe");
  if (S_ISSOCK(mode)) return failed(FailureKind::protocol_error, "SOCKET", "it is a socket");
  return failed(FailureKind::protocol_error, "DEVICE", "it is a device");
}

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 0xFU];
  }
  return text;
}

std::string sha384(const std::string& bytes) {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha384(), nullptr) != 1) return {};
  return hexadecimal(digest.data(), length);
}

/// Leaves the digest empty for a file that cannot be read or is too large.
void add_digest(const std::string& path, DirectoryEntry& entry) {
  const auto bytes = contents(path, most_digested);
  if (!bytes) return;
  entry.digest = sha384(*bytes);
  entry.crlf = bytes->find('\r') != std::string::npos;
}

/// The bytes until the end, at most `most` + 1.
Outcome<std::string> drain(int descriptor, std::uint64_t most) {
  std::string bytes;
  std::string buffer(64 * 1024, '\0');
  while (bytes.size() <= most) {
    const auto count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed_errno(errno, "the file cannot be read");
    if (count == 0) break;
    bytes.append(buffer, 0, static_cast<std::size_t>(count));
  }
  return bytes;
}

}  // namespace

Outcome<FileAnswer> file(const FileQuestion& question) {
  struct stat status {};
  FileAnswer answer;
  if (const int error = stat_path(question.path, status); error != 0) {
    if (error != ENOENT && error != ENOTDIR) return failed_errno(error, "the path cannot be examined");
    answer.kind = "missing";
    return answer;
  }
  answer.kind = kind_of(status.st_mode);
  answer.mode = status.st_mode & 07777U;
  answer.uid = status.st_uid;
  answer.gid = status.st_gid;
  answer.size = static_cast<std::uint64_t>(status.st_size);
  answer.modified = status.st_mtim.tv_sec;
  return answer;
}

Outcome<Descriptor> open_regular(const std::string& path) {
  auto descriptor = open_path(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const int error = errno;
  struct stat status {};
  if (!descriptor && error == ENXIO && stat_path(path, status) == 0) return not_regular(status.st_mode);
  if (!descriptor) return failed_errno(error, "the file cannot be opened");
  if (fstat(descriptor.get(), &status) != 0) return failed_errno(errno, "the file cannot be examined");
  if (!S_ISREG(status.st_mode)) return not_regular(status.st_mode);
  return descriptor;
}

Outcome<std::string> contents(const std::string& path, std::uint64_t most) {
  const auto descriptor = open_regular(path);
  if (!descriptor) return Failed{descriptor.error()};
  return contents(*descriptor, most);
}

Outcome<std::string> contents(const Descriptor& file, std::uint64_t most) {
  auto bytes = drain(file.get(), most);
  if (bytes && bytes->size() > most)
    return failed(FailureKind::too_large, "EFBIG", "the file is larger than " + std::to_string(most) + " bytes");
  return bytes;
}

/// "MOST\nPATH": a path may hold anything but NUL, so it is not put into JSON.
Outcome<std::string> bytes_job(const std::string& request) {
  std::uint64_t most = 0;
  const auto line = request.find('\n');
  if (line == std::string::npos) return failed(FailureKind::protocol_error, "", "the question is malformed");
  std::from_chars(request.data(), request.data() + line, most);
  return contents(request.substr(line + 1), std::min<std::uint64_t>(most, Helper::most_answer));
}

Outcome<DirectoryAnswer> directory(const DirectoryQuestion& question) {
  auto descriptor = open_path(question.path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  const Directory handle{descriptor ? fdopendir(descriptor.release()) : nullptr};
  if (handle == nullptr) return failed_errno(errno, "the directory cannot be read");
  DirectoryAnswer answer;
  for (;;) {
    errno = 0;
    const dirent* next = readdir(handle.get());
    if (next == nullptr && errno != 0) return failed_errno(errno, "the directory cannot be read");
    if (next == nullptr) break;
    struct stat status {};
    if (stat_path(question.path + "/" + next->d_name, status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (answer.entries.size() == most_entries)
      return failed(FailureKind::too_large, "", "the directory holds more than 10,000 files");
    answer.entries.push_back(
        {next->d_name, static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec, "", false});
  }
  std::sort(answer.entries.begin(), answer.entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });
  if (question.digest == "sha384")
    for (auto& entry : answer.entries) add_digest(question.path + "/" + entry.name, entry);
  return answer;
}

}  // namespace doctor::probes::jobs
