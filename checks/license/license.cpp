#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/clocks.hpp"
#include "doctor/codes/license.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

/// A setting of this role is a token whatever it looks like; any other may hold a key of another kind.
constexpr auto license_role = "license-token"sv;

constexpr std::int64_t a_day = 86'400;

// ---- facts

struct TokenFacts {
  std::string subject;
  std::string setting;  ///< name
  std::string where;
  TokenRule rule;
  bool is_license = false;
  Outcome<TokenAnswer> token;
};

struct Facts {
  std::vector<TokenFacts> tokens;
  Outcome<ClockAnswer> clock;
  std::vector<ClockReading> others;  ///< asked only when a time that a token holds is not fulfilled
};

const TokenClaim* claim_of(const TokenAnswer& token, std::string_view name) {
  const auto found = std::find_if(token.claims.begin(), token.claims.end(),
                                  [&](const TokenClaim& claim) { return claim.name == name; });
  return found == token.claims.end() ? nullptr : &*found;
}

/// The time in a claim, when it is one.
std::optional<std::int64_t> time_of(const TokenAnswer& token, std::string_view name) {
  const auto* claim = claim_of(token, name);
  if (claim == nullptr || claim->kind != "number") return std::nullopt;
  const auto time = formats::integer(claim->value);
  return time ? std::optional{*time} : std::nullopt;
}

/// No date in seconds is that large before the year 5138, and in milliseconds every one since 1973 is.
bool is_milliseconds(std::int64_t time) {
  return time > 100'000'000'000;
}

// ---- observe

bool is_judged(const Setting& setting, const Deployment& deployment) {
  if (!setting.rule.token || !setting.value()) return false;
  const auto* service = deployment.service(setting.service);
  return service == nullptr || service->enabled;
}

/// The same text under the same name in another service is one token.
bool is_known(const Context& context, const Setting& setting, const std::vector<TokenFacts>& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const TokenFacts& other) {
    if (other.setting != setting.name) return false;
    const auto same = context.ask(SecretQuestion{setting.subject(), "agrees-with", other.subject});
    return same && same->holds;
  });
}

/// A placeholder that nobody has replaced is told about where settings are judged.
bool is_placeholder(const Context& context, const Setting& setting) {
  if (setting.rule.examples.empty()) return false;
  const auto example = context.ask(SecretQuestion{setting.subject(), "example", {}});
  return example && example->holds;
}

std::vector<std::string> asked_claims(const TokenRule& rule) {
  std::vector<std::string> names;
  for (const auto& [name, values] : rule.claims) names.push_back(name);
  return names;
}

bool is_unfulfilled(const TokenFacts& facts, std::int64_t now) {
  if (!facts.token) return false;
  const auto passed = time_of(*facts.token, "exp");
  const auto begins = std::max(time_of(*facts.token, "nbf").value_or(0), time_of(*facts.token, "iat").value_or(0));
  return (passed && *passed < now) || begins > now;
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& setting : context.deployment.settings) {
    if (!is_judged(setting, context.deployment) || is_known(context, setting, facts.tokens)) continue;
    if (is_placeholder(context, setting)) continue;
    TokenFacts one;
    one.subject = setting.subject();
    one.setting = setting.name;
    one.where = setting.where();
    one.rule = *setting.rule.token;
    one.is_license = setting.rule.role == license_role;
    one.token = context.ask(TokenQuestion{one.subject, asked_claims(one.rule)});
    facts.tokens.push_back(std::move(one));
  }
  if (facts.tokens.empty()) return facts;
  facts.clock = context.ask(ClockQuestion{});
  const auto late = [&](const TokenFacts& one) { return is_unfulfilled(one, facts.clock->now); };
  if (facts.clock && std::any_of(facts.tokens.begin(), facts.tokens.end(), late)) facts.others = ask_clocks(context);
  return facts;
}

// ---- diagnose

class Judge {
 public:
  Judge(const Facts& all, const TokenFacts& facts, Judgement& out) : all_{all}, facts_{facts}, out_{out} {}

  void all() {
    if (!facts_.token) return judge_failure(facts_.token.error());
    const auto& token = *facts_.token;
    if (token.parts == 0 && !facts_.is_license) return praise("a key that is no token");
    if (!token.problem.empty()) return judge_form(token);
    const auto before = out_.findings.size();
    judge_claims(token);
    const bool dated = judge_times(token);
    if (dated && out_.findings.size() == before) praise(figure(token));
  }

 private:
  void report(Code code, std::vector<Evidence> more) {
    std::vector<Evidence> evidence{{"setting", facts_.setting, {}, {}}};
    for (auto& item : more) evidence.push_back(std::move(item));
    evidence.push_back({"where", facts_.where, {}, {}});
    for (auto& item : evidence)
      if (item.source.empty()) item.source = facts_.where;
    out_.findings.emplace_back(code, facts_.subject, std::move(evidence));
  }
  void praise(std::string figure) { out_.healthy.push_back({facts_.subject, std::move(figure)}); }
  static Evidence item(std::string name, std::string value) { return {std::move(name), std::move(value), {}, {}}; }

  void judge_failure(const ProbeFailure& failure) {
    if (failure.code == "unset") return;  // whether it may be empty is judged elsewhere
    out_.unexamined.push_back({facts_.subject, formats::describe(failure)});
  }

  void judge_form(const TokenAnswer& token) {
    report(codes::license_malformed, {item("problem", token.problem), item("reason", formats::shown(token.reason))});
  }

  void judge_claims(const TokenAnswer& token) {
    for (const auto& name : facts_.rule.present) {
      const auto* claim = claim_of(token, name);
      if (claim == nullptr || claim->kind == "null") report(codes::license_claim_missing, {item("claim", name)});
    }
    for (const auto& [name, wanted] : facts_.rule.claims) judge_value(token, name, wanted);
  }

  void judge_value(const TokenAnswer& token, const std::string& name, const std::vector<std::string>& wanted) {
    const auto* claim = claim_of(token, name);
    if (claim == nullptr) return report(codes::license_claim_missing, {item("claim", name)});
    if (std::find(wanted.begin(), wanted.end(), claim->value) != wanted.end()) return;
    const auto value = claim->value.empty() ? "another " + claim->kind : formats::shown(claim->value, 60);
    report(codes::license_claim_unexpected,
           {item("claim", name), item("value", value), item("expected", formats::join(wanted, ", "))});
  }

  /// False: it could not be judged, or is wrong.
  bool judge_times(const TokenAnswer& token) {
    if (!all_.clock) {
      out_.unexamined.push_back({facts_.subject, formats::describe(all_.clock.error())});
      return false;
    }
    bool readable = true;
    for (const auto name : {"exp"sv, "nbf"sv, "iat"sv})
      if (name != "exp" || facts_.rule.expires) readable = judge_kind(token, std::string{name}) && readable;
    if (!readable) return false;
    if (facts_.rule.expires) judge_end(token);
    judge_begin(token);
    return true;
  }

  bool judge_kind(const TokenAnswer& token, const std::string& name) {
    const auto* claim = claim_of(token, name);
    if (claim == nullptr) return true;
    const auto time = time_of(token, name);
    if (!time)
      report(codes::license_time_invalid, {item("claim", name), item("kind", formats::shown(claim->kind, 20))});
    else if (is_milliseconds(*time))
      report(codes::license_time_in_milliseconds, {item("claim", name)});
    else
      return true;
    return false;
  }

  /// What the clock of this host makes wrong is told apart from what is wrong by any clock.
  bool judge_clock(const std::string& name, std::int64_t time) {
    const auto* worst = worst_of(all_.others);
    if (worst == nullptr || std::abs(worst->ahead()) <= breaking_skew) return false;
    const auto now = all_.clock->now;
    const auto true_time = now - worst->ahead();
    const bool by_clock = name == "exp" ? time < now && time >= true_time : time > now && time <= true_time;
    if (by_clock)
      report(codes::license_time_misjudged,
             {item("claim", name),
              item("time", formats::timestamp(time)),
              {"skew", skew_of(*worst), formats::shown(worst->against), std::string{host_vantage}}});
    return by_clock;
  }

  void judge_end(const TokenAnswer& token) {
    constexpr std::int64_t urgent = 7;  ///< days
    constexpr std::int64_t soon = 30;
    const auto end = time_of(token, "exp");
    if (!end) return;
    const auto left = *end - all_.clock->now;
    const auto days = item("days", std::to_string(std::max<std::int64_t>(left, 0) / a_day));
    if (left < 0) {
      if (!judge_clock("exp", *end)) report(codes::license_expired, {item("expired", formats::timestamp(*end))});
    } else if (left <= urgent * a_day) {
      report(codes::license_expires_now, {item("expires", formats::timestamp(*end)), days});
    } else if (left <= soon * a_day) {
      report(codes::license_expires_soon, {item("expires", formats::timestamp(*end)), days});
    }
  }

  void judge_begin(const TokenAnswer& token) {
    for (const auto name : {"nbf"sv, "iat"sv}) {
      const auto begin = time_of(token, name);
      // Whoever issued it a moment ago may be a little ahead.
      if (!begin || *begin <= all_.clock->now + breaking_skew) continue;
      if (!judge_clock(std::string{name}, *begin))
        report(codes::license_not_yet_valid,
               {item("claim", std::string{name}), item("from", formats::timestamp(*begin))});
      return;
    }
  }

  std::string figure(const TokenAnswer& token) const {
    const auto end = facts_.rule.expires ? time_of(token, "exp") : std::nullopt;
    const auto what = token.algorithm.empty() ? std::string{"a token"} : "a token (" + token.algorithm + ")";
    return end ? what + ", good until " + formats::timestamp(*end) : what + " that does not expire";
  }

  const Facts& all_;
  const TokenFacts& facts_;
  Judgement& out_;
};

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& token : facts.tokens) Judge{facts, token, out}.all();
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array reads{license_role};
constexpr std::array codes_of_license{
    codes::license_malformed,     codes::license_expired,          codes::license_expires_now,
    codes::license_expires_soon,  codes::license_not_yet_valid,    codes::license_time_misjudged,
    codes::license_claim_missing, codes::license_claim_unexpected, codes::license_time_in_milliseconds,
    codes::license_time_invalid};

}  // namespace

extern const CheckInfo license{
    "license", "tokens in settings are whole, in time, and say what the application needs", reads, {}, codes_of_license,
    run};

}  // namespace doctor::checks
