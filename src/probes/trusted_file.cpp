#include "probes/trusted_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>

#include <unistd.h>

#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"

namespace doctor::probes {
namespace {

constexpr char is_trusted = '+';
constexpr char is_refused = '-';

/// Who else may write `resolved`, which is open as `file`, or its folder.
Outcome<std::string> refusal(const std::string& resolved, const Descriptor& file) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return failed_errno(errno, "the file cannot be examined");
  if (auto why = who_may_write(status); !why.empty()) return "it " + why;
  const auto folder = resolved.substr(0, resolved.rfind('/') + 1);
  if (lstat(folder.c_str(), &status) != 0) return failed_errno(errno, "its folder cannot be examined");
  const auto why = who_may_write(status);
  return why.empty() ? why : "its folder " + why;
}

}  // namespace

std::string who_may_write(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != geteuid()) return "belongs to another user";
  const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & S_IWOTH) != 0 && !sticky) return "can be written by everybody";
  const bool own_group = status.st_gid == 0 || status.st_gid == getegid();
  if ((status.st_mode & S_IWGRP) != 0 && !own_group && !sticky) return "can be written by its group";
  return {};
}

namespace jobs {

/// "MOST\nPATH" -> "-" and why it is refused, or "+" and the bytes.
Outcome<std::string> trusted_file_job(const std::string& request) {
  std::uint64_t most = 0;
  const auto line = request.find('\n');
  if (line == std::string::npos) return failed(FailureKind::protocol_error, "", "the question is malformed");
  std::from_chars(request.data(), request.data() + line, most);
  std::array<char, PATH_MAX> real{};
  if (realpath(request.c_str() + line + 1, real.data()) == nullptr)
    return failed_errno(errno, "the file cannot be found");
  const auto file = open_regular(real.data());
  if (!file) return Failed{file.error()};
  auto why = refusal(real.data(), *file);
  if (!why) return why;
  if (!why->empty()) return is_refused + *why;
  auto bytes = contents(*file, std::min<std::uint64_t>(most, Helper::most_answer - 1));
  if (bytes) bytes->insert(bytes->begin(), is_trusted);
  return bytes;
}

}  // namespace jobs

Outcome<TrustedFile> read_trusted(Helper& helper, const std::string& path, std::uint64_t most,
                                  const Deadline& deadline) {
  if (path.find('\0') != std::string::npos) return failed(FailureKind::not_found, "ENOENT", "no path holds NUL");
  auto answer = helper.call("trusted-file", std::to_string(most) + '\n' + path, deadline);
  if (!answer) return Failed{std::move(answer).error()};
  if (answer->empty()) return failed(FailureKind::protocol_error, "", "the answer is malformed");
  const bool trusted = answer->front() == is_trusted;
  answer->erase(0, 1);
  return trusted ? TrustedFile{{}, *std::move(answer)} : TrustedFile{*std::move(answer), {}};
}

}  // namespace doctor::probes
