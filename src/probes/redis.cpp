#include "probes/redis.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "probes/memo.hpp"
#include "probes/redis_session.hpp"
#include "probes/redis_url.hpp"
#include "probes/turn.hpp"
#include "redact/secret_reader.hpp"

namespace doctor::probes {
namespace {

Failed failed(FailureKind kind, std::string code, std::string detail, std::string phase) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  failure.phase = std::move(phase);
  return Failed{std::move(failure)};
}

/// One source at one address, seen from one place.
struct Line {
  Turnstile turnstile;  ///< what follows belongs to whoever has the turn
  std::unique_ptr<RedisSession> session;
  std::optional<ProbeFailure> refusal;
};

std::string key_of(const RedisSessionQuestion& question) {
  return question.source + '\n' + question.host + '\n' + std::to_string(question.port) + '\n' + question.vantage;
}

RedisReplyAnswer answer_of(RedisReply reply) {
  return {std::move(reply.kind), std::move(reply.text), std::move(reply.items), {}};
}

}  // namespace

struct RedisBroker::State {
  State(Vantages& vantages_, Reveal reveal_) : vantages{vantages_}, reveal{std::move(reveal_)} {}

  Vantages& vantages;
  Reveal reveal;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Line>> lines;
  std::once_flag store_loaded;
  CertificateStore store;

  std::shared_ptr<Line> line(const RedisSessionQuestion& question) {
    const std::lock_guard guard{mutex};
    auto& line = lines[key_of(question)];
    if (!line) line = std::make_shared<Line>();
    return line;
  }

  X509_STORE* authorities() {
    std::call_once(store_loaded, [this] { store = load_certificate_store(); });
    return store.get();
  }

  Outcome<RedisSession::Target> target(const RedisSessionQuestion& question) {
    const auto value = reveal(question.source);
    if (!value) return failed(FailureKind::not_found, "no-url", "the setting has no value", "url");
    auto url = parse_redis_url(SecretReader::reveal(*value));
    if (!url) return failed(FailureKind::protocol_error, "invalid-url", url.error(), "url");
    RedisSession::Target target;
    target.host = question.host.empty() ? url->host : question.host;
    target.port = question.port == 0 ? url->port : question.port;
    if (url->tls) target.store = authorities();
    target.url = std::move(*url);
    return target;
  }

  /// The session of the line, opened when that was not tried before.
  std::optional<ProbeFailure> open(Line& line, const RedisSessionQuestion& question, const Deadline& deadline) {
    if (line.session) return std::nullopt;
    if (line.refusal) return line.refusal;
    const auto where = target(question);
    if (!where) return where.error();
    using Opened = std::unique_ptr<RedisSession>;
    auto session = vantages.at<Opened>(
        question.vantage, [&](Resolver& resolver) { return RedisSession::open(resolver, *where, deadline); });
    if (session) {
      line.session = std::move(*session);
      return std::nullopt;
    }
    if (is_final(session, deadline)) line.refusal = session.error();
    return session.error();
  }
};

RedisBroker::RedisBroker(Vantages& vantages, Reveal reveal)
    : state_{std::make_unique<State>(vantages, std::move(reveal))} {}
RedisBroker::~RedisBroker() = default;

Outcome<RedisSessionAnswer> RedisBroker::session(const RedisSessionQuestion& question, const Deadline& deadline) {
  const auto line = state_->line(question);
  const Turn turn{line->turnstile, deadline};
  if (!turn) return Failed{failure_of_deadline(deadline, "", "", {})};
  if (auto failure = state_->open(*line, question, deadline)) return Failed{std::move(*failure)};
  return line->session->facts();
}

Outcome<RedisReplyAnswer> RedisBroker::reply(const RedisReplyQuestion& question, const Deadline& deadline) {
  if (!may_ask(question.command))
    return failed(FailureKind::permission_denied, "not-allowed", "this command is not one that doctor sends", "");
  const auto line = state_->line(question.session);
  const Turn turn{line->turnstile, deadline};
  if (!turn) return Failed{failure_of_deadline(deadline, "", "", {})};
  if (auto failure = state_->open(*line, question.session, deadline)) return Failed{std::move(*failure)};
  if (line->refusal) return Failed{*line->refusal};
  const auto started = Deadline::Clock::now();
  auto reply = line->session->ask(question.command, deadline);
  if (!line->session->is_open() && !reply) line->refusal = reply.error();  // what broke once is not mended by asking
  if (!reply) return Failed{std::move(reply.error())};
  auto answer = answer_of(std::move(*reply));
  answer.took = since(started);
  return answer;
}

}  // namespace doctor::probes
