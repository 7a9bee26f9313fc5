#include "probes/redis_reply.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <new>

#include <hiredis/hiredis.h>

namespace doctor::probes {
namespace {

tl::unexpected<RedisReplyError> broken(std::string code, std::string detail) {
  return tl::unexpected<RedisReplyError>{RedisReplyError{false, std::move(code), std::move(detail)}};
}

tl::unexpected<RedisReplyError> too_large(std::string code, std::string detail) {
  return tl::unexpected<RedisReplyError>{RedisReplyError{true, std::move(code), std::move(detail)}};
}

/// A whole decimal number, or nothing.
std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// hiredis hands out each piece as it reads it; nothing is allocated for a length that is only announced.

RedisReply& reply_of(const redisReadTask* task) {
  return *static_cast<RedisReply*>(task->privdata);
}

void* add(const redisReadTask* task, const char* kind, std::string text) {
  auto& reply = reply_of(task);
  if (task->parent == nullptr) {
    reply.kind = kind;
    reply.text = std::move(text);
  } else {
    reply.items.push_back(std::move(text));
  }
  return &reply;
}

void* on_string(const redisReadTask* task, char* text, std::size_t length) {
  return add(task, task->type == REDIS_REPLY_ERROR ? "error" : "string", std::string{text, length});
}

void* on_array(const redisReadTask* task, int) {
  auto& reply = reply_of(task);
  if (task->parent == nullptr) reply.kind = "array";
  return &reply;
}

void* on_integer(const redisReadTask* task, long long value) {
  return add(task, "integer", std::to_string(value));
}

void* on_nil(const redisReadTask* task) {
  return add(task, "nil", {});
}

void on_free(void*) {}  // the reply belongs to the caller

tl::expected<RedisReply, RedisReplyError> read_whole(const std::string& bytes) {
  redisReplyObjectFunctions functions{on_string, on_array, on_integer, on_nil, on_free};
  const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{redisReaderCreateWithFunctions(&functions),
                                                                        redisReaderFree};
  if (!reader) throw std::bad_alloc{};
  RedisReply reply;
  reader->privdata = &reply;
  void* read = nullptr;
  if (redisReaderFeed(reader.get(), bytes.data(), bytes.size()) != REDIS_OK) throw std::bad_alloc{};
  if (redisReaderGetReply(reader.get(), &read) != REDIS_OK || read == nullptr)
    return broken("protocol", "the answer cannot be read");  // among others, hiredis ends at a depth of 7
  return reply;
}

}  // namespace

tl::expected<std::size_t, RedisReplyError> RedisFrame::take(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && !complete_) {
    if (bulk_left_ > 0) {
      const auto count = std::min(bulk_left_, bytes.size() - at);
      at += count;
      bulk_left_ -= count;
      continue;
    }
    const char c = bytes[at++];
    if (auto step = end_left_ > 0 ? take_bulk_end(c) : take_line(c); !step)
      return tl::unexpected<RedisReplyError>{step.error()};
  }
  bytes_ += at;
  if (bytes_ > most_bytes) return too_large("size", "an answer of more than 8 MB");
  return at;
}

RedisFrame::Step RedisFrame::take_line(char c) {
  if (line_.empty() && std::string_view{"+-:$*"}.find(c) == std::string_view::npos) {
    const bool at_start = bytes_ == 0 && elements_ == 0;
    if (at_start) return broken("not-redis", "something answers that is not Redis");
    return broken("protocol", "the answer holds a type that does not exist");
  }
  if (c != '\n') {
    line_ += c;
    if (line_.size() > most_line) return too_large("line", "a line of more than 64 KB");
    return {};
  }
  if (line_.size() < 2 || line_.back() != '\r') return broken("protocol", "a line ends without a carriage return");
  line_.pop_back();
  auto step = take_header();
  line_.clear();
  return step;
}

RedisFrame::Step RedisFrame::take_bulk_end(char c) {
  if (c != (end_left_ == 2 ? '\r' : '\n')) return broken("protocol", "a string is longer than its announced length");
  if (--end_left_ == 0) end_element();
  return {};
}

RedisFrame::Step RedisFrame::take_header() {
  const auto text = std::string_view{line_}.substr(1);
  switch (line_.front()) {
    case '$':
      return take_bulk_length(text);
    case '*':
      return take_count(text);
    case ':':
      if (!number(text)) return broken("protocol", "an integer that is no number");
      break;
    default:
      break;
  }
  end_element();
  return {};
}

RedisFrame::Step RedisFrame::take_bulk_length(std::string_view text) {
  const auto length = number(text);
  if (!length || *length < -1) return broken("protocol", "a length that is no number");
  if (*length > static_cast<std::int64_t>(most_bulk)) return too_large("bulk", "a string of more than 8 MB");
  if (*length == -1) {
    end_element();
    return {};
  }
  bulk_left_ = static_cast<std::size_t>(*length);
  end_left_ = 2;
  return {};
}

RedisFrame::Step RedisFrame::take_count(std::string_view text) {
  const auto count = number(text);
  if (!count || *count < -1) return broken("protocol", "a number of elements that is no number");
  if (*count <= 0) {
    end_element();
    return {};
  }
  if (*count > static_cast<std::int64_t>(most_elements - elements_))
    return too_large("elements", "more than 1,000,000 elements");
  elements_ += static_cast<std::size_t>(*count);
  if (open_.size() == most_depth) return too_large("depth", "arrays nested deeper than 32");
  open_.push_back(static_cast<std::size_t>(*count));
  return {};
}

void RedisFrame::end_element() {
  while (!open_.empty()) {
    if (--open_.back() > 0) return;
    open_.pop_back();
  }
  complete_ = true;
}

tl::expected<std::optional<RedisReply>, RedisReplyError> RedisReplyReader::take(std::string_view bytes) {
  const auto used = frame_.take(bytes);
  if (!used) return tl::unexpected<RedisReplyError>{used.error()};
  bytes_.append(bytes.substr(0, *used));
  if (!frame_.is_complete()) return std::nullopt;
  if (*used < bytes.size()) return broken("protocol", "the server says more than it was asked");
  auto reply = read_whole(bytes_);
  if (!reply) return tl::unexpected<RedisReplyError>{reply.error()};
  return std::optional<RedisReply>{std::move(*reply)};
}

std::string redis_command(const std::vector<std::string>& words) {
  std::vector<const char*> values;
  std::vector<std::size_t> lengths;
  for (const auto& word : words) {
    values.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* formatted = nullptr;
  const int length = redisFormatCommandArgv(&formatted, static_cast<int>(values.size()), values.data(), lengths.data());
  if (length < 0 || formatted == nullptr) throw std::bad_alloc{};
  const std::unique_ptr<char, decltype(&redisFreeCommand)> owned{formatted, redisFreeCommand};
  return {formatted, static_cast<std::size_t>(length)};
}

}  // namespace doctor::probes
