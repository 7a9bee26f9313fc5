#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "checks/env/scope.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/env.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

// ---- facts

struct SettingFacts {
  Setting setting;
  env_scope::Owner owner;
  std::vector<std::string> url_settings;                 ///< names of the URLs that it is pasted into
  std::map<std::string, Outcome<SecretAnswer>> answers;  ///< by predicate

  /// Whether the process that runs, or would be started now, has the variable.
  bool given() const { return owner.runs ? setting.running.has_value() : setting.configured.has_value(); }

  bool holds(const std::string& predicate) const {
    const auto found = answers.find(predicate);
    return found != answers.end() && found->second && found->second->holds;
  }
  bool fails(const std::string& predicate) const {
    const auto found = answers.find(predicate);
    return found != answers.end() && found->second && !found->second->holds;
  }
  std::string reason(const std::string& predicate) const {
    const auto found = answers.find(predicate);
    return found != answers.end() && found->second ? found->second->reason : std::string{};
  }
};

struct GroupFacts {
  SettingGroup group;
  std::string service;
};

struct Facts {
  std::vector<FileProblem> problems;
  std::vector<SettingFacts> settings;
  std::vector<GroupFacts> groups;
  std::vector<NotLookedAt> unreadable;  ///< services whose process hides its environment
  std::string env_file;
  std::string compose_file;
  std::optional<Outcome<FileAnswer>> env_file_state;  ///< only when it holds secrets
};

// ---- observe

std::vector<std::string> questions_about(const SettingFacts& facts) {
  const auto& setting = facts.setting;
  const auto& rule = setting.rule;
  std::vector<std::string> predicates;
  if (facts.given()) {
    if (setting.described) predicates.emplace_back("empty");
    if (!rule.examples.empty()) predicates.emplace_back("example");
    if (rule.secret && rule.length > 0)
      predicates.emplace_back("strong");
    else if (!rule.form.empty())
      predicates.emplace_back("well-formed");
    if (!rule.allowed.empty()) predicates.emplace_back("allowed");
    if (!facts.url_settings.empty()) predicates.emplace_back("url-safe");
  }
  const bool cut_off = setting.reach == Reach::pinned || setting.reach == Reach::not_passed;
  if (setting.written && cut_off && setting.service != "compose") predicates.emplace_back("reaches-as-written");
  if (setting.configured && facts.owner.runs) predicates.emplace_back("applied");
  return predicates;
}

std::vector<std::string> urls_built_from(const Setting& setting, const Deployment& deployment) {
  std::vector<std::string> urls;
  if (!setting.rule.secret) return urls;
  for (const auto& other : deployment.settings) {
    const bool url = other.rule.form.ends_with("url") || other.rule.role.ends_with("-url");
    const auto& parts = other.built_from;
    const bool part = std::find(parts.begin(), parts.end(), setting.subject()) != parts.end();
    if (url && part && std::find(urls.begin(), urls.end(), other.name) == urls.end()) urls.push_back(other.name);
  }
  return urls;
}

SettingFacts look_at(const Setting& setting, const Context& context) {
  const auto& deployment = context.deployment;
  SettingFacts facts{setting, env_scope::owner_of(setting, deployment), urls_built_from(setting, deployment), {}};
  if (!facts.owner.judged) return facts;
  for (const auto& predicate : questions_about(facts))
    facts.answers.emplace(predicate, context.ask(SecretQuestion{setting.subject(), predicate, {}}));
  return facts;
}

bool holds_secrets(const Deployment& deployment, const std::string& file) {
  return std::any_of(deployment.settings.begin(), deployment.settings.end(), [&](const Setting& setting) {
    return setting.rule.secret && setting.written_at && setting.written_at->file == file;
  });
}

std::string absolute(const Deployment& deployment, const std::string& file) {
  return file.starts_with('/') ? file : deployment.directory + "/" + file;
}

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  facts.env_file = deployment.env_file;
  facts.compose_file = deployment.compose_file;
  for (const auto& problem : deployment.problems)
    if (problem.code.starts_with("env-")) facts.problems.push_back(problem);
  for (const auto& setting : env_scope::all_settings(deployment)) facts.settings.push_back(look_at(setting, context));
  for (const auto& service : deployment.services) {
    if (service.enabled)
      for (const auto& group : service.rule.groups) facts.groups.push_back({group, service.name});
    if (service.process && service.described() && !env_scope::environment_known(deployment, service.name))
      facts.unreadable.push_back({service.subject(), "the environment of process " +
                                                         std::to_string(service.process->pid) + " cannot be read"});
  }
  for (const auto& group : deployment.description.groups) facts.groups.push_back({group, "compose"});
  if (!facts.env_file.empty() && holds_secrets(deployment, facts.env_file))
    facts.env_file_state = context.ask(FileQuestion{absolute(deployment, facts.env_file)});
  return facts;
}

// ---- diagnose

constexpr std::array codes_of_env{
    codes::env_required_missing,   codes::env_required_empty,     codes::env_example_value,
    codes::env_secret_weak,        codes::env_value_malformed,    codes::env_value_not_allowed,
    codes::env_value_out_of_range, codes::env_value_noisy,        codes::env_edit_ineffective,
    codes::env_edit_not_applied,   codes::env_password_unescaped, codes::env_name_misspelt,
    codes::env_group_incomplete,   codes::env_key_duplicated,     codes::env_file_missing,
    codes::env_file_unreadable,    codes::env_file_invalid,       codes::env_file_not_text,
    codes::env_file_oversized,     codes::env_file_exposed,       codes::env_file_not_loaded,
    codes::env_url_insecure};

/// The file in which an operator would look for the variable.
std::string home(const SettingFacts& facts, const Facts& all) {
  const auto& setting = facts.setting;
  if (setting.written_at) return setting.written_at->text();
  if (setting.reach == Reach::pinned && setting.passed_at) return setting.passed_at->text();
  if (!all.env_file.empty()) return all.env_file;
  const auto where = setting.where();
  return where.empty() ? facts.owner.process : where;
}

/// A finding about a setting: the keys that all of them have, and some more.
void report(Judgement& out, Code code, const SettingFacts& facts, const Facts& all, std::vector<Evidence> more = {}) {
  const auto where = home(facts, all);
  std::vector<Evidence> evidence{{"setting", facts.setting.name, where, {}},
                                 {"service", facts.setting.service, {}, {}}};
  evidence.push_back({"where", where, {}, {}});
  for (auto& item : more) evidence.push_back(std::move(item));
  out.findings.emplace_back(code, facts.setting.subject(), std::move(evidence));
}

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

/// A line of .env that the compose file never looks at. What equals the application's own default is no edit, and a
/// variable that nobody described is one only when the compose file sets it and no other service takes it from .env.
void judge_reach(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& setting = facts.setting;
  if (!facts.fails("reaches-as-written")) return;
  const bool plain = !setting.written->is_secret();
  if (plain && !setting.rule.fallback.empty() && setting.written->text() == setting.rule.fallback) return;
  const bool pinned = setting.reach == Reach::pinned;
  if (!setting.described && (!pinned || passed_elsewhere(setting, all))) return;
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

const Value& current(const SettingFacts& facts) {
  return facts.owner.runs ? *facts.setting.running : *facts.setting.configured;
}

void judge_range(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& rule = facts.setting.rule;
  const auto& value = current(facts);
  if ((!rule.least && !rule.most) || value.is_secret()) return;
  const auto number = formats::integer(value.text());
  if (!number) return;  // the form says so
  if ((!rule.least || *number >= *rule.least) && (!rule.most || *number <= *rule.most)) return;
  const auto limit = (rule.least ? std::to_string(*rule.least) : std::string{}) + ".." +
                     (rule.most ? std::to_string(*rule.most) : std::string{});
  report(out, codes::env_value_out_of_range, facts, all,
         {{"value", formats::shown(value.text()), {}, {}}, {"limit", limit, {}, {}}});
}

void judge_noise(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& value = current(facts);
  if (value.is_secret()) return;
  for (const auto& noisy : facts.setting.rule.noisy) {
    if (noisy.empty() || !has_word(formats::lower(value.text()), formats::lower(noisy))) continue;
    report(out, codes::env_value_noisy, facts, all, {{"value", formats::shown(value.text()), {}, {}}});
    return;
  }
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
  const auto& value = current(facts);
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

void judge_value(const SettingFacts& facts, const Facts& all, Judgement& out) {
  const auto& rule = facts.setting.rule;
  if (facts.holds("empty")) {
    if (rule.required && !rule.may_be_empty) return report(out, codes::env_required_empty, facts, all);
    if (rule.may_be_empty || rule.form.empty()) return;
  }
  if (facts.holds("example")) {
    if (!inherits_example(facts, all)) report(out, codes::env_example_value, facts, all);
    return;
  }
  if (facts.fails("strong") && !facts.holds("empty"))
    report(out, codes::env_secret_weak, facts, all, {{"reason", facts.reason("strong"), {}, {}}});
  if (facts.fails("well-formed"))
    report(out, codes::env_value_malformed, facts, all,
           {{"form", rule.form, {}, {}}, {"reason", facts.reason("well-formed"), {}, {}}});
  if (facts.fails("allowed"))
    report(out, codes::env_value_not_allowed, facts, all,
           {{"value", formats::shown(current(facts).shown()), {}, {}},
            {"allowed", formats::join(rule.allowed, ", "), {}, {}}});
  if (facts.fails("url-safe"))
    report(out, codes::env_password_unescaped, facts, all,
           {{"characters", facts.reason("url-safe"), {}, {}},
            {"url_setting", formats::join(facts.url_settings, ", "), {}, {}}});
  judge_range(facts, all, out);
  judge_noise(facts, all, out);
  judge_public_url(facts, all, out);
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
  if (facts.given()) return judge_value(facts, all, out);
  if (facts.setting.rule.required && !facts.fails("applied")) report(out, codes::env_required_missing, facts, all);
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
        std::any_of(missing.begin(), missing.end(), [](const SettingFacts* one) { return one->setting.rule.required; });
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

/// Whether a name of .env is read by nothing that we know.
bool unread(const Setting& setting) {
  return !setting.described && setting.written &&
         (setting.reach == Reach::not_passed || setting.reach == Reach::unknown);
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
    if (!unread(setting)) known.insert(setting.name);
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
    const bool ill_one = ill.count(setting.subject()) != 0;
    if (ill_one) services_with_gaps.insert(setting.service);
    if (setting.rule.required && one.given() && !ill_one)
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
  return diagnose(observe(context));
}

constexpr std::array reads{"public-url"sv};

}  // namespace

extern const CheckInfo env{"env", "every setting is set, well-formed and reaches its process", reads, {}, codes_of_env,
                           run};

}  // namespace doctor::checks
