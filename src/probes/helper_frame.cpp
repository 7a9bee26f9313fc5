#include "probes/helper_frame.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "probes/files_failure.hpp"
#include "util/serialise.hpp"

namespace doctor::probes::frame {
namespace {

Outcome<std::string> decode_failure(std::string_view payload) {
  ProbeFailure failure;
  try {
    const auto json = util::Json::parse(payload);
    util::from_json(json.at("kind"), failure.kind);
    util::from_json(json, failure);
    return Failed{std::move(failure)};
  } catch (const util::Json::exception&) {
    return failed(FailureKind::protocol_error, "", "the helper answered nonsense");
  } catch (const std::invalid_argument&) {  // an unknown kind
    return failed(FailureKind::protocol_error, "", "the helper answered nonsense");
  }
}

}  // namespace

std::string encode(const Outcome<std::string>& answer) {
  const std::string payload =
      answer ? *answer : util::to_json(answer.error()).dump(-1, ' ', false, util::Json::error_handler_t::replace);
  const std::uint64_t length = payload.size();
  std::string bytes(head, answer ? 'v' : 'f');
  std::memcpy(bytes.data() + 1, &length, sizeof length);
  return bytes + payload;
}

std::optional<Outcome<std::string>> decode(std::string_view bytes) {
  if (bytes.size() < head) return std::nullopt;
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data() + 1, sizeof length);
  const auto payload = bytes.substr(head);
  if (payload.size() < length) return std::nullopt;
  if (bytes.front() == 'v') return Outcome<std::string>{std::string{payload.substr(0, length)}};
  return decode_failure(payload.substr(0, length));
}

}  // namespace doctor::probes::frame
