#include "probes/http.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "probes/http_proxy.hpp"
#include "probes/http_transfer.hpp"
#include "probes/transport.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

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

bool is_field_text(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

/// Every occurrence becomes as many asterisks: a server that repeats what it was sent must not carry a secret on.
void blot_out(std::string& text, const std::string& secret) {
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + secret.size()))
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), secret.size(), '*');
}

/// With everything escaped that is not unreserved (RFC 3986, section 2.3).
std::string percent_encoded(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = std::isalnum(byte) != 0 || unreserved.find(c) != std::string_view::npos;
    if (is_plain)
      out += c;
    else
      out.append({'%', digits[byte >> 4U], digits[byte & 0xFU]});
  }
  return out;
}

void blot_out(HttpAnswer& answer, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets)
    for (const auto& form : {secret, percent_encoded(secret)}) {
      blot_out(answer.body, form);
      for (auto& [name, value] : answer.headers) blot_out(value, form);
    }
}

}  // namespace

HttpProbe::HttpProbe(Vantages& vantages, Reveal reveal)
    : vantages_{vantages}, reveal_{std::move(reveal)}, authorities_{vantages} {}

bool HttpProbe::may_visit(const std::string& url, const std::string& vantage) {
  const std::lock_guard guard{mutex_};
  return ++visits_[{vantage, url}] <= most_visits;
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

  auto complete = question;
  std::vector<std::string> secrets;
  for (const auto& header : question.secrets) {
    const auto value = reveal_ ? reveal_(header.setting) : std::nullopt;
    auto text = value ? util::trim(SecretReader::reveal(*value)) : std::string{};
    if (text.empty()) return failed(FailureKind::not_found, "unset", "the setting has no value", "login");
    if (!is_field_text(text))
      return failed(FailureKind::protocol_error, "not-a-header",
                    "the value of the setting holds a character that no header can carry", "login");
    complete.headers.emplace_back(header.name, header.prefix + text);
    secrets.push_back(std::move(text));
  }
  const auto started = Deadline::Clock::now();
  auto answer = send(complete, *url, deadline);
  if (answer) {
    answer->took = since(started);
    blot_out(*answer, secrets);
  } else {
    answer.error().waited = since(started);
  }
  return answer;
}

Outcome<HttpAnswer> HttpProbe::send(const HttpQuestion& question, const HttpUrl& url, const Deadline& deadline) {
  X509_STORE* store = nullptr;
  if (url.tls) {
    const auto found = authorities_.store(question.vantage, question.authorities);
    if (!found) return Failed{found.error()};
    store = *found;
  }
  // Only the way there depends on the vantage: a connected socket stays in its namespace.
  const Detour detour{question.proxy, url.host, url.port, url.tls};
  auto connection = vantages_.at<Connection>(
      question.vantage, [&](Resolver& resolver) { return dial_through(resolver, detour, deadline); });
  if (!connection) return Failed{connection.error()};
  return transfer(question, url, std::move(*connection), store, deadline);
}

}  // namespace doctor::probes
