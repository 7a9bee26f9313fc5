#include "probes/http.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <curl/curl.h>

#include "probes/http_transfer.hpp"
#include "probes/http_url.hpp"
#include "probes/transport.hpp"

namespace doctor::probes {
namespace {

constexpr int most_visits = 3;

/// curl_global_init(3) once for the process, before the first handle.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"libcurl cannot start"};
}

Failed failed(FailureKind kind, std::string code, std::string detail, std::string phase = {}) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  failure.phase = std::move(phase);
  return Failed{std::move(failure)};
}

/// A field name or value that stays in its line (RFC 9110, section 5.5).
bool is_harmless(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool are_harmless(const HttpQuestion& question) {
  return std::all_of(question.headers.begin(), question.headers.end(), [](const auto& header) {
    return !header.first.empty() && is_harmless(header.first) && is_harmless(header.second);
  });
}

}  // namespace

HttpProbe::HttpProbe(Vantages& vantages) : vantages_{vantages} {}

bool HttpProbe::may_visit(const std::string& url, const std::string& vantage) {
  const std::lock_guard guard{mutex_};
  return ++visits_[{vantage, url}] <= most_visits;
}

X509_STORE* HttpProbe::store() {
  std::call_once(store_loaded_, [this] { store_ = load_certificate_store(); });
  return store_.get();
}

Outcome<HttpAnswer> HttpProbe::ask(const HttpQuestion& question, const Deadline& deadline) {
  if (question.method != "GET" && question.method != "HEAD")
    return failed(FailureKind::permission_denied, "not-allowed", "only GET and HEAD are sent");
  if (!are_harmless(question))
    return failed(FailureKind::permission_denied, "not-allowed", "a request header holds a line break");
  start_curl();
  const auto url = parse_http_url(question.url);
  if (!url) return failed(FailureKind::protocol_error, "invalid-url", url.error(), "url");
  if (!may_visit(url->text, question.vantage))
    return failed(FailureKind::permission_denied, "not-allowed", "this URL was requested three times already");

  const auto started = Deadline::Clock::now();
  // Only the way there depends on the vantage: a connected socket stays in its namespace.
  auto connection = vantages_.at<Connection>(
      question.vantage, [&](Resolver& resolver) { return dial(resolver, url->host, url->port, deadline); });
  if (!connection) return Failed{connection.error()};
  auto answer = transfer(question, *url, std::move(*connection), url->tls ? store() : nullptr, deadline);
  if (answer)
    answer->took = since(started);
  else
    answer.error().waited = since(started);
  return answer;
}

}  // namespace doctor::probes
