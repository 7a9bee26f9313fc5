#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/access.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/jwt.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

constexpr auto private_role = "jwt-private-key-path"sv;
constexpr auto public_role = "jwt-public-key-path"sv;

// ---- facts

/// One half of a pair of keys, as a service is told to read it.
struct KeyFacts {
  std::string setting;  ///< name
  std::string service;
  std::string path;  ///< as the service sees it
  std::string subject;
  std::string shown;     ///< the file on the host, as shown to the user
  std::string expected;  ///< algorithm that the description asks for; empty: any
  bool is_private = false;
  std::string unseen;  ///< why nothing could be asked; empty: it was
  std::optional<Outcome<FileAnswer>> file;
  std::optional<Deployment::Identity> identity;
  std::optional<Outcome<AccessAnswer>> access;
  std::optional<Outcome<KeyAnswer>> key;
  std::string process;       ///< "container x", "process 4711"; empty when nothing runs
  std::int64_t started = 0;  ///< seconds since 1970

  std::string half() const { return is_private ? "private" : "public"; }
  bool there() const { return file && *file && (*file)->kind == "file"; }
  bool usable() const { return key && *key && (*key)->problem.empty(); }
};

using Facts = std::vector<KeyFacts>;

// ---- observe

void note_start(const Service& service, KeyFacts& facts) {
  if (service.process) {
    facts.process = "process " + std::to_string(service.process->pid);
    facts.started = service.process->started;
  } else if (service.container && service.container->status == "running") {
    facts.process = "container " + service.container->name;
    facts.started = service.container->started;
  }
}

void look_at_file(const Context& context, const ServicePath& path, KeyFacts& facts) {
  facts.file = context.ask(FileQuestion{path.host});
  if (!facts.there()) return;
  if (facts.identity) facts.access = ask_access(context, path, *facts.identity, "read");
  facts.key = context.ask(KeyQuestion{path.host});
}

std::optional<KeyFacts> look_at(const Context& context, const Setting& setting, bool is_private) {
  const auto& deployment = context.deployment;
  const auto* service = deployment.service(setting.service);
  if (service == nullptr || !service->enabled) return std::nullopt;
  const auto& value = setting.value();
  if (value && value->is_secret()) return std::nullopt;
  KeyFacts facts;
  facts.setting = setting.name;
  facts.service = setting.service;
  facts.subject = setting.subject();
  facts.is_private = is_private;
  facts.expected = setting.rule.algorithm;
  facts.path = value ? value->text() : setting.rule.fallback;
  if (facts.path.empty()) return std::nullopt;
  const auto path = locate(deployment, *service, facts.path);
  if (!path) {
    facts.unseen = "its place on the host is not known";
    return facts;
  }
  facts.shown = deployment.shown_path(path->host);
  facts.subject = "file:" + facts.shown;
  facts.identity = deployment.identity(*service);
  note_start(*service, facts);
  look_at_file(context, *path, facts);
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  for (const bool is_private : {true, false})
    for (const auto* setting : context.deployment.with_role(is_private ? private_role : public_role))
      if (auto one = look_at(context, *setting, is_private)) facts.push_back(std::move(*one));
  return facts;
}

// ---- diagnose

const KeyFacts* other_half(const KeyFacts& facts, const Facts& all) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const KeyFacts& other) {
    return other.service == facts.service && other.is_private != facts.is_private;
  });
  return found == all.end() ? nullptr : &*found;
}

void report(Judgement& out, Code code, const KeyFacts& facts, std::vector<Evidence> evidence) {
  for (auto& item : evidence)
    if (item.source.empty()) item.source = facts.shown, item.vantage = "host";
  out.findings.emplace_back(code, facts.subject, std::move(evidence));
}

void judge_missing(const KeyFacts& facts, const Facts& all, Judgement& out) {
  const auto* other = other_half(facts, all);
  report(out, codes::jwt_key_missing, facts,
         {{"setting", facts.setting, {}, {}},
          {"path", facts.path, {}, {}},
          {"host_path", facts.shown, {}, {}},
          {"half", facts.half(), {}, {}},
          {"other_half", other != nullptr && other->there() ? "present" : "absent", {}, {}}});
}

void judge_access(const KeyFacts& facts, Judgement& out) {
  if (!facts.access) return;
  const auto& access = *facts.access;
  if (!access) return out.unexamined.push_back({facts.subject, formats::describe(access.error())});
  if (access->allowed) return;
  report(out, codes::jwt_key_unreadable, facts,
         {{"setting", facts.setting, {}, {}},
          {"path", facts.shown, {}, {}},
          {"user", std::to_string(facts.identity->uid), facts.identity->source, {}},
          {"mode", formats::mode(access->mode), {}, {}},
          {"owner", std::to_string(access->uid) + ":" + std::to_string(access->gid), {}, {}},
          {"blocked_at", access->blocked_at, {}, {}}});
}

void report_invalid(const KeyFacts& facts, const std::string& reason, int line, Judgement& out) {
  report(out, codes::jwt_key_invalid, facts,
         {{"setting", facts.setting, {}, {}},
          {"path", facts.shown, {}, {}},
          {"half", facts.half(), {}, {}},
          {"reason", reason, {}, {}},
          {"line", std::to_string(line), {}, {}}});
}

void judge_content(const KeyFacts& facts, Judgement& out) {
  if (!facts.key) return;
  const auto& answer = *facts.key;
  if (!answer) {
    if (answer.error().kind == FailureKind::too_large) return report_invalid(facts, "larger than a key can be", 0, out);
    return out.unexamined.push_back({facts.subject, formats::describe(answer.error())});
  }
  if (!answer->problem.empty()) return report_invalid(facts, formats::shown(answer->problem), answer->line, out);
  if (answer->kind != facts.half())
    return report_invalid(facts, "holds a " + formats::shown(answer->kind) + " key", answer->line, out);
  if (facts.expected.empty() || answer->algorithm == facts.expected) return;
  report(out, codes::jwt_key_algorithm_unexpected, facts,
         {{"setting", facts.setting, {}, {}},
          {"path", facts.shown, {}, {}},
          {"algorithm", formats::shown(answer->algorithm), {}, {}},
          {"expected", facts.expected, {}, {}}});
}

/// Others may not read a private key; the group may when it is the service's own.
void judge_exposure(const KeyFacts& facts, Judgement& out) {
  constexpr std::uint32_t group_bits = 0070;
  constexpr std::uint32_t other_bits = 0007;
  if (!facts.is_private) return;
  const auto& file = **facts.file;
  const auto own_group = facts.identity && std::find(facts.identity->gids.begin(), facts.identity->gids.end(),
                                                     file.gid) != facts.identity->gids.end();
  const auto forbidden = own_group ? other_bits : group_bits | other_bits;
  if ((file.mode & forbidden) == 0) return;
  report(out, codes::jwt_key_exposed, facts,
         {{"path", facts.shown, {}, {}}, {"mode", formats::mode(file.mode), {}, {}}});
}

void judge_age(const KeyFacts& facts, Judgement& out) {
  const auto modified = (*facts.file)->modified;
  // Both times are rounded to seconds: keys that are made just before the start must not look newer.
  constexpr std::int64_t rounding = 1;
  if (facts.started == 0 || modified <= facts.started + rounding) return;
  report(out, codes::jwt_key_not_reloaded, facts,
         {{"path", facts.shown, {}, {}},
          {"changed", formats::timestamp(modified), {}, {}},
          {"started", formats::timestamp(facts.started), facts.process, "host"}});
}

void judge_key(const KeyFacts& facts, const Facts& all, Judgement& out) {
  if (!facts.unseen.empty()) return out.unexamined.push_back({facts.subject, facts.unseen});
  const auto& file = *facts.file;
  if (!file) return out.unexamined.push_back({facts.subject, formats::describe(file.error())});
  if (file->kind == "missing") return judge_missing(facts, all, out);
  if (file->kind != "file")
    return report(out, codes::jwt_key_not_a_file, facts,
                  {{"setting", facts.setting, {}, {}}, {"path", facts.shown, {}, {}}, {"kind", file->kind, {}, {}}});
  judge_access(facts, out);
  judge_content(facts, out);
  judge_exposure(facts, out);
  judge_age(facts, out);
}

void judge_pair(const KeyFacts& facts, const Facts& all, Judgement& out) {
  if (!facts.is_private) return;
  const auto* other = other_half(facts, all);
  if (other == nullptr || !facts.usable() || !other->usable()) return;
  const auto& own = **facts.key;
  const auto& theirs = **other->key;
  // Of two algorithms one is the fault, and it has its own code.
  if (own.kind != "private" || theirs.kind != "public" || own.algorithm != theirs.algorithm) return;
  if (own.fingerprint == theirs.fingerprint) return;
  report(out, codes::jwt_key_mismatch, *other,
         {{"path", other->shown, other->shown, "host"}, {"other", facts.shown, facts.shown, "host"}});
}

void praise(const Facts& facts, Judgement& out) {
  for (const auto& one : facts) {
    const auto about = [&](const auto& item) { return item.subject == one.subject; };
    if (std::any_of(out.findings.begin(), out.findings.end(), about) ||
        std::any_of(out.unexamined.begin(), out.unexamined.end(), about))
      continue;
    auto figure = (*one.key)->algorithm + " " + one.half() + " key";
    if (one.access) figure += ", readable by uid " + std::to_string(one.identity->uid);
    out.healthy.push_back({one.subject, figure});
  }
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& one : facts) judge_key(one, facts, out);
  for (const auto& one : facts) judge_pair(one, facts, out);
  praise(facts, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array reads{private_role, public_role};
constexpr std::array codes_of_jwt{
    codes::jwt_key_missing, codes::jwt_key_not_a_file,           codes::jwt_key_unreadable,
    codes::jwt_key_invalid, codes::jwt_key_algorithm_unexpected, codes::jwt_key_mismatch,
    codes::jwt_key_exposed, codes::jwt_key_not_reloaded};

}  // namespace

extern const CheckInfo jwt{
    "jwt", "the keys that sign tokens are there, readable, and belong together", reads, {}, codes_of_jwt, run};

}  // namespace doctor::checks
