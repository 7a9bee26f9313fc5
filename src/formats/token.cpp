#include "formats/token.hpp"

#include "formats/json_depth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tl/expected.hpp>

#include "util/text.hpp"

namespace doctor::formats {
namespace {

using Json = nlohmann::json;

constexpr std::string_view blanks = " \t\r\n\v\f";
/// A header begins with a brace and a quotation mark.
constexpr std::string_view beginning = "eyJ";

struct Trouble {
  std::string problem;
  std::string reason;
};
using Decoded = tl::expected<std::string, Trouble>;

tl::unexpected<Trouble> trouble(std::string problem, std::string reason) {
  return tl::unexpected<Trouble>{Trouble{std::move(problem), std::move(reason)}};
}

// ---- base64url (RFC 4648, section 5), without padding (RFC 7515, section 2)

/// 0 to 63, or -1. Of both alphabets.
int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

std::string decoded(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int filled = 0;
  for (const char c : text) {
    bits = (bits << 6U) | static_cast<std::uint32_t>(base64_value(c));
    filled += 6;
    if (filled < 8) continue;
    filled -= 8;
    bytes += static_cast<char>((bits >> static_cast<unsigned>(filled)) & 0xffU);
  }
  return bytes;
}

bool is_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return base64_value(c) >= 0; });
}

Decoded decode(std::string_view part, const std::string& name) {
  const auto end = part.find_last_not_of('=');
  const auto body = part.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (!is_base64(body)) return trouble("encoding", name + " holds a character that base64url does not have");
  if (body.find_first_of("+/") != std::string_view::npos)
    return trouble("encoding", name + " is written in ordinary base64 (with + or /) instead of base64url");
  if (body.size() < part.size()) return trouble("encoding", name + " is padded with =, which a token never is");
  if (body.size() % 4 == 1) return trouble("encoding", name + " is cut off: no base64url has this length");
  return decoded(body);
}

// ---- JSON

tl::expected<Json, Trouble> object_in(const std::string& bytes, const std::string& name) {
  if (too_deep(bytes, most_token_depth) != 0) return trouble("json", name + " is nested deeper than 32 levels");
  auto json = Json::parse(bytes, nullptr, false);
  if (json.is_discarded()) {
    const bool begins = bytes.find('{') != std::string::npos;
    return trouble("json", begins ? name + " is cut off or damaged: it is no whole JSON" : name + " holds no JSON");
  }
  if (!json.is_object()) return trouble("json", name + " is no JSON object");
  return json;
}

std::string kind_of(const Json& value) {
  if (value.is_number()) return "number";
  return value.type_name();
}

/// The whole number at or below, within 64 bits.
std::string whole(double value) {
  constexpr double limit = 9.2e18;
  if (value >= limit) return std::to_string(std::numeric_limits<std::int64_t>::max());
  if (value <= -limit) return std::to_string(std::numeric_limits<std::int64_t>::min());
  return std::to_string(static_cast<std::int64_t>(std::floor(value)));
}

std::string value_of(const Json& value) {
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::to_string(std::numeric_limits<std::int64_t>::max());
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  if (value.is_number_float()) return whole(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (!value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  return text.size() <= most_claim_bytes ? text : std::string{};
}

bool is_wanted(const std::string& name, const std::vector<std::string>& wanted) {
  constexpr std::array<std::string_view, 3> times{"exp", "nbf", "iat"};
  return std::find(times.begin(), times.end(), name) != times.end() ||
         std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

/// Those that were asked for are listed first, so that the bound never hides them.
std::vector<Claim> claims_of(const Json& payload, const std::vector<std::string>& wanted) {
  constexpr std::size_t most_name = 60;
  std::vector<Claim> claims;
  for (const bool first : {true, false})
    for (const auto& [name, value] : payload.items()) {
      if (is_wanted(name, wanted) != first || claims.size() == most_claims) continue;
      claims.push_back({util::shown(name, most_name), kind_of(value), first ? value_of(value) : std::string{}});
    }
  return claims;
}

// ---- the text as a whole

std::optional<Trouble> blanks_in(std::string_view text) {
  const auto at = text.find_first_of(blanks);
  if (at == std::string_view::npos) return std::nullopt;
  const bool breaks = text.find_first_of("\r\n") != std::string_view::npos;
  const std::string what = breaks ? "a line break" : "a blank";
  const auto first = text.find_first_not_of(blanks);
  const auto last = text.find_last_not_of(blanks);
  if (text.substr(first, last - first + 1).find_first_of(blanks) != std::string_view::npos)
    return Trouble{"blanks", what + " lies within it"};
  return Trouble{"blanks", what + (first > 0 ? " stands before it" : " stands behind it")};
}

bool is_quoted(std::string_view text) {
  constexpr std::string_view quotes = "\"'`";
  return quotes.find(text.front()) != std::string_view::npos || quotes.find(text.back()) != std::string_view::npos;
}

std::string_view without_ends(std::string_view text, std::string_view characters) {
  const auto first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

/// A token that went through base64 a second time, as the values of some kinds of secret store do.
bool is_encoded_twice(std::string_view text) {
  const auto body = without_ends(text, "=");
  if (body.find('.') != std::string_view::npos || body.size() % 4 == 1 || !is_base64(body)) return false;
  const auto inner = decoded(body);
  return inner.starts_with(beginning) && std::count(inner.begin(), inner.end(), '.') == 2;
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const auto dot = text.find('.', start);
    parts.push_back(text.substr(start, dot == std::string_view::npos ? dot : dot - start));
    if (dot == std::string_view::npos) return parts;
    start = dot + 1;
  }
}

std::optional<Trouble> wrong_parts(const std::vector<std::string_view>& parts) {
  constexpr std::size_t encrypted = 5;  // RFC 7516
  const auto count = parts.size();
  if (count == encrypted) return Trouble{"parts", "it has five parts: an encrypted token, which is not wanted here"};
  if (count == 1) return Trouble{"parts", "it has no dot: the parts behind the first are missing"};
  if (count != 3) return Trouble{"parts", "it has " + std::to_string(count) + " parts instead of three"};
  constexpr std::array names{"its header", "its payload", "its signature"};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (parts[i].empty()) return Trouble{"parts", std::string{names.at(i)} + " is empty"};
  return std::nullopt;
}

/// How long the signature of an algorithm is (RFC 7518, section 3; RFC 8037); 0: it varies or is not known.
std::size_t signature_size(const std::string& algorithm) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 6> sizes{
      {{"HS256", 32}, {"HS384", 48}, {"HS512", 64}, {"ES256", 64}, {"ES384", 96}, {"ES512", 132}}};
  for (const auto& [name, size] : sizes)
    if (name == algorithm) return size;
  return 0;
}

std::optional<Trouble> wrong_signature(std::string_view signature, const std::string& algorithm) {
  const auto bytes = decode(signature, "its signature");
  if (!bytes) return bytes.error();
  const auto wanted = signature_size(algorithm);
  if (wanted == 0 || bytes->size() == wanted) return std::nullopt;
  const std::string what = bytes->size() < wanted ? "its end is missing" : "something stands behind its end";
  return Trouble{"parts", what + ": the signature has " + std::to_string(bytes->size()) + " bytes, and " + algorithm +
                              " makes " + std::to_string(wanted)};
}

/// The three parts, one after the other.
std::optional<Trouble> read_parts(const std::vector<std::string_view>& parts, const std::vector<std::string>& wanted,
                                  TokenReport& report) {
  const auto object = [](std::string_view part, const std::string& name) {
    return decode(part, name).and_then([&](const std::string& bytes) { return object_in(bytes, name); });
  };
  const auto header = object(parts[0], "its header");
  if (!header) return header.error();
  if (const auto algorithm = header->find("alg"); algorithm != header->end() && algorithm->is_string())
    report.algorithm = util::shown(algorithm->get_ref<const std::string&>(), 20);
  const auto payload = object(parts[1], "its payload");
  if (!payload) return payload.error();
  report.claims = claims_of(*payload, wanted);
  return wrong_signature(parts[2], report.algorithm);
}

std::optional<Trouble> read(std::string_view text, const std::vector<std::string>& wanted, TokenReport& report) {
  const auto inner = without_ends(without_ends(text, blanks), "\"'`");
  const auto parts = parts_of(inner);
  const bool twice = is_encoded_twice(inner);
  if (parts.size() > 1 || inner.starts_with(beginning) || twice) report.parts = static_cast<int>(parts.size());
  if (inner.empty()) return Trouble{"parts", "there is nothing in it"};
  if (is_quoted(without_ends(text, blanks))) return Trouble{"quotes", "quotation marks are part of it"};
  if (auto found = blanks_in(text)) return found;
  if (twice) return Trouble{"encoding", "it is encoded in base64 once more"};
  if (report.parts == 0) return Trouble{"parts", "it does not begin like a token"};
  if (auto found = wrong_parts(parts)) return found;
  return read_parts(parts, wanted, report);
}

}  // namespace

TokenReport read_token(std::string_view text, const std::vector<std::string>& wanted) {
  TokenReport report;
  if (text.size() > most_token_bytes) {
    report.parts = 1;
    report.problem = "parts";
    report.reason = "it is larger than 64 kB";
    return report;
  }
  if (auto found = read(text, wanted, report)) {
    report.problem = std::move(found->problem);
    report.reason = std::move(found->reason);
  }
  return report;
}

}  // namespace doctor::formats
