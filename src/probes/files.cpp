#include "probes/files.hpp"

#include "probes/files_failure.hpp"
#include "util/serialise.hpp"
#include "util/text.hpp"

namespace doctor::probes {

template <class Question>
Outcome<typename Question::Answer> HelperProbe<Question>::ask(const Question& question, const Deadline& deadline) {
  const auto request = util::to_json(question).dump(-1, ' ', false, util::Json::error_handler_t::replace);
  auto bytes = helper_->call(Question::probe, request, deadline);
  if (!bytes) return Failed{std::move(bytes).error()};
  const auto json = util::Json::parse(*bytes, nullptr, false);
  if (!json.is_object()) return failed(FailureKind::protocol_error, "", "the helper answered nonsense");
  typename Question::Answer answer;
  util::from_json(json, answer);
  return answer;
}

template class HelperProbe<FileQuestion>;
template class HelperProbe<DirectoryQuestion>;
template class HelperProbe<AccessQuestion>;
template class HelperProbe<FileSystemQuestion>;
template class HelperProbe<UsageQuestion>;
template class HelperProbe<KeyQuestion>;
template class HelperProbe<ListenersQuestion>;
template class HelperProbe<HostHistoryQuestion>;

Outcome<TextAnswer> TextProbe::ask(const TextQuestion& question, const Deadline& deadline) {
  auto bytes = read_bytes(*helper_, question.path, question.most, deadline);
  if (!bytes) return Failed{std::move(bytes).error()};
  if (bytes->find('\0') != std::string::npos)
    return failed(FailureKind::protocol_error, "NUL", "the file is binary: it holds NUL bytes");
  if (!util::valid_utf8(*bytes)) return failed(FailureKind::protocol_error, "UTF-8", "the file is not UTF-8 text");
  return TextAnswer{std::move(*bytes)};
}

Outcome<std::string> read_bytes(Helper& helper, const std::string& path, std::uint64_t most, const Deadline& deadline) {
  if (path.find('\0') != std::string::npos) return failed(FailureKind::not_found, "ENOENT", "no path holds NUL");
  return helper.call("bytes", std::to_string(most) + '\n' + path, deadline);
}

}  // namespace doctor::probes
