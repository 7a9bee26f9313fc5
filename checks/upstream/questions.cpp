#include <algorithm>
#include <future>

#include "checks/upstream/facts.hpp"
#include "doctor/outside.hpp"

namespace doctor::checks::upstream_check {
namespace {

/// At the same time: each may have to wait for a way that is blocked, and together they have the check's time.
constexpr std::size_t most_at_once = 16;

/// The claim that makes it dispensable is true: the service never calls it.
bool is_dispensable(const Context& context, const Upstream& upstream) {
  const auto& word = upstream.rule.unless_claim;
  const auto dot = word.find('.');
  if (dot == std::string::npos) return false;
  const auto* setting = context.deployment.setting(upstream.service, word.substr(0, dot));
  if (setting == nullptr) return false;
  const auto claim = word.substr(dot + 1);
  const auto token = context.ask(TokenQuestion{setting->subject(), {claim}});
  if (!token) return false;
  return std::any_of(token->claims.begin(), token->claims.end(), [&](const TokenClaim& one) {
    return one.name == claim && one.kind == "boolean" && one.value == "true";
  });
}

/// Why there is no URL to ask.
void explain_missing_url(UpstreamFacts& facts, const Deployment& deployment) {
  const auto* setting = deployment.setting(facts.upstream.setting);
  const bool is_secret = setting != nullptr && setting->value() && setting->value()->is_secret();
  if (setting == nullptr || is_secret) {
    facts.unseen = facts.upstream.note.empty() ? "its URL is not known" : facts.upstream.note;
  } else if (!setting->rule.form.empty()) {
    facts.skipped = "its URL cannot be read, which is for the check of settings to say";
  } else {
    facts.invalid = facts.upstream.note;
    facts.where = setting->where();
  }
}

/// Whom the service trusts besides the authorities that everybody trusts.
std::string trusting(const Deployment& deployment, const std::string& service) {
  for (const auto* setting : deployment.with_role("extra-authorities"))
    if (setting->service == service) return setting->subject();
  return "service:" + service;
}

std::vector<std::string> keys_of(const Deployment& deployment, const Upstream& upstream) {
  std::vector<std::string> keys;
  for (const auto& credential : upstream.rule.credentials) {
    const auto* setting = deployment.setting(upstream.service, credential.setting);
    if (setting != nullptr && setting->value()) keys.push_back(setting->subject());
  }
  return keys;
}

UpstreamFacts prepared(const Context& context, const Upstream& upstream) {
  const auto& deployment = context.deployment;
  UpstreamFacts facts;
  facts.upstream = upstream;
  // The deployment's own keys go to hosts that the deployment names, to others only when the user has said so.
  facts.login = !upstream.rule.credentials.empty() && (!upstream.setting.empty() || deployment.deep);
  if (!facts.login) facts.untried = keys_of(deployment, upstream);
  facts.trusting = trusting(deployment, upstream.service);
  if (upstream.url.empty())
    explain_missing_url(facts, deployment);
  else if (deployment.offline && !upstream.own)
    facts.skipped = offline_reason;
  else if (is_dispensable(context, upstream))
    facts.skipped = upstream.rule.unless_claim + " makes it dispensable";
  else if (!upstream.note.empty())
    facts.unseen = upstream.note;
  return facts;
}

bool is_to_be_asked(const UpstreamFacts& facts) {
  return facts.skipped.empty() && facts.unseen.empty() && facts.invalid.empty();
}

HttpQuestion question_for(const UpstreamFacts& facts) {
  const auto& upstream = facts.upstream;
  HttpQuestion question;
  question.url = upstream.url;
  question.method = upstream.rule.method;
  question.limit = upstream.rule.timeout;
  question.vantage = upstream.vantage;
  question.proxy = upstream.proxy;
  question.authorities = upstream.authorities;
  if (!facts.login) return question;
  for (const auto& credential : upstream.rule.credentials)
    question.secrets.push_back(
        {credential.header, credential.prefix, "setting:" + upstream.service + "/" + credential.setting});
  return question;
}

CertificateQuestion certificate_of(const UpstreamFacts& facts) {
  const auto& upstream = facts.upstream;
  CertificateQuestion question;
  question.host = upstream.host;
  question.port = upstream.port;
  question.vantage = upstream.vantage;
  question.proxy = upstream.proxy;
  if (!facts.authorities) question.authorities = upstream.authorities;
  return question;
}

bool failed_with(const Outcome<HttpAnswer>& outcome, std::string_view code, std::string_view phase) {
  return !outcome && outcome.error().code == code && outcome.error().phase == phase;
}

/// One request. What fails before it is sent, for the want of a credential or of a file, is asked again without it, as
/// the service does.
void ask(const Context& context, UpstreamFacts& facts) {
  auto question = question_for(facts);
  auto answer = context.ask(question);
  if (failed_with(answer, "unset", "login")) {
    facts.login = false;
    question.secrets.clear();
    answer = context.ask(question);
  }
  const bool unread = failed_with(answer, "authorities", "authorities");
  if (unread && answer.error().kind != FailureKind::permission_denied) {
    facts.authorities = answer.error();
    question.authorities.clear();
    answer = context.ask(question);
  }
  if (!answer && answer.error().kind == FailureKind::tls_rejected)
    facts.certificate = context.ask(certificate_of(facts));
  facts.answer = std::move(answer);
}

}  // namespace

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& upstream : context.deployment.upstreams) facts.push_back(prepared(context, upstream));
  std::vector<std::future<void>> running;
  for (auto& one : facts) {
    if (!is_to_be_asked(one)) continue;
    if (running.size() == most_at_once) {
      for (auto& other : running) other.get();
      running.clear();
    }
    running.push_back(std::async(std::launch::async, [&context, &one] { ask(context, one); }));
  }
  for (auto& other : running) other.get();
  for (auto& one : facts) look_behind(context, one);
  return facts;
}

}  // namespace doctor::checks::upstream_check
