#include <optional>

#include "probes/redis_reply.hpp"
#include "probes/redis_session.hpp"
#include "property.hpp"

using doctor::fuzz::require;
using doctor::probes::RedisReply;
using doctor::probes::RedisReplyReader;

namespace {

/// What a reader makes of the bytes, given in pieces.
struct Outcome {
  std::optional<RedisReply> reply;
  std::string error;
};

Outcome read(std::string_view bytes, std::size_t piece) {
  RedisReplyReader reader;
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    const auto taken = reader.take(part);
    if (!taken) return {std::nullopt, taken.error().code + ": " + taken.error().detail};
    if (*taken) return {**taken, {}};
  }
  return {};
}

}  // namespace

/// Answers of a server that may be anything.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto whole = read(text, text.size() + 1);
  require(doctor::fuzz::is_printable(whole.error), "a reason can be shown");
  if (whole.reply) {
    require(!whole.reply->kind.empty(), "an answer has a kind");
    require(whole.reply->items.size() <= 1'000'000, "elements are bounded");
    const auto pieces = read(text, 7);
    require(pieces.reply && pieces.reply->kind == whole.reply->kind && pieces.reply->text == whole.reply->text &&
                pieces.reply->items == whole.reply->items,
            "an answer does not depend on how it arrives");
    if (whole.reply->kind == "error") {
      const auto refusal = doctor::probes::refusal_of(whole.reply->text);
      require(!refusal.code.empty() && refusal.code.size() <= 20, "a refusal has a short code");
      require(doctor::fuzz::is_printable(refusal.code), "a code can be shown");
    }
  }
  return 0;
}
