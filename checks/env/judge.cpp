#include "checks/env/judge.hpp"

#include <algorithm>
#include <string_view>

#include "doctor/codes/env.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::env_judge {
namespace {

using namespace std::string_view_literals;
using env_facts::Facts;
using env_facts::SettingFacts;

/// Whether `word` stands in `text` with no letter, digit or underscore beside it.
bool has_word(std::string_view text, std::string_view word) {
  const auto inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !inside(text[at - 1])) && (end == text.size() || !inside(text[end]))) return true;
  }
  return false;
}

bool has_any_word(const Value& value, const std::vector<std::string>& words) {
  if (value.is_secret()) return false;
  const auto text = formats::lower(value.text());
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return !word.empty() && has_word(text, formats::lower(word)); });
}

/// True: it is out of its range, and that is said.
bool judge_range(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& rule = facts.setting.rule;
  const auto& value = facts.current();
  if ((!rule.least && !rule.most) || value.is_secret()) return false;
  const auto number = formats::integer(value.text());
  if (!number) return false;  // the form says so
  if ((!rule.least || *number >= *rule.least) && (!rule.most || *number <= *rule.most)) return false;
  const auto limit = (rule.least ? std::to_string(*rule.least) : std::string{}) + ".." +
                     (rule.most ? std::to_string(*rule.most) : std::string{});
  report(out, codes::env_value_out_of_range, facts, all,
         {{"value", formats::shown(value.text()), {}, {}}, {"limit", limit, {}, {}}});
  return true;
}

/// Levels of a log that are legal: too much of it, or too little.
void judge_level(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& value = facts.current();
  const Evidence shown{"value", formats::shown(value.shown()), {}, {}};
  if (has_any_word(value, facts.setting.rule.noisy)) report(out, codes::env_value_noisy, facts, all, {shown});
  if (has_any_word(value, facts.setting.rule.quiet)) report(out, codes::env_value_quiet, facts, all, {shown});
}

/// The host of an http:// URL that leaves this machine in clear text, or "".
std::string insecure_host(std::string_view url) {
  const auto lower = formats::lower(url);
  constexpr auto scheme = "http://"sv;
  if (!lower.starts_with(scheme)) return {};
  auto host = lower.substr(scheme.size());
  host = host.substr(0, host.find_first_of("/?#"));
  if (const auto at = host.rfind('@'); at != std::string::npos) host = host.substr(at + 1);
  host = host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
  const bool local = host.empty() || host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
                     host == "::1" || host == "0.0.0.0";
  return local ? std::string{} : host;
}

void judge_public_url(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& value = facts.current();
  if (facts.setting.rule.role != "public-url" || value.is_secret()) return;
  const auto host = insecure_host(value.text());
  if (!host.empty()) report(out, codes::env_url_insecure, facts, all, {{"host", formats::shown(host), {}, {}}});
}

/// An example that came in with a variable is told about there.
bool inherits_example(const SettingFacts& facts, const Facts& all) {
  const auto& parts = facts.setting.built_from;
  return std::any_of(all.settings.begin(), all.settings.end(), [&](const SettingFacts& other) {
    return other.holds("example") && std::find(parts.begin(), parts.end(), other.setting.subject()) != parts.end();
  });
}

/// Whether what is used without the variable is as well known as an example.
bool falls_back_to_example(const SettingRule& rule) {
  return !rule.fallback.empty() &&
         std::find(rule.examples.begin(), rule.examples.end(), rule.fallback) != rule.examples.end();
}

/// The rule that the value breaks. The probe names it by its index: the value may be secret.
const ValueRule* broken_rule(const SettingFacts& facts) {
  const auto& rules = facts.setting.rule.refuses;
  const auto index = formats::integer(facts.reason("refused"));
  if (!facts.holds("refused") || !index || *index < 0 || static_cast<std::size_t>(*index) >= rules.size())
    return nullptr;
  return &rules[static_cast<std::size_t>(*index)];
}

/// "8080" and the port of "0.0.0.0:8080"; 0 for anything else.
std::uint16_t port_in(std::string_view address) {
  const auto port = formats::integer(address.substr(address.rfind(':') + 1));
  return port && *port > 0 && *port <= 65535 ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
}

/// True: the process listens where nothing asks for it, and that is said.
bool judge_port(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& value = facts.current();
  if (facts.port == 0 || value.is_secret()) return false;
  const auto port = port_in(value.text());
  const auto& targets = facts.targets;
  const bool published = std::find(targets.begin(), targets.end(), port) != targets.end();
  if (port == 0 || port == facts.port || published) return false;
  report(out, codes::env_port_unexpected, facts, all,
         {{"value", formats::shown(value.text()), {}, {}}, {"expected", std::to_string(facts.port), {}, {}}});
  return true;
}

/// What keeps the value from working. One mistake gives one finding: the most precise one.
void judge_form(const SettingFacts& facts, const Facts& all, Judgement& out) {
  if (judge_range(facts, all, out) || judge_port(facts, all, out)) return;
  if (const auto* broken = broken_rule(facts))
    return report(out, codes::env_value_refused, facts, all, {{"reason", broken->reason, {}, {}}}, broken->violated);
  if (facts.fails("well-formed"))
    report(out, codes::env_value_malformed, facts, all,
           {{"form", facts.setting.rule.form, {}, {}}, {"reason", facts.reason("well-formed"), {}, {}}});
}

void judge_companion(const SettingFacts& facts, const Facts& all, Judgement& out) {
  if (facts.accompanied.value_or(true)) return;
  const auto& needs = *facts.setting.rule.needs;
  report(out, codes::env_companion_missing, facts, all,
         {{"other", needs.setting, {}, {}}, {"expected", formats::join(needs.is, " or "), {}, {}}});
}

/// Whether the application takes an empty value as it is, where it would have had a default without the variable.
bool is_kept_empty(const SettingRule& rule) {
  return !rule.form.empty() || (!rule.allowed.empty() && !rule.fallback.empty());
}

const Evidence* evidence_of(const Finding& finding, std::string_view name) {
  for (const auto& item : finding.evidence)
    if (item.name == name) return &item;
  return nullptr;
}

bool is_about(const Finding& finding, const std::string& name, const std::string& where) {
  const auto* setting = evidence_of(finding, "setting");
  const auto* place = evidence_of(finding, "where");
  return setting != nullptr && place != nullptr && setting->value == name && place->value == where;
}

/// Whether both services take the variable from one line: of .env, or of what gives it to both.
bool share_source(const Setting& one, const Setting& other) {
  if (one.written_at && other.written_at) return *one.written_at == *other.written_at;
  if (one.passed_at && other.passed_at == one.passed_at) return true;
  return one.reach == Reach::passed && other.reach == Reach::passed;
}

/// .env has the name with nothing behind it, as example files do, and the compose file has the value.
bool is_blank_and_pinned(const Setting& setting) {
  return setting.reach == Reach::pinned && setting.passed_at && setting.written && !setting.written->is_secret() &&
         setting.written->text().empty();
}

/// The finding of another service about the same line.
Finding* told_before(Judgement& out, Code code, const SettingFacts& facts, const Facts& all) {
  for (auto& finding : out.findings) {
    if (finding.code != code.text()) continue;
    for (const auto& other : all.settings)
      if (other.setting.subject() == finding.subject && other.setting.service != facts.setting.service &&
          other.setting.name == facts.setting.name && share_source(other.setting, facts.setting) &&
          (home(other, all) == home(facts, all) || is_blank_and_pinned(facts.setting)))
        return &finding;
  }
  return nullptr;
}

/// Every place that keeps the line from its effect is named.
void add_place(Finding& finding, const std::vector<Evidence>& more) {
  for (auto& item : finding.evidence) {
    if (item.name != "pinned_at") continue;
    for (const auto& other : more)
      if (other.name == item.name && item.value.find(other.value) == std::string::npos)
        item.value += ", " + other.value;
  }
}

}  // namespace

std::string home(const SettingFacts& facts, const Facts& all) {
  const auto& setting = facts.setting;
  if (is_blank_and_pinned(setting)) return setting.passed_at->text();
  if (setting.written_at) return setting.written_at->text();
  if (setting.reach == Reach::pinned && setting.passed_at) return setting.passed_at->text();
  if (!all.env_file.empty()) return all.env_file;
  const auto where = setting.where();
  return where.empty() ? facts.owner.process : where;
}

void report(Judgement& out, Code code, const SettingFacts& facts, const Facts& all, std::vector<Evidence> more,
            std::string entry) {
  if (auto* told = told_before(out, code, facts, all)) return add_place(*told, more);
  const auto where = home(facts, all);
  std::vector<Evidence> evidence{{"setting", facts.setting.name, where, {}},
                                 {"service", facts.setting.service, {}, {}}};
  evidence.push_back({"where", where, {}, {}});
  for (auto& item : more) evidence.push_back(std::move(item));
  out.findings.emplace_back(code, facts.setting.subject(), std::move(evidence), std::move(entry));
}

bool is_example_file(const std::string& name) {
  const auto words = {".example", ".sample", ".dist", ".template"};
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return name.ends_with(word); });
}

bool reported(const SettingFacts& facts, const Facts& all, const Judgement& out) {
  const auto where = home(facts, all);
  return std::any_of(out.findings.begin(), out.findings.end(),
                     [&](const Finding& finding) { return is_about(finding, facts.setting.name, where); });
}

void judge_absence(const SettingFacts& facts, const Facts& all, Judgement& out) {
  if (facts.fails("applied")) return;  // the files have it
  if (facts.required) return report(out, codes::env_required_missing, facts, all);
  if (falls_back_to_example(facts.setting.rule)) return report(out, codes::env_example_value, facts, all);
  if (facts.setting.rule.recommended) report(out, codes::env_recommended_missing, facts, all);
}

void judge_value(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& rule = facts.setting.rule;
  if (facts.holds("empty")) {
    if (facts.required && !rule.may_be_empty) return report(out, codes::env_required_empty, facts, all);
    if (rule.recommended && !rule.may_be_empty) return report(out, codes::env_recommended_missing, facts, all);
    if (rule.may_be_empty || !is_kept_empty(rule)) return;
  }
  if (facts.holds("example")) {
    const bool is_in_use = facts.setting.running || !is_example_file(all.env_file);
    if (is_in_use && !inherits_example(facts, all)) report(out, codes::env_example_value, facts, all);
    return;
  }
  if (facts.fails("strong") && !facts.holds("empty"))
    report(out, codes::env_secret_weak, facts, all, {{"reason", facts.reason("strong"), {}, {}}});
  judge_form(facts, all, out);
  if (facts.fails("allowed"))
    report(out, codes::env_value_not_allowed, facts, all,
           {{"value", formats::shown(facts.current().shown()), {}, {}},
            {"allowed", formats::join(rule.allowed, ", "), {}, {}}});
  if (facts.fails("url-safe"))
    report(out, codes::env_password_unescaped, facts, all,
           {{"characters", facts.reason("url-safe"), {}, {}},
            {"url_setting", formats::join(facts.url_settings, ", "), {}, {}}});
  if (!facts.fails("allowed")) judge_level(facts, all, out);
  judge_public_url(facts, all, out);
  judge_companion(facts, all, out);
}

}  // namespace doctor::checks::env_judge
