#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/websocket.hpp"
#include "doctor/format/json_pointer.hpp"
#include "doctor/format/text.hpp"
#include "doctor/outside.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;
using std::chrono::milliseconds;

// ---- facts

/// One handshake, and the place on the ladder where it stands: the service itself, or the address that users have.
struct RungFacts {
  std::string endpoint;  ///< subject
  std::string url;
  std::string vantage;
  std::string unseen;     ///< why nothing was asked; empty: it was
  std::string doubt;      ///< why a refusal says nothing; see Dial
  std::string pointless;  ///< what an earlier check has found about the way there; empty: nothing
  std::optional<Outcome<WebSocketAnswer>> answer;
};

struct SocketFacts {
  Expectation expected;
  RungFacts direct;
  std::optional<RungFacts> outside;         ///< by the public address; only when nothing is wrong before it
  std::optional<Outcome<HttpAnswer>> page;  ///< what the public address answers to a browser
  std::string page_url;
  std::optional<Outcome<HttpAnswer>> plain;  ///< what the service answers to the same request without an upgrade
};

using Facts = std::vector<SocketFacts>;

// ---- observe

bool is_open(const RungFacts& rung) {
  return rung.answer && *rung.answer && (*rung.answer)->status == 101;
}

/// http:// as ws://, https:// as wss://.
std::string socket_url(const std::string& base, const std::string& path) {
  return "ws" + base.substr(4) + path;
}

bool expects_message(const Expectation& expected) {
  return !expected.json.empty() || !expected.present.empty() || !expected.contains.empty();
}

/// Without an expected message a short look shows whether the connection is closed at once.
WebSocketQuestion question_for(const RungFacts& rung, const Expectation& expected) {
  constexpr milliseconds longest{4000};  // two of them, and a slow handshake, fit into the time of the check
  constexpr milliseconds look{500};
  WebSocketQuestion question;
  question.url = rung.url;
  question.send = expected.send;
  question.subprotocol = expected.subprotocol;
  question.listen = expects_message(expected) ? std::min(expected.timeout, longest) : look;
  if (!rung.vantage.empty()) question.vantage = rung.vantage;
  return question;
}

RungFacts direct_rung(const Context& context, const HttpBase& base, const Expectation& expected) {
  RungFacts rung;
  rung.endpoint = base.endpoint;
  rung.vantage = base.dial.vantage;
  rung.doubt = base.dial.doubt;
  rung.pointless = context.blocked(base.endpoint).value_or("");
  if (base.url.empty()) {
    rung.unseen = base.dial.reason.empty() ? "its address is not known" : base.dial.reason;
    return rung;
  }
  rung.url = socket_url(base.url, expected.websocket);
  rung.answer = context.ask(question_for(rung, expected));
  return rung;
}

/// "https://chat.example.com" of "https://chat.example.com/a/b".
std::string origin_of(const std::string& url) {
  const auto scheme = url.find("://");
  return scheme == std::string::npos ? std::string{} : url.substr(0, url.find_first_of("/?#", scheme + 3));
}

/// Whether a page at the public http:// address sends browsers to https:// on the same host: their WebSocket is then
/// wss://, whatever the setting says. Other hosts are not followed: the deployment has not named them.
std::optional<std::string> moved_to_tls(const PublicUrl& url, const Outcome<HttpAnswer>& page) {
  if (url.tls || !page || page->status < 301 || page->status > 308) return std::nullopt;
  const auto origin = origin_of(page->header("location"));
  const auto prefix = "https://" + url.host;
  const bool same = origin == prefix || origin.starts_with(prefix + ":");
  return same ? std::optional{origin} : std::nullopt;
}

Outcome<HttpAnswer> get(const Context& context, const std::string& url, const std::string& vantage) {
  constexpr milliseconds limit{3000};
  HttpQuestion question;
  question.url = url;
  question.limit = limit;
  if (!vantage.empty()) question.vantage = vantage;
  return context.ask(question);
}

void look_from_outside(const Context& context, const HttpBase& base, const PublicUrl& url, SocketFacts& facts) {
  RungFacts rung;
  rung.endpoint = url.endpoint;
  rung.vantage = host_vantage;
  rung.pointless = context.blocked(url.endpoint).value_or("");
  facts.page_url = url.url + "/";
  facts.page = get(context, facts.page_url, rung.vantage);
  rung.url = socket_url(moved_to_tls(url, *facts.page).value_or(url.url), facts.expected.websocket);
  rung.answer = context.ask(question_for(rung, facts.expected));
  const bool refused = *rung.answer && (*rung.answer)->status != 101;
  if (refused && is_open(facts.direct))
    facts.plain = get(context, base.url + facts.expected.websocket, base.dial.vantage);
  facts.outside = std::move(rung);
}

const HttpBase* base_of(const Deployment& deployment, const std::string& service) {
  const auto found = std::find_if(deployment.http.begin(), deployment.http.end(),
                                  [&](const HttpBase& base) { return base.service == service; });
  return found == deployment.http.end() ? nullptr : &*found;
}

/// The first broken rung is the culprit, so nothing is asked behind it.
bool leads_further(const RungFacts& direct) {
  return is_open(direct) && (*direct.answer)->problem.empty();
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& service : context.deployment.services) {
    const auto* base = base_of(context.deployment, service.name);
    if (!service.enabled || base == nullptr) continue;
    for (const auto& expected : service.rule.expect) {
      if (expected.websocket.empty()) continue;
      SocketFacts socket;
      socket.expected = expected;
      socket.direct = direct_rung(context, *base, expected);
      for (const auto& url : context.deployment.public_urls)
        if (!is_kept_from(context.deployment, url.host) && url.service == service.name && url.url != base->url &&
            leads_further(socket.direct) && !socket.outside)
          look_from_outside(context, *base, url, socket);
      facts.push_back(std::move(socket));
    }
  }
  return facts;
}

// ---- diagnose

Evidence item(std::string name, std::string value) {
  return {std::move(name), std::move(value), {}, {}};
}

std::string media_type(std::string type) {
  type = formats::lower(type);
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

/// The scheme of the first challenge, "Basic"; RFC 9110, section 11.6.1.
std::string challenge_of(const std::string& header) {
  const auto scheme = header.substr(0, header.find_first_of(" ,"));
  return scheme.empty() ? "none" : formats::shown(scheme, 40);
}

/// What one rung says.
class RungJudge {
 public:
  RungJudge(const SocketFacts& facts, const RungFacts& rung, Judgement& out) : facts_{facts}, rung_{rung}, out_{out} {}

  void judge() {
    if (!rung_.unseen.empty()) return out_.unexamined.push_back({rung_.endpoint, rung_.unseen});
    const auto& outcome = *rung_.answer;
    if (!outcome) return failure(outcome.error());
    if (outcome->status != 101) return refusal(*outcome);
    if (!outcome->problem.empty()) return broken(*outcome);
    conversation(*outcome);
  }

 private:
  void report(Code code, std::vector<Evidence> evidence, const std::string& entry = {}) {
    evidence.insert(evidence.begin(), item("url", formats::shown(rung_.url)));
    for (auto& one : evidence) {
      one.source = rung_.url;
      one.vantage = rung_.vantage;
    }
    out_.findings.emplace_back(code, rung_.endpoint, std::move(evidence), entry);
  }

  void failure(const ProbeFailure& failure);
  void refusal(const WebSocketAnswer& answer);
  void redirect(const WebSocketAnswer& answer);
  void not_upgraded(const WebSocketAnswer& answer);
  void broken(const WebSocketAnswer& answer);
  void conversation(const WebSocketAnswer& answer);
  void message(const WebSocketMessage& message, const WebSocketAnswer& answer);
  bool arrived_without_upgrade(const WebSocketAnswer& answer) const;

  const SocketFacts& facts_;
  const RungFacts& rung_;
  Judgement& out_;
};

/// That the service does not answer at all is told by earlier checks, where they ran.
void RungJudge::failure(const ProbeFailure& failure) {
  if (formats::doctors_own(failure.kind))
    return out_.unexamined.push_back({rung_.endpoint, formats::describe(failure)});
  if (failure.kind == FailureKind::refused && !rung_.doubt.empty())
    return out_.unexamined.push_back({rung_.endpoint, rung_.doubt});
  if (!rung_.pointless.empty()) return out_.skipped.push_back({rung_.endpoint, rung_.pointless});
  const auto reason =
      item("reason", formats::shown(failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail));
  switch (failure.kind) {
    case FailureKind::refused:
      return report(codes::websocket_refused, {item("address", formats::shown(failure.address))});
    case FailureKind::timed_out:
      return report(codes::websocket_no_answer, {item("waited", formats::seconds(failure.waited))});
    case FailureKind::name_not_resolved:
    case FailureKind::unreachable:
      return report(codes::websocket_unreachable, {reason});
    case FailureKind::tls_rejected:
      return report(codes::websocket_tls_rejected, {reason});
    default:
      return report(codes::websocket_protocol_error, {reason});
  }
}

void RungJudge::refusal(const WebSocketAnswer& answer) {
  const auto status = item("status", std::to_string(answer.status));
  if (answer.status >= 300 && answer.status < 400) return redirect(answer);
  if (answer.status == 401 || answer.status == 403)
    return report(codes::websocket_unauthorized,
                  {status, item("challenge", challenge_of(answer.header("www-authenticate")))});
  if (answer.status == 429) return report(codes::websocket_rate_limited, {status});
  if (answer.status >= 500 && !rung_.pointless.empty())  // told about every page there
    return out_.skipped.push_back({rung_.endpoint, rung_.pointless});
  if (answer.status >= 500) return report(codes::websocket_gateway_error, {status});
  not_upgraded(answer);
}

/// A browser follows no redirect of a WebSocket. One from a page over TLS to clear text is forbidden in any case.
void RungJudge::redirect(const WebSocketAnswer& answer) {
  const auto location = answer.header("location");
  const auto target = formats::lower(location);
  const bool to_clear_text = target.starts_with("http://") || target.starts_with("ws://");
  const auto status = item("status", std::to_string(answer.status));
  const auto shown = item("location", location.empty() ? "none" : formats::shown(location));
  if (rung_.url.starts_with("wss://") && to_clear_text) return report(codes::websocket_mixed_content, {status, shown});
  report(codes::websocket_redirected, {status, shown});
}

/// Whether the answer is the one that the service itself gives to a request without an upgrade.
bool RungJudge::arrived_without_upgrade(const WebSocketAnswer& answer) const {
  constexpr std::size_t compared = 200;
  if (!facts_.plain || !*facts_.plain) return false;
  const auto& plain = **facts_.plain;
  return plain.status == answer.status && plain.body.substr(0, compared) == answer.body.substr(0, compared);
}

void RungJudge::not_upgraded(const WebSocketAnswer& answer) {
  const auto status = item("status", std::to_string(answer.status));
  const auto type = media_type(answer.header("content-type"));
  const bool other_page = answer.status == 404 || (answer.status < 300 && type == "text/html");
  if (other_page && !arrived_without_upgrade(answer))
    return report(codes::websocket_path_wrong, {status, item("type", type.empty() ? "none" : formats::shown(type))});
  const auto line = answer.body.substr(0, answer.body.find('\n'));
  report(codes::websocket_upgrade_missing, {status, item("answer", line.empty() ? "none" : formats::shown(line))});
}

/// No readable frame: the handshake itself is wrong. Otherwise it is what came after it.
void RungJudge::broken(const WebSocketAnswer& answer) {
  const auto reason = item("reason", formats::shown(answer.problem));
  const bool opened = !answer.ended.empty();
  report(opened ? codes::websocket_protocol_error : codes::websocket_handshake_invalid, {reason});
}

void RungJudge::conversation(const WebSocketAnswer& answer) {
  if (!facts_.expected.subprotocol.empty() && answer.subprotocol.empty())
    return report(codes::websocket_handshake_invalid, {item("reason", "the server chose no subprotocol")});
  const auto text = std::find_if(answer.messages.begin(), answer.messages.end(),
                                 [](const WebSocketMessage& one) { return one.kind == "text"; });
  if (text != answer.messages.end() && expects_message(facts_.expected)) return message(*text, answer);
  if (answer.ended != "listened")
    return report(codes::websocket_closed_early,
                  {item("close_code", answer.close_code == 0 ? "none" : std::to_string(answer.close_code)),
                   item("reason", answer.close_reason.empty() ? answer.ended : formats::shown(answer.close_reason)),
                   item("after", formats::seconds(answer.open_for))});
  if (expects_message(facts_.expected))
    return report(codes::websocket_silent, {item("waited", formats::seconds(answer.open_for))});
  out_.healthy.push_back({rung_.endpoint, formats::shown(facts_.expected.websocket, 60) + " opens a WebSocket in " +
                                              std::to_string(answer.took.count()) + " ms"});
}

/// The first thing in which a message differs from what is expected; nothing: it is as expected.
std::optional<std::string> difference(const Expectation& expected, const std::string& text) {
  for (const auto& [pointer, value] : expected.json) {
    const auto found = formats::json_at(text, pointer);
    if (!found || *found != formats::compact_json(value).value_or(value)) return pointer + " = " + value;
  }
  for (const auto& pointer : expected.present)
    if (!formats::json_at(text, pointer)) return pointer;
  if (text.find(expected.contains) == std::string::npos) return formats::shown(expected.contains, 60);
  return std::nullopt;
}

void RungJudge::message(const WebSocketMessage& message, const WebSocketAnswer& answer) {
  if (const auto wanted = difference(facts_.expected, message.text))
    return report(codes::websocket_answer_unexpected,
                  {item("message", formats::shown(message.text)), item("expected", *wanted)}, facts_.expected.violated);
  out_.healthy.push_back({rung_.endpoint, formats::shown(facts_.expected.websocket, 60) + " opens a WebSocket in " +
                                              std::to_string(answer.took.count()) + " ms and answers as expected"});
}

/// A login in front of the page takes the header that the application's own tokens need.
void judge_page(const SocketFacts& facts, Judgement& out) {
  if (!facts.outside || !facts.page || !*facts.page || (*facts.page)->status != 401) return;
  const auto challenge = challenge_of((*facts.page)->header("www-authenticate"));
  const auto& subject = facts.outside->endpoint;
  const bool told = std::any_of(out.findings.begin(), out.findings.end(), [&](const Finding& finding) {
    return finding.subject == subject && finding.code == codes::websocket_unauthorized.text();
  });
  if (told || challenge == "none") return;
  std::vector<Evidence> evidence{item("url", formats::shown(facts.page_url)), item("status", "401"),
                                 item("challenge", challenge)};
  for (auto& one : evidence) {
    one.source = facts.page_url;
    one.vantage = facts.outside->vantage;
  }
  out.findings.emplace_back(codes::websocket_page_unauthorized, subject, std::move(evidence));
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& socket : facts) {
    RungJudge{socket, socket.direct, out}.judge();
    if (socket.outside) RungJudge{socket, *socket.outside, out}.judge();
    judge_page(socket, out);
  }
  const auto is_ill = [&](const Healthy& one) {
    return std::any_of(out.findings.begin(), out.findings.end(),
                       [&](const Finding& finding) { return finding.subject == one.subject; });
  };
  out.healthy.erase(std::remove_if(out.healthy.begin(), out.healthy.end(), is_ill), out.healthy.end());
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array after{"health"sv, "tls"sv};

constexpr std::array codes_of_websocket{codes::websocket_refused,           codes::websocket_no_answer,
                                        codes::websocket_unreachable,       codes::websocket_tls_rejected,
                                        codes::websocket_upgrade_missing,   codes::websocket_path_wrong,
                                        codes::websocket_unauthorized,      codes::websocket_page_unauthorized,
                                        codes::websocket_rate_limited,      codes::websocket_gateway_error,
                                        codes::websocket_redirected,        codes::websocket_mixed_content,
                                        codes::websocket_handshake_invalid, codes::websocket_silent,
                                        codes::websocket_answer_unexpected, codes::websocket_closed_early,
                                        codes::websocket_protocol_error};

}  // namespace

extern const CheckInfo websocket{
    "websocket", "WebSockets open and answer, directly and by the public address", {}, after, codes_of_websocket, run};

}  // namespace doctor::checks
