#include "lab/smoltbot_license.hpp"

#include <cstdlib>
#include <ctime>
#include <optional>

#include <nlohmann/json.hpp>

#include "lab/smoltbot_fetch.hpp"
#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

using nlohmann::json;

constexpr int valid_for = 86400;
constexpr int invalid_for = 3600;
constexpr int grace = 604800;

std::vector<std::string> parts_of(const std::string& token) {
  std::vector<std::string> parts{""};
  for (const char c : token) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// The claims; nothing when the middle part is no JSON object.
std::optional<json> claims_of(const std::string& part) {
  auto claims = json::parse(decoded(part), nullptr, false);
  return claims.is_object() ? std::optional<json>{std::move(claims)} : std::nullopt;
}

bool expired(const json& claims) {
  const auto found = claims.find("exp");
  return found != claims.end() && found->is_number() && found->get<double>() < static_cast<double>(std::time(nullptr));
}

std::string validate_url() {
  auto url = variable_or("MNEMOM_ANALYZE_URL", "");
  if (url.empty()) return "https://api.mnemom.ai/v1/license/validate";
  const std::string suffix = "/v1/analyze";
  if (url.ends_with(suffix)) url.replace(url.size() - suffix.size(), suffix.size(), "/v1/license/validate");
  return url;
}

FetchAnswer phone_home(const std::string& token) {
  const auto version = variable_or("GATEWAY_VERSION", "1.0.0-selfhosted");
  const json body{{"license", token}, {"instance_id", version}, {"instance_metadata", {{"gateway_version", version}}}};
  return fetch({"POST", validate_url(), {{"Content-Type", "application/json"}}, body.dump(), 5000});
}

bool was_valid_lately(Store& store, const std::string& id) {
  const auto text = store.get("license:last_valid:" + id);
  tm parts{};
  if (text.empty() || ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return false;
  return std::time(nullptr) - ::timegm(&parts) < grace;
}

}  // namespace

std::string decoded(const std::string& text) {
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    auto value = alphabet.find(c);
    if (c == '-' || c == '+') value = 62;
    if (c == '_' || c == '/') value = 63;
    if (value == std::string_view::npos) return {};
    bits = bits << 6U | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 255U);
  }
  return bytes;
}

LicenseHealth license_health() {
  const auto token = variable_or("MNEMOM_LICENSE_JWT", "");
  if (token.empty()) return {};
  const auto parts = parts_of(token);
  if (parts.size() != 3) return {false, ""};
  const auto claims = claims_of(parts[1]);
  if (!claims) return {false, "license_parse_error"};
  if (expired(*claims)) return {false, "license_expired"};
  return {};
}

bool license_allows(Store& store) {
  const auto token = variable_or("MNEMOM_LICENSE_JWT", "");
  if (token.empty()) return true;
  const auto parts = parts_of(token);
  const auto claims = parts.size() == 3 ? claims_of(parts[1]) : std::nullopt;
  if (!claims || !claims->contains("license_id") || !claims->at("license_id").is_string()) return false;
  const auto id = claims->at("license_id").get<std::string>();
  if (expired(*claims)) return was_valid_lately(store, id);
  const auto known = store.get("license:status:" + id);
  if (known == "valid" || known == "invalid") return known == "valid";
  const auto answer = phone_home(token);
  if (!answer.error.empty()) return claims->value("is_offline", false) || was_valid_lately(store, id);
  store.put("license:status:" + id, answer.ok() ? "valid" : "invalid", answer.ok() ? valid_for : invalid_for);
  if (answer.ok()) store.put("license:last_valid:" + id, now_text(), grace);
  return answer.ok();
}

}  // namespace smoltbot
