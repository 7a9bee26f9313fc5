#include "doctor/format/text.hpp"

#include <charconv>

#include "util/text.hpp"

namespace doctor::formats {

std::string shown(std::string_view text, std::size_t most) {
  return util::shown(text, most);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return util::join(parts, separator);
}

std::string lower(std::string_view text) {
  return util::lower(text);
}

std::string nearest(std::string_view name, const std::vector<std::string>& names) {
  return util::nearest(name, names);
}

std::string bytes(std::uint64_t count) {
  return util::bytes(count);
}

std::string duration(std::int64_t seconds) {
  return util::duration(seconds);
}

std::string timestamp(std::int64_t seconds) {
  return util::timestamp(seconds);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0 %";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return std::to_string(static_cast<std::uint64_t>(share)) + " %";
}

std::string mode(std::uint32_t bits) {
  std::string text = "0000";
  for (std::size_t digit = 0; digit < 4; ++digit)
    text[3 - digit] = static_cast<char>('0' + ((bits >> (3 * digit)) & 7U));
  return text;
}

std::string seconds(std::chrono::milliseconds span) {
  const auto tenths = (span.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

tl::expected<std::int64_t, std::string> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) return tl::unexpected{std::string{"too large"}};
  if (error != std::errc{} || stopped != end) return tl::unexpected{std::string{"not a whole number"}};
  return value;
}

bool doctors_own(FailureKind kind) {
  return kind == FailureKind::permission_denied || kind == FailureKind::cancelled || kind == FailureKind::not_recorded;
}

std::string describe(const ProbeFailure& failure) {
  const auto code = failure.code.empty() ? std::string{} : " (" + shown(failure.code) + ")";
  switch (failure.kind) {
    case FailureKind::not_recorded:
      return "not in the bundle";
    case FailureKind::cancelled:
      return "the run was stopped";
    case FailureKind::permission_denied:
      return "doctor may not look" + (failure.detail.empty() ? std::string{} : ": " + shown(failure.detail)) + code;
    case FailureKind::timed_out:
      return "no answer after " + seconds(failure.waited);
    default:
      break;
  }
  std::string text{to_string(failure.kind)};
  for (auto& letter : text)
    if (letter == '_') letter = ' ';
  if (!failure.detail.empty()) text += ": " + shown(failure.detail);
  return text + code;
}

}  // namespace doctor::formats
