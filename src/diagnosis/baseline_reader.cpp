#include <nlohmann/json.hpp>

#include "diagnosis/baseline.hpp"
#include "util/text.hpp"

namespace doctor::diagnosis {
namespace {

using nlohmann::json;

/// What an object says under a key; an empty text where it says something else.
std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? util::shown(found->get_ref<const std::string&>(), 300)
                                                     : std::string{};
}

bool is_true(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

const json* object_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

bool is_severity(const std::string& word) {
  return word == "error" || word == "warning" || word == "info";
}

tl::expected<Baseline::Known, std::string> known_of(const json& item) {
  if (!item.is_object()) return tl::unexpected{std::string{"one of its findings is no object"}};
  Baseline::Known known{text_of(item, "entry"), text_of(item, "subject"), text_of(item, "fingerprint"),
                        text_of(item, "title"), text_of(item, "check"),   text_of(item, "severity"),
                        is_true(item, "root")};
  if (known.fingerprint.empty() || !is_severity(known.severity))
    return tl::unexpected{std::string{"one of its findings has no fingerprint or no severity"}};
  return known;
}

}  // namespace

tl::expected<Baseline, std::string> read_baseline(std::string_view text) {
  if (text.size() > most_baseline_bytes) return tl::unexpected{"it is larger than " + util::bytes(most_baseline_bytes)};
  const auto document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return tl::unexpected{std::string{"it is not JSON"}};
  if (!document.is_object() || text_of(document, "schema") != "doctor-report/v1")
    return tl::unexpected{std::string{"it is not a report of doctor (schema doctor-report/v1)"}};
  const auto findings = document.find("findings");
  if (findings == document.end() || !findings->is_array()) return tl::unexpected{std::string{"it has no findings"}};
  Baseline baseline;
  if (const auto* run = object_of(document, "run")) baseline.started = text_of(*run, "started");
  if (const auto* deployment = object_of(document, "deployment")) baseline.system = text_of(*deployment, "system");
  for (const auto& item : *findings) {
    auto known = known_of(item);
    if (!known) return tl::unexpected{std::move(known.error())};
    if (!is_true(item, "ignored")) baseline.findings.push_back(*std::move(known));
  }
  return baseline;
}

}  // namespace doctor::diagnosis
