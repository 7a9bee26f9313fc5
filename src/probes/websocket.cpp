#include "probes/websocket.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "probes/transport.hpp"
#include "probes/websocket_conversation.hpp"
#include "probes/websocket_handshake.hpp"

namespace doctor::probes {
namespace {

constexpr int most_visits = 3;

Failed failed(FailureKind kind, std::string code, std::string detail, std::string phase = {}) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  failure.phase = std::move(phase);
  return Failed{std::move(failure)};
}

struct Target {
  std::string host;
  std::uint16_t port = 0;
};

/// "host:port", "[::1]:80".
std::optional<Target> parse_target(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Target target{text.substr(0, colon), 0};
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, target.port);
  if (error != std::errc{} || stopped != end || target.port == 0) return std::nullopt;
  if (target.host.size() > 2 && target.host.front() == '[') target.host = target.host.substr(1, target.host.size() - 2);
  return target;
}

/// What goes wrong before there is an answer, with the address and the time that was really spent.
ProbeFailure completed(ProbeFailure failure, const std::string& address, std::chrono::milliseconds waited) {
  if (failure.address.empty()) failure.address = address;
  if (failure.phase.empty() || failure.phase == "answer") failure.phase = "handshake";
  failure.waited = waited;
  return failure;
}

Outcome<WebSocketAnswer> talk(const WebSocketQuestion& question, const HttpUrl& url, Connection connection,
                              X509_STORE* store, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  const auto connected_in = connection.took;
  TlsStream stream{std::move(connection)};
  if (store != nullptr)
    if (auto secured = stream.handshake(url.host, store, deadline); !secured) return Failed{secured.error()};
  auto answer = converse(question, url, stream, deadline);
  if (!answer) return Failed{completed(std::move(answer).error(), stream.address(), since(started))};
  answer->address = stream.address();
  answer->took = connected_in + since(started) - answer->open_for;
  return answer;
}

}  // namespace

bool WebSocketProbe::may_visit(const WebSocketQuestion& question) {
  const std::lock_guard guard{mutex_};
  return ++visits_[question.vantage + " " + question.url] <= most_visits;
}

X509_STORE* WebSocketProbe::store() {
  std::call_once(store_loaded_, [this] { store_ = load_certificate_store(); });
  return store_.get();
}

Outcome<WebSocketAnswer> WebSocketProbe::ask(const WebSocketQuestion& question, const Deadline& deadline) {
  if (!std::all_of(question.headers.begin(), question.headers.end(), is_allowed_header) ||
      !is_allowed_header({"x", question.subprotocol}))
    return failed(FailureKind::permission_denied, "not-allowed", "a header that doctor does not send");
  const auto url = parse_websocket_url(question.url);
  if (!url) return failed(FailureKind::protocol_error, "invalid-url", url.error(), "url");
  const auto target = question.connect.empty() ? Target{url->host, url->port} : parse_target(question.connect);
  if (!target) return failed(FailureKind::protocol_error, "invalid-url", "there is no such address to dial", "url");
  if (!may_visit(question))
    return failed(FailureKind::permission_denied, "not-allowed", "this URL was asked three times already");
  return vantages_.at<WebSocketAnswer>(question.vantage, [&](Resolver& resolver) -> Outcome<WebSocketAnswer> {
    auto connection = dial(resolver, target->host, target->port, deadline);
    if (!connection) return Failed{connection.error()};
    return talk(question, *url, std::move(*connection), url->tls ? store() : nullptr, deadline);
  });
}

}  // namespace doctor::probes
