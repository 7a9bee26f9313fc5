#include <algorithm>
#include <array>

#include "checks/redis/facts.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::redis_check {
namespace {

Info read_info(const std::string& text) {
  Info info;
  std::string_view rest{text};
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    info.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return info;
}

Outcome<Info> ask_info(const Context& context, const SourceFacts& facts) {
  const auto answer = ask(context, facts, {"INFO"});
  if (!answer) return Failed{answer.error()};
  return read_info(answer->text);
}

/// The limit on clients: a field of INFO since Redis 6, a parameter before.
std::optional<std::int64_t> ask_max_clients(const Context& context, const SourceFacts& facts) {
  if (const auto limit = number(**facts.info, "maxclients"); limit > 0) return limit;
  const auto answer = ask(context, facts, {"CONFIG", "GET", "maxclients"});
  if (!answer || answer->items.size() != 2) return std::nullopt;
  const auto limit = formats::integer(answer->items[1]);
  return limit ? std::optional{*limit} : std::nullopt;
}

/// Three cheap questions: when even the quickest answer is slow, it is no hiccup.
void time_answers(const Context& context, SourceFacts& facts) {
  facts.ping = ask(context, facts, {"PING"});
  if (!*facts.ping) return;
  const auto time = ask(context, facts, {"TIME"});
  const auto again = ask(context, facts, {"INFO", "server"});
  if (time && again) facts.quickest = std::min({(*facts.ping)->took, time->took, again->took});
}

std::string_view length_command(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> commands{
      {{"list", "LLEN"}, {"stream", "XLEN"}, {"zset", "ZCARD"}, {"set", "SCARD"}}};
  for (const auto& [name, command] : commands)
    if (name == kind) return command;
  return {};
}

Failed no_queue(const std::string& kind) {
  ProbeFailure failure;
  failure.kind = FailureKind::protocol_error;
  failure.code = "no-queue";
  failure.detail = "the key holds a " + formats::shown(kind, 20) + ", which has no length";
  return Failed{std::move(failure)};
}

Outcome<std::int64_t> length_of(const Context& context, const SourceFacts& facts, QueueFacts& queue) {
  const auto& key = queue.expected.redis;
  const auto type = ask(context, facts, {"TYPE", key});
  if (!type) return Failed{type.error()};
  queue.kind = type->text;
  if (queue.kind == "none") return 0;
  const auto command = length_command(queue.kind);
  if (command.empty()) return no_queue(queue.kind);
  const auto answer = ask(context, facts, {std::string{command}, key});
  if (!answer) return Failed{answer.error()};
  return formats::integer(answer->text).value_or(0);
}

}  // namespace

Outcome<RedisReplyAnswer> ask(const Context& context, const SourceFacts& facts, std::vector<std::string> command) {
  const auto& dial = facts.source.dial;
  const RedisSessionQuestion session{facts.source.setting, dial.host, dial.port, dial.vantage};
  return context.ask(RedisReplyQuestion{session, std::move(command)});
}

std::string text(const Info& info, std::string_view field) {
  const auto found = info.find(field);
  return found == info.end() ? std::string{} : found->second;
}

std::int64_t number(const Info& info, std::string_view field) {
  return formats::integer(text(info, field)).value_or(0);
}

void ask_server(const Context& context, SourceFacts& facts) {
  facts.info = ask_info(context, facts);
  if (*facts.info) facts.max_clients = ask_max_clients(context, facts);
  time_answers(context, facts);
  const bool may_not = !*facts.ping && facts.ping->error().code == "NOPERM";
  if (may_not) facts.type = ask(context, facts, {"TYPE", "doctor"});
}

void ask_queues(const Context& context, SourceFacts& facts, const std::vector<Expectation>& expected) {
  for (const auto& one : expected) {
    if (one.redis.empty() || !one.forbids.empty()) continue;
    QueueFacts queue;
    queue.expected = one;
    queue.length = length_of(context, facts, queue);
    facts.queues.push_back(std::move(queue));
  }
}

}  // namespace doctor::checks::redis_check
