#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "checks/env/judge.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/env.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

using env_facts::Facts;
using env_facts::GroupFacts;
using env_facts::SettingFacts;
using env_judge::home;
using env_judge::judge_absence;
using env_judge::judge_value;
using env_judge::report;

// ---- diagnose

constexpr std::array codes_of_env{
    codes::env_required_missing,   codes::env_required_empty,      codes::env_example_value,
    codes::env_secret_weak,        codes::env_value_malformed,     codes::env_value_not_allowed,
    codes::env_value_out_of_range, codes::env_value_noisy,         codes::env_edit_ineffective,
    codes::env_edit_not_applied,   codes::env_password_unescaped,  codes::env_name_misspelt,
    codes::env_group_incomplete,   codes::env_key_duplicated,      codes::env_file_missing,
    codes::env_file_unreadable,    codes::env_file_invalid,        codes::env_file_not_text,
    codes::env_file_oversized,     codes::env_file_exposed,        codes::env_file_not_loaded,
    codes::env_url_insecure,       codes::env_recommended_missing, codes::env_value_refused,
    codes::env_value_quiet,        codes::env_companion_missing,   codes::env_port_unexpected};

void judge_problems(const Facts& facts, Judgement& out) {
  for (const auto& problem : facts.problems) {
    const auto code = std::find_if(codes_of_env.begin(), codes_of_env.end(),
                                   [&](Code known) { return known.text() == problem.code; });
    if (code == codes_of_env.end()) throw std::logic_error("the deployment reports a code that env does not declare");
    std::vector<Evidence> evidence;
    for (const auto& [name, value] : problem.evidence) evidence.push_back({name, value, problem.place.text(), {}});
    out.findings.emplace_back(*code, problem.subject, std::move(evidence));
  }
}

bool passed_elsewhere(const Setting& setting, const Facts& all) {
  return std::any_of(all.settings.begin(), all.settings.end(), [&](const SettingFacts& other) {
    return other.setting.name == setting.name && other.setting.service != setting.service &&
           other.setting.reach == Reach::passed;
  });
}

/// The compose file itself makes something of the variable, such as a published port.
bool used_by_compose(const Setting& setting, const Facts& all) {
  return std::any_of(all.settings.begin(), all.settings.end(), [&](const SettingFacts& other) {
    return other.setting.service == "compose" && other.setting.name == setting.name &&
           other.setting.reach == Reach::passed;
  });
}

/// A line of .env that the compose file never looks at. What equals the application's own default is no edit, and what
/// another service takes from .env is one only where the compose file sets a variable that is described.
void judge_reach(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& setting = facts.setting;
  if (!facts.fails("reaches-as-written")) return;
  const bool plain = !setting.written->is_secret();
  if (plain && !setting.rule.fallback.empty() && setting.written->text() == setting.rule.fallback) return;
  const bool pinned = setting.reach == Reach::pinned;
  if (!setting.described && !pinned) return;
  if (used_by_compose(setting, all) || (passed_elsewhere(setting, all) && !(setting.described && pinned))) return;
  report(out, codes::env_edit_ineffective, facts, all,
         {{"pinned_at", setting.passed_at ? setting.passed_at->text() : all.compose_file, {}, {}},
          {"reason", pinned ? "pinned" : "not-passed", {}, {}}});
}

void judge_applied(const SettingFacts& facts, const Facts& all, Judgement& out) {
  if (!facts.fails("applied")) return;
  report(out, codes::env_edit_not_applied, facts, all,
         {{"container", facts.owner.process, {}, {}},
          {"started", formats::timestamp(facts.owner.started), facts.owner.process, {}}});
}

using Names = std::set<std::string>;

void judge_setting(const SettingFacts& facts, const Facts& all, const Names& not_loaded, Judgement& out) {
  if (!facts.owner.judged) return;
  for (const auto& [predicate, answer] : facts.answers) {
    if (answer) continue;
    out.unexamined.push_back({facts.setting.subject(), formats::describe(answer.error())});
    return;
  }
  if (not_loaded.count(facts.setting.subject()) != 0) return;  // said once, about the file
  judge_reach(facts, all, out);
  judge_applied(facts, all, out);
  return facts.given() ? judge_value(facts, all, out) : judge_absence(facts, all, out);
}

/// Bare processes that run without what their .env says: one finding a process, and the settings it explains.
Names judge_loading(const Facts& facts, Judgement& out) {
  std::map<std::string, std::pair<std::vector<const SettingFacts*>, std::size_t>> lacking;  // by process
  for (const auto& one : facts.settings) {
    if (!one.owner.judged || !one.owner.bare || !one.owner.runs || !one.setting.described || !one.setting.written)
      continue;
    auto& [missing, written] = lacking[one.owner.process];
    ++written;
    if (!one.setting.running) missing.push_back(&one);
  }
  Names explained;
  for (const auto& [process, counted] : lacking) {
    const auto& [missing, written] = counted;
    const bool required =
        std::any_of(missing.begin(), missing.end(), [](const SettingFacts* one) { return one->required; });
    if (missing.empty() || (!required && missing.size() < written)) continue;
    std::vector<std::string> names;
    for (const auto* one : missing) {
      names.push_back(one->setting.name);
      explained.insert(one->setting.subject());
    }
    out.findings.emplace_back(codes::env_file_not_loaded, "file:" + facts.env_file,
                              std::vector<Evidence>{{"file", facts.env_file, {}, {}},
                                                    {"process", process, {}, {}},
                                                    {"setting", formats::join(names, ", "), process, {}}});
  }
  return explained;
}

const SettingFacts* find(const Facts& all, const std::string& service, const std::string& name) {
  const SettingFacts* other = nullptr;
  for (const auto& one : all.settings) {
    if (one.setting.name != name) continue;
    if (one.setting.service == service) return &one;
    other = &one;
  }
  return service == "compose" ? other : nullptr;
}

void judge_group(const GroupFacts& facts, const Facts& all, Judgement& out) {
  std::vector<std::string> missing;
  std::vector<std::string> present;
  const SettingFacts* first = nullptr;
  for (const auto& name : facts.group.settings) {
    const auto* member = find(all, facts.service, name);
    if (member != nullptr && !member->owner.judged) return;
    if (member != nullptr && member->given() && !member->fails("empty") && !member->holds("empty")) return;  // unknown
    const bool set = member != nullptr && member->given() && member->fails("empty");
    (set ? present : missing).push_back(name);
    if (first == nullptr || set) first = member == nullptr ? first : member;
  }
  if (missing.empty() || present.empty() || first == nullptr) return;
  const auto where = home(*first, all);
  out.findings.emplace_back(codes::env_group_incomplete, "setting:" + facts.service + "/" + missing.front(),
                            std::vector<Evidence>{{"group", facts.group.id, {}, {}},
                                                  {"missing", formats::join(missing, ", "), where, {}},
                                                  {"present", formats::join(present, ", "), where, {}},
                                                  {"service", facts.service, {}, {}},
                                                  {"where", where, {}, {}}});
}

bool is_read(const Setting& setting) {
  return setting.described || (setting.reach != Reach::not_passed && setting.reach != Reach::unknown);
}

/// Whether a name of .env is read by nothing that we know.
bool unread(const Setting& setting) {
  return setting.written && !is_read(setting);
}

/// Names of .env that nothing reads and that are very near to a known name which is not set.
void judge_spelling(const Facts& facts, Judgement& out) {
  Names known;
  Names set;
  for (const auto& one : facts.settings) {
    const auto& setting = one.setting;
    const bool defaulted =
        setting.reach == Reach::passed && !setting.written;  // the compose file would take it from .env
    if (!defaulted && (setting.written || setting.configured || setting.running)) set.insert(setting.name);
    if (is_read(setting)) known.insert(setting.name);
  }
  std::vector<std::string> unset;
  std::set_difference(known.begin(), known.end(), set.begin(), set.end(), std::back_inserter(unset));
  for (const auto& one : facts.settings) {
    const auto& setting = one.setting;
    if (!unread(setting) || known.count(setting.name) != 0) continue;
    const auto nearest = formats::nearest(setting.name, unset);
    if (nearest.empty()) continue;
    out.findings.emplace_back(codes::env_name_misspelt, setting.subject(),
                              std::vector<Evidence>{{"setting", setting.name, setting.where(), {}},
                                                    {"nearest", nearest, {}, {}},
                                                    {"where", setting.where(), {}, {}}});
  }
}

void judge_exposure(const Facts& facts, Judgement& out) {
  constexpr std::uint32_t readable_by_others = 0004;
  if (!facts.env_file_state) return;
  const auto subject = "file:" + facts.env_file;
  const auto& state = *facts.env_file_state;
  if (env_judge::is_example_file(facts.env_file)) return;  // what is in it is for everybody
  if (!state) {
    out.unexamined.push_back({subject, formats::describe(state.error())});
  } else if (state->kind == "file" && (state->mode & readable_by_others) != 0) {
    out.findings.emplace_back(codes::env_file_exposed, subject,
                              std::vector<Evidence>{{"file", facts.env_file, {}, {}},
                                                    {"mode", formats::mode(state->mode), facts.env_file, "host"}});
  }
}

void praise(const Facts& facts, Judgement& out) {
  Names ill;
  for (const auto& finding : out.findings) ill.insert(finding.subject);
  for (const auto& item : out.unexamined) ill.insert(item.subject);
  std::map<std::string, std::size_t> settings;  // by service
  Names services_with_gaps;
  for (const auto& one : facts.settings) {
    const auto& setting = one.setting;
    if (!one.owner.judged || !setting.described) continue;
    settings[setting.service] += one.given() ? 1U : 0U;
    const bool ill_one = ill.count(setting.subject()) != 0 || env_judge::reported(one, facts, out);
    if (ill_one) services_with_gaps.insert(setting.service);
    if (one.required && one.given() && !ill_one)
      out.healthy.push_back({setting.subject(), "set in " + home(one, facts)});
  }
  for (const auto& [service, count] : settings) {
    const auto subject = service == "compose" ? "file:" + facts.env_file : "service:" + service;
    if (services_with_gaps.count(service) == 0 && ill.count(subject) == 0 && count > 0)
      out.healthy.push_back({subject, std::to_string(count) + " settings, all required ones set"});
  }
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  judge_problems(facts, out);
  const auto not_loaded = judge_loading(facts, out);
  for (const auto& one : facts.settings) judge_setting(one, facts, not_loaded, out);
  for (const auto& group : facts.groups) judge_group(group, facts, out);
  judge_spelling(facts, out);
  judge_exposure(facts, out);
  for (const auto& service : facts.unreadable) out.unexamined.push_back(service);
  praise(facts, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(env_facts::observe(context));
}

constexpr std::array reads{"public-url"sv, "listen-address"sv, "process-role"sv};

}  // namespace

extern const CheckInfo env{"env", "every setting is set, well-formed and reaches its process", reads, {}, codes_of_env,
                           run};

}  // namespace doctor::checks
