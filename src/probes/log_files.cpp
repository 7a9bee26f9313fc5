#include "probes/log_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_piece = 4U * 1024 * 1024;

Failed malformed() {
  return failed(FailureKind::protocol_error, "", "the question is malformed");
}

/// Takes a decimal number and the character behind it from the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || length >= text.size()) return std::nullopt;
  text.remove_prefix(length + 1);
  return value;
}

/// A piece of a log file and what stands before it: "SIZE MODIFIED\n".
struct Piece {
  LogFile file;
  std::string bytes;
};

Outcome<Piece> piece_of(Helper& helper, const std::string& path, std::uint64_t offset, std::uint64_t length,
                        const Deadline& deadline) {
  if (path.find('\0') != std::string::npos) return failed(FailureKind::not_found, "ENOENT", "no path holds NUL");
  const auto request = std::to_string(offset) + ' ' + std::to_string(length) + '\n' + path;
  auto answer = helper.call("log-piece", request, deadline);
  if (!answer) return Failed{std::move(answer.error())};
  std::string_view rest = *answer;
  const auto size = take_number(rest);
  const auto modified = take_number(rest);
  if (!size || !modified) return failed(FailureKind::protocol_error, "", "the helper answered nonsense");
  return Piece{{path, *size, static_cast<std::int64_t>(*modified)}, std::string{rest}};
}

std::string kind_of(const struct stat& status) {
  if (S_ISREG(status.st_mode)) return "file";
  if (S_ISFIFO(status.st_mode)) return "pipe";
  if (S_ISSOCK(status.st_mode)) return "socket";
  constexpr unsigned memory_devices = 1;  // Documentation/admin-guide/devices.txt: 1:3 is /dev/null
  const bool null = S_ISCHR(status.st_mode) && major(status.st_rdev) == memory_devices && minor(status.st_rdev) == 3;
  return null ? "nothing" : "terminal";
}

std::string target_of(const std::string& link) {
  std::array<char, 4096> target{};
  const auto length = readlink(link.c_str(), target.data(), target.size());
  return length < 0 ? std::string{} : std::string(target.data(), static_cast<std::size_t>(length));
}

std::string output_line(const std::string& link) {
  struct stat status {};
  if (stat(link.c_str(), &status) != 0) return "closed\t\t" + link + "\t\n";
  auto shown = target_of(link);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c == '\n' || c == '\t'; }, '?');
  return kind_of(status) + '\t' + std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) + '\t' + link +
         '\t' + shown + '\n';
}

}  // namespace

namespace jobs {

/// "OFFSET LENGTH\nPATH" -> "SIZE MODIFIED\n" and the bytes.
Outcome<std::string> log_piece_job(const std::string& request) {
  std::string_view path = request;
  const auto offset = take_number(path);
  const auto length = take_number(path);
  if (!offset || !length || *length > most_piece) return malformed();
  const auto descriptor = open_regular(std::string{path});
  if (!descriptor) return Failed{descriptor.error()};
  struct stat status {};
  if (fstat(descriptor->get(), &status) != 0) return failed_errno(errno, "the file cannot be examined");
  auto answer =
      std::to_string(status.st_size) + ' ' + std::to_string(std::max<std::int64_t>(status.st_mtim.tv_sec, 0)) + '\n';
  const auto head = answer.size();
  answer.resize(head + *length);
  std::size_t done = 0;
  while (done < *length) {
    const auto count =
        pread(descriptor->get(), answer.data() + head + done, *length - done, static_cast<off_t>(*offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed_errno(errno, "the file cannot be read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  answer.resize(head + done);
  return answer;
}

/// PID -> a line for standard output and one for standard error.
Outcome<std::string> log_outputs_job(const std::string& request) {
  const auto directory = "/proc/" + request + "/fd";
  if (request.find_first_not_of("0123456789") != std::string::npos) return malformed();
  if (::access(directory.c_str(), R_OK | X_OK) != 0)
    return failed_errno(errno, "where the process writes to is not known");
  return output_line(directory + "/1") + output_line(directory + "/2");
}

}  // namespace jobs

Outcome<LogFile> log_file(Helper& helper, const std::string& path, const Deadline& deadline) {
  auto piece = piece_of(helper, path, 0, 0, deadline);
  if (!piece) return Failed{std::move(piece.error())};
  return std::move(piece->file);
}

Outcome<void> read_log(Helper& helper, const LogFile& file, std::uint64_t offset,
                       const std::function<void(std::string_view bytes)>& take, const Deadline& deadline) {
  while (offset < file.size) {
    const auto piece = piece_of(helper, file.path, offset, std::min(most_piece, file.size - offset), deadline);
    if (!piece) return Failed{piece.error()};
    if (piece->bytes.empty()) break;
    take(piece->bytes);
    offset += piece->bytes.size();
  }
  return {};
}

Outcome<std::vector<LogOutput>> log_outputs(Helper& helper, int pid, const Deadline& deadline) {
  const auto answer = helper.call("log-outputs", std::to_string(pid), deadline);
  if (!answer) return Failed{answer.error()};
  std::vector<LogOutput> outputs;
  for (const auto& line : util::split(*answer, '\n')) {
    const auto parts = util::split(line, '\t');
    if (parts.size() == 4) outputs.push_back({parts[0], parts[1], parts[2], parts[3]});
  }
  return outputs;
}

}  // namespace doctor::probes
