#include "probes/secrets.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "doctor/format/line_match.hpp"
#include "probes/files_failure.hpp"
#include "probes/secrets_seal.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using Text = std::optional<std::string>;

Text reveal(const std::optional<Value>& value) {
  return value ? Text{SecretReader::reveal(*value)} : std::nullopt;
}

bool is_blank(const std::string& text) {
  return util::trim(text).empty();
}

SecretAnswer holds_unless(std::string reason) {
  const bool good = reason.empty();
  return {good, std::move(reason)};
}

SecretAnswer is_example(const SettingRule& rule, const std::string& text) {
  const bool found = std::any_of(rule.examples.begin(), rule.examples.end(), [&](const std::string& example) {
    return !example.empty() && text.find(example) != std::string::npos;
  });
  return {found, found ? "" : "it holds none of the examples"};
}

/// Characters, not bytes: what a user counts.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string weakness(const SettingRule& rule, const std::string& text) {
  if (text.empty()) return "it is empty";
  if (length_of(text) < rule.length) return "shorter than " + std::to_string(rule.length) + " characters";
  if (text.find_first_not_of(text.front()) == std::string::npos) return "one character, repeated";
  return form_problem(rule.form, rule, text);
}

SecretAnswer is_allowed(const SettingRule& rule, const std::string& text) {
  const bool found = std::find(rule.allowed.begin(), rule.allowed.end(), text) != rule.allowed.end();
  return {found, found ? "" : "it is none of: " + util::join(rule.allowed, ", ")};
}

/// The index of the first pattern that matches is the answer: a fixed text, whatever the value is.
Outcome<SecretAnswer> is_refused(const SettingRule& rule, const std::string& text) {
  for (std::size_t i = 0; i < rule.refuses.size(); ++i) {
    const auto line = formats::first_matching_line(text, rule.refuses[i].match);
    if (!line) return failed(FailureKind::protocol_error, "pattern", "a pattern of the description cannot be read");
    if (*line > 0) return SecretAnswer{true, std::to_string(i)};
  }
  return SecretAnswer{false, ""};
}

SecretAnswer are_equal(const Text& a, const Text& b, std::string absent) {
  if (!a || !b) return holds_unless(!a && !b ? "" : std::move(absent));
  return holds_unless(*a == *b ? "" : "they differ");
}

Failed unset() {
  return failed(FailureKind::not_found, "unset", "the setting has no value");
}

/// Predicates about what the process has, or would get.
Outcome<SecretAnswer> about_value(const std::string& predicate, const SettingRule& rule, const Text& text) {
  if (!text) return unset();
  if (predicate == "empty") return SecretAnswer{is_blank(*text), ""};
  if (predicate == "example") return is_example(rule, *text);
  if (predicate == "well-formed") return holds_unless(form_problem(rule.form, rule, *text));
  if (predicate == "strong") return holds_unless(weakness(rule, *text));
  if (predicate == "allowed") return is_allowed(rule, *text);
  if (predicate == "refused") return is_refused(rule, *text);
  if (predicate == "url-safe") return holds_unless(url_breakers(*text));
  throw std::invalid_argument("unknown predicate of the secrets probe");
}

}  // namespace

Outcome<SecretAnswer> SecretProbe::ask(const SecretQuestion& question, const Deadline& deadline) {
  const auto* setting = deployment_->setting(question.setting);
  if (setting == nullptr) return failed(FailureKind::not_found, "unknown", "the deployment has no such setting");
  const auto value = reveal(setting->value());
  if (question.predicate == "agrees-with") {
    const auto* other = deployment_->setting(question.other);
    if (other == nullptr) return failed(FailureKind::not_found, "unknown", "the deployment has no such setting");
    return are_equal(value, reveal(other->value()), "only one of them is set");
  }
  if (question.predicate == "applied") {
    if (!setting->configured) return SecretAnswer{true, ""};  // the files say nothing that could wait
    return are_equal(reveal(setting->configured), reveal(setting->running), "the process does not have it");
  }
  if (question.predicate == "reaches-as-written") {
    if (!setting->written) return unset();
    if (is_blank(*reveal(setting->written))) return SecretAnswer{true, ""};  // an example's empty line is no edit
    return are_equal(reveal(setting->written), value, "the process does not get it");
  }
  if (question.predicate == "opens") return ask_seals(*setting, question.other, deadline);
  return about_value(question.predicate, setting->rule, value);
}

Outcome<SecretAnswer> SecretProbe::ask_seals(const Setting& setting, const std::string& sql, const Deadline& deadline) {
  if (!setting.value()) return unset();
  const auto& sources = deployment_->data_sources;
  const auto source = std::find_if(sources.begin(), sources.end(),
                                   [&](const DataSource& one) { return one.service == setting.service; });
  if (!rows_ || source == sources.end())
    return failed(FailureKind::not_found, "unknown", "the service of the setting has no database");
  const auto& dial = source->dial;
  const auto answer = rows_({{source->setting, dial.host, dial.port, dial.vantage}, sql, {}}, deadline);
  if (!answer) return Failed{answer.error()};
  const auto key = SecretReader::reveal(*setting.value());
  const auto& rows = answer->rows;
  const auto misfits = std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.empty() || !row.front() || !opens(key, bytes_of_hex(*row.front()));
  });
  if (misfits == 0) return SecretAnswer{true, ""};
  return SecretAnswer{false, std::to_string(misfits) + " of " + std::to_string(rows.size()) + " do not fit"};
}

}  // namespace doctor::probes
