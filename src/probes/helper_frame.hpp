#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doctor/outcome.hpp"

/// What travels from a child of the helper to the caller: one tag ("v" value, "f" failure as JSON), the length of the
/// payload (8 bytes, host order), the payload. The length tells a whole answer from one that broke off.
namespace doctor::probes::frame {

inline constexpr std::size_t head = 9;

std::string encode(const Outcome<std::string>& answer);

/// Nothing while bytes are missing. Bytes that are no frame decode to a protocol_error.
std::optional<Outcome<std::string>> decode(std::string_view bytes);

}  // namespace doctor::probes::frame
