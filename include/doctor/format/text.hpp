#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/finding.hpp"
#include "doctor/outcome.hpp"

/// Texts that checks put into evidence and figures. All of them are safe to print.
namespace doctor::formats {

/// Text from outside, with control, bidi and invisible characters escaped, at most `most` characters.
std::string shown(std::string_view text, std::size_t most = 120);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string lower(std::string_view text);  ///< ASCII only

/// The nearest of `names` within a third of its length, or "".
std::string nearest(std::string_view name, const std::vector<std::string>& names);

std::string bytes(std::uint64_t count);                        ///< "512 MB", decimal units
std::string duration(std::int64_t seconds);                    ///< "12 min"
std::string timestamp(std::int64_t seconds);                   ///< seconds since 1970 as "2026-03-01 10:12:05 UTC"
std::string percent(std::uint64_t part, std::uint64_t whole);  ///< "41 %"; "0 %" of nothing
std::string mode(std::uint32_t bits);                          ///< permission bits as "0644"
std::string seconds(std::chrono::milliseconds span);           ///< "3.0 s"

/// The decimal number that is the whole text, sign allowed.
tl::expected<std::int64_t, std::string> integer(std::string_view text);

/// Why a probe has no value, in a few words for "not looked at": "no right to look (EACCES)", "not in the bundle".
std::string describe(const ProbeFailure& failure);

/// Whether doctor itself could not look. Every other failure is an answer about the patient.
bool doctors_own(FailureKind kind);

}  // namespace doctor::formats
