#include <algorithm>

#include "checks/upstream/facts.hpp"
#include "doctor/codes/upstream.hpp"
#include "doctor/format/answer.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::upstream_check {
namespace {

std::string in_words(const ProbeFailure& failure) {
  return formats::shown(failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail);
}

bool is_refusal(int status) {
  return status == 401 || status == 403;
}

std::string media_type(const HttpAnswer& answer) {
  const auto type = formats::media_type(answer);
  return type.empty() ? "none" : formats::shown(type, 60);
}

class Judge {
 public:
  explicit Judge(const UpstreamFacts& facts) : facts_{facts}, upstream_{facts.upstream} {}

  Judgement verdict() {
    if (!facts_.skipped.empty())
      out_.skipped.push_back({upstream_.endpoint, facts_.skipped});
    else if (!facts_.unseen.empty())
      out_.unexamined.push_back({upstream_.endpoint, facts_.unseen});
    else if (!facts_.invalid.empty())
      invalid_url();
    else if (!*facts_.answer)
      failure(facts_.answer->error());
    else
      answer(**facts_.answer);
    if (facts_.answer)
      for (const auto& key : facts_.untried)
        out_.skipped.push_back({key, "whether " + formats::shown(upstream_.host) + " accepts it: only with --deep"});
    return std::move(out_);
  }

 private:
  Evidence item(std::string name, std::string value) const {
    return {std::move(name), std::move(value), upstream_.url, upstream_.vantage};
  }

  void report(Code code, std::vector<Evidence> more, const std::string& entry = {}) {
    std::vector<Evidence> evidence{item("upstream", upstream_.id), item("host", formats::shown(upstream_.host)),
                                   item("url", formats::shown(upstream_.url, 300))};
    for (auto& one : more)
      if (!one.value.empty()) evidence.push_back(std::move(one));
    out_.findings.emplace_back(code, upstream_.endpoint, std::move(evidence), entry);
  }

  void invalid_url() {
    const auto name = upstream_.setting.substr(upstream_.setting.find('/') + 1);
    out_.findings.emplace_back(codes::upstream_url_invalid, upstream_.endpoint,
                               std::vector<Evidence>{{"upstream", upstream_.id, facts_.where, {}},
                                                     {"setting", name, facts_.where, {}},
                                                     {"reason", formats::shown(facts_.invalid), facts_.where, {}},
                                                     {"where", facts_.where, facts_.where, {}}});
  }

  void failure(const ProbeFailure& failure) {
    if (formats::doctors_own(failure.kind))
      return out_.unexamined.push_back({upstream_.endpoint, formats::describe(failure)});
    const auto reason = item("reason", in_words(failure));
    if (failure.phase == "proxy")
      return report(codes::upstream_proxy_failed, {item("proxy", formats::shown(upstream_.proxy)), reason});
    if (failure.phase == "login") return report(codes::upstream_credential_unusable, {credential_setting(), reason});
    switch (failure.kind) {
      case FailureKind::name_not_resolved:
        return report(codes::upstream_name_not_resolved, {});
      case FailureKind::refused:
        return report(codes::upstream_refused, {item("address", failure.address)});
      case FailureKind::timed_out:
        return report(codes::upstream_no_answer,
                      {item("waited", formats::seconds(failure.waited)), item("phase", failure.phase)});
      case FailureKind::unreachable:
        return report(codes::upstream_unreachable, {reason});
      case FailureKind::tls_rejected:
        return tls(failure);
      default:
        return report(codes::upstream_protocol_error, {item("port", std::to_string(upstream_.port)), reason});
    }
  }

  Evidence credential_setting() const {
    return item("setting", upstream_.rule.credentials.empty() ? "" : upstream_.rule.credentials.front().setting);
  }

  void tls(const ProbeFailure& failure) {
    const bool shown = facts_.certificate && *facts_.certificate;
    const auto& authorities = upstream_.authorities;
    const auto trusted = authorities.empty()  ? std::string{"none"}
                         : facts_.authorities ? authorities + " (" + in_words(*facts_.authorities) + ")"
                                              : authorities;
    report(codes::upstream_tls_rejected, {item("problem", failure.code), item("reason", in_words(failure)),
                                          item("issuer", shown ? formats::shown((*facts_.certificate)->issuer) : ""),
                                          item("authorities", formats::shown(trusted, 300))});
  }

  void answer(const HttpAnswer& answer) {
    const auto before = out_.findings.size();
    judge_answer(answer);
    if (out_.findings.size() > before) return;
    out_.healthy.push_back({upstream_.endpoint, "answered " + std::to_string(answer.status) + " in " +
                                                    std::to_string(answer.took.count()) + " ms"});
  }

  void judge_answer(const HttpAnswer& answer) {
    const auto status = item("status", std::to_string(answer.status));
    if (answer.status == 407 && !upstream_.proxy.empty())
      return report(codes::upstream_proxy_failed,
                    {item("proxy", formats::shown(upstream_.proxy)), item("reason", "it answers 407")});
    if (!facts_.login && is_refusal(answer.status)) return slowness(answer);
    if (!facts_.complete_database.empty())
      return report(codes::upstream_schema_outdated, {status, item("database", facts_.complete_database)});
    const auto& rules = upstream_.rule.answers;
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const AnswerRule& one) { return formats::fits(one, answer); });
    if (rule != rules.end() && rule->violated.empty()) return slowness(answer);
    if (rule != rules.end())
      return report(codes::upstream_answer_unexpected,
                    {status, item("type", media_type(answer)), item("fits", formats::describe(*rule)), login()},
                    rule->violated);
    if (answer.status == 429) return report(codes::upstream_rate_limited, {status, retry_after(answer)});
    if (!is_good(answer.status)) return report(codes::upstream_status_unexpected, {status, expected(), login()});
    slowness(answer);
  }

  void slowness(const HttpAnswer& answer) {
    const auto limit = upstream_.rule.slow;
    if (limit.count() > 0 && answer.took > limit)
      report(codes::upstream_slow,
             {item("took", formats::seconds(answer.took)), item("limit", formats::seconds(limit))});
  }

  Evidence login() const { return item("login", facts_.login ? "sent" : "not sent"); }

  Evidence retry_after(const HttpAnswer& answer) const {
    const auto header = answer.header("retry-after");
    return item("retry_after", header.empty() ? "not said" : formats::shown(header, 60));
  }

  /// Without a list any answer is as good as another, unless it says that the server, the proxy or the key is not well.
  bool is_good(int status) const {
    const auto& good = upstream_.rule.status;
    if (!good.empty()) return std::find(good.begin(), good.end(), status) != good.end();
    return status < 500 && status != 407 && !is_refusal(status);
  }

  Evidence expected() const {
    std::vector<std::string> good;
    for (const int status : upstream_.rule.status) good.push_back(std::to_string(status));
    return item("expected", good.empty() ? "any but 5xx, 407 and a refusal of the key" : formats::join(good, ", "));
  }

  const UpstreamFacts& facts_;
  const Upstream& upstream_;
  Judgement out_;
};

}  // namespace

Judgement judge(const UpstreamFacts& facts) {
  return Judge{facts}.verdict();
}

}  // namespace doctor::checks::upstream_check
