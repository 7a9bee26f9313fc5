#include "probes/http_transfer.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>

#include <curl/curl.h>

#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds tls_limit{5000};
constexpr std::size_t most_header_bytes = 64UL * 1024;
constexpr std::size_t most_body_bytes = 8UL * 1024 * 1024;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;

class List {
 public:
  void add(const std::string& text) {
    curl_slist* longer = curl_slist_append(list_.get(), text.c_str());
    if (longer == nullptr) throw std::bad_alloc{};
    static_cast<void>(list_.release());
    list_.reset(longer);
  }
  curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> list_{nullptr, curl_slist_free_all};
};

/// OpenSSL writes without MSG_NOSIGNAL, and a server may leave at any time. Holds SIGPIPE back for this thread and
/// forgets the one that came meanwhile.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec now{};
    while (sigtimedwait(&pipe_, nullptr, &now) == SIGPIPE) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

/// What libcurl's callbacks share.
struct Exchange {
  Connection connection;
  X509_STORE* store = nullptr;
  TlsWitness witness;
  HttpAnswer answer;
  std::size_t header_bytes = 0;
  bool headers_too_large = false;
  bool body_too_large = false;
};

curl_socket_t give_socket(void* exchange, curlsocktype, curl_sockaddr*) {
  const int fd = static_cast<Exchange*>(exchange)->connection.socket.release();
  return fd >= 0 ? fd : CURL_SOCKET_BAD;  // it is given once; libcurl closes it
}

int say_connected(void*, curl_socket_t, curlsocktype) {
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

CURLcode prepare_tls(CURL*, void* context, void* exchange) {
  auto& shared = *static_cast<Exchange*>(exchange);
  shared.witness.attach(static_cast<SSL_CTX*>(context), shared.store);
  return CURLE_OK;
}

void take_header(std::string_view line, HttpAnswer& answer) {
  if (line.starts_with("HTTP/")) {  // what came before was an interim answer (RFC 9110, section 15.2)
    answer.headers.clear();
    return;
  }
  const bool is_folded = line.starts_with(' ') || line.starts_with('\t');  // obsolete, RFC 9112, section 5.2
  if (is_folded && !answer.headers.empty()) {
    answer.headers.back().second += " " + util::trim(line);
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  answer.headers.emplace_back(util::lower(util::trim(line.substr(0, colon))), util::trim(line.substr(colon + 1)));
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* exchange) {
  auto& shared = *static_cast<Exchange*>(exchange);
  const std::size_t length = size * count;
  shared.header_bytes += length;
  shared.headers_too_large = shared.header_bytes > most_header_bytes;
  if (shared.headers_too_large) return 0;
  if (shared.answer.body.empty()) take_header({data, length}, shared.answer);
  return length;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* exchange) {
  auto& shared = *static_cast<Exchange*>(exchange);
  const std::size_t length = size * count;
  shared.body_too_large = shared.answer.body.size() + length > most_body_bytes;
  if (shared.body_too_large) return 0;
  shared.answer.body.append(data, length);
  return length;
}

void set_request(CURL* easy, const HttpQuestion& question, const HttpUrl& url, const List& headers) {
  curl_easy_setopt(easy, CURLOPT_URL, url.text.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "doctor/0.1");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (question.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  // To a proxy without a tunnel the absolute form (RFC 9112, section 3.2.2); the socket leads there already.
  if (!question.proxy.empty() && !url.tls) curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, url.text.c_str());
}

void set_callbacks(CURL* easy, Exchange& exchange) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, say_connected);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
}

/// The shared store replaces libcurl's own reading of the bundle, on every connection.
void set_tls(CURL* easy, Exchange& exchange) {
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &exchange);
}

/// The phase that runs, and when it must have ended.
class Phase {
 public:
  Phase(const HttpQuestion& question, const HttpUrl& url, const Deadline& deadline)
      : deadline_{deadline},
        limit_{question.limit},
        in_tls_{url.tls},
        current_{deadline.within(url.tls ? tls_limit : limit_)} {}

  void update(const TlsWitness& witness) {
    if (!in_tls_ || !witness.done) return;
    in_tls_ = false;
    current_ = deadline_.within(limit_);
  }
  const Deadline& deadline() const { return current_; }
  std::string_view name() const { return in_tls_ ? "tls" : "answer"; }

 private:
  const Deadline& deadline_;
  std::chrono::milliseconds limit_;
  bool in_tls_;
  Deadline current_;
};

/// libcurl's result, or none when the deadline came first.
std::optional<CURLcode> perform(CURL* easy, const TlsWitness& witness, Phase& phase) {
  const Multi multi{curl_multi_init(), curl_multi_cleanup};
  if (!multi || curl_multi_add_handle(multi.get(), easy) != CURLM_OK) throw std::bad_alloc{};
  const auto remove = [&](CURL* handle) { curl_multi_remove_handle(multi.get(), handle); };
  const std::unique_ptr<CURL, decltype(remove)> added{easy, remove};
  int running = 1;
  for (;;) {
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
    phase.update(witness);
    if (running == 0) break;
    if (phase.deadline().expired()) return std::nullopt;
    const auto wait = std::min(phase.deadline().remaining(), stop_interval);
    curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
  return message != nullptr ? message->data.result : CURLE_FAILED_INIT;
}

ProbeFailure failure_of(FailureKind kind, std::string code, std::string detail) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  return failure;
}

ProbeFailure broken_protocol(CURLcode result, CURL* easy) {
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  switch (result) {
    case CURLE_UNSUPPORTED_PROTOCOL:  // libcurl's word for HTTP/0.9
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
      return failure_of(FailureKind::protocol_error, "not-http", "something answers that is not HTTP");
    case CURLE_GOT_NOTHING:
      return failure_of(FailureKind::protocol_error, "closed", "the connection was closed without an answer");
    case CURLE_PARTIAL_FILE:
      return failure_of(FailureKind::protocol_error, "cut", "the answer ends before its announced length");
    case CURLE_BAD_CONTENT_ENCODING:
      return failure_of(FailureKind::protocol_error, "encoding", "the answer's content encoding is broken or unknown");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (os_error != 0) return failure_of_errno(static_cast<int>(os_error), "answer", "", {});
      return failure_of(FailureKind::protocol_error, "cut", "the answer breaks off");
    default:
      return failure_of(FailureKind::protocol_error, "curl " + std::to_string(static_cast<int>(result)),
                        "the answer breaks the rules of HTTP");
  }
}

ProbeFailure failure_of_result(CURLcode result, CURL* easy, const Exchange& exchange, std::string_view phase) {
  // libcurl says "out of memory" for a single header line past its own bound (100 KB).
  if (exchange.headers_too_large || result == CURLE_OUT_OF_MEMORY)
    return failure_of(FailureKind::too_large, "headers", "more than 64 KB of headers");
  if (exchange.body_too_large) return failure_of(FailureKind::too_large, "body", "more than 8 MB of body");
  const bool wrong_name = result == CURLE_PEER_FAILED_VERIFICATION;
  if (phase == "tls" || wrong_name || result == CURLE_SSL_CONNECT_ERROR) {
    auto [code, detail] = reason_of(exchange.witness);
    return failure_of(FailureKind::tls_rejected, std::move(code), std::move(detail));
  }
  return broken_protocol(result, easy);
}

}  // namespace

Outcome<HttpAnswer> transfer(const HttpQuestion& question, const HttpUrl& url, Connection connection, X509_STORE* store,
                             const Deadline& deadline) {
  const WithoutPipeSignal guard;
  const auto started = Deadline::Clock::now();
  List headers;
  for (const auto& [name, value] : question.headers) headers.add(value.empty() ? name + ";" : name + ": " + value);
  List resolved;
  const bool is_v6 = connection.numeric.find(':') != std::string::npos;
  resolved.add(url.host + ":" + std::to_string(url.port) + ":" +
               (is_v6 ? "[" + connection.numeric + "]" : connection.numeric));

  Exchange exchange;
  exchange.connection = std::move(connection);
  exchange.store = store;
  const Easy easy{curl_easy_init(), curl_easy_cleanup};
  if (!easy) throw std::bad_alloc{};
  set_request(easy.get(), question, url, headers);
  set_callbacks(easy.get(), exchange);
  if (url.tls) set_tls(easy.get(), exchange);
  curl_easy_setopt(easy.get(), CURLOPT_RESOLVE, resolved.get());

  Phase phase{question, url, deadline};
  const auto result = perform(easy.get(), exchange.witness, phase);
  const auto address = exchange.connection.address;
  if (!result) return Failed{failure_of_deadline(phase.deadline(), phase.name(), address, since(started))};
  if (*result != CURLE_OK) {
    auto failure = failure_of_result(*result, easy.get(), exchange, phase.name());
    failure.phase = failure.kind == FailureKind::tls_rejected ? "tls" : "answer";
    failure.address = address;
    return Failed{std::move(failure)};
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.status = static_cast<int>(status);
  exchange.answer.address = address;
  return std::move(exchange.answer);
}

}  // namespace doctor::probes
