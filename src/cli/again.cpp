#include "cli/again.hpp"

#include <algorithm>
#include <charconv>

#include "util/text.hpp"

namespace doctor::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds what_is_left(milliseconds limit, milliseconds spent) {
  constexpr milliseconds least{500};
  return std::min(limit, std::max(limit - spent, least));
}

}  // namespace

Before read_before(std::string_view state, steady_clock::time_point now) {
  Before before{now, {}};
  const auto parts = util::split(std::string{state}, ',');
  if (parts.empty()) return before;
  std::int64_t since = 0;
  const auto& first = parts.front();
  const auto read = std::from_chars(first.data(), first.data() + first.size(), since);
  const auto most = duration_cast<milliseconds>(now.time_since_epoch()).count();
  if (read.ec == std::errc{} && since > 0 && since <= most)
    before.began = steady_clock::time_point{milliseconds{since}};
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    const auto equals = part->find('=');
    if (equals != std::string::npos) before.crashed.emplace(part->substr(0, equals), part->substr(equals + 1));
  }
  return before;
}

std::string state_of(const Before& before) {
  auto state = std::to_string(duration_cast<milliseconds>(before.began.time_since_epoch()).count());
  for (const auto& [check, signal] : before.crashed) state += "," + check + "=" + signal;
  return state;
}

void go_on_after(const Before& before, steady_clock::time_point now, CheckCommand& command) {
  if (before.crashed.empty()) return;
  const auto spent = duration_cast<milliseconds>(now - before.began);
  command.crashed = before.crashed;
  command.timeout = what_is_left(command.timeout, spent);
  if (command.wait.count() > 0) command.wait = what_is_left(command.wait, spent);
}

}  // namespace doctor::cli
