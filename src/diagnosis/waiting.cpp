#include "diagnosis/waiting.hpp"

#include <algorithm>
#include <set>

#include "diagnosis/problem.hpp"

namespace doctor::diagnosis {
namespace {

bool is_waited_for(const Problem& problem, const std::string& fail_on) {
  if (fail_on == "never" || problem.ignored || problem.known) return false;
  return rank(problem.root ? problem.severity : problem.severity_alone) <= rank(fail_on);
}

bool has_looked(const Report& report, const std::string& check, const std::string& subject) {
  const auto is_it = [&](const auto& item) { return item.check == check && item.subject == subject; };
  const auto ran = [&](const CheckSummary& item) {
    return item.id == check && (item.status == "passed" || item.status == "failed");
  };
  return std::any_of(report.checks.begin(), report.checks.end(), ran) &&
         std::none_of(report.unexamined.begin(), report.unexamined.end(), is_it) &&
         std::none_of(report.skipped.begin(), report.skipped.end(), is_it);
}

void sort_by_time(std::vector<Change>& changes) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.after_ms < b.after_ms; });
}

}  // namespace

std::vector<WaitHistory::Event> WaitHistory::add(const Report& report, std::int64_t after_ms) {
  ++attempts_;
  std::vector<Event> events;
  add_failing(report, after_ms, events);
  if (!allow_incomplete_) add_unexamined(report, after_ms, events);
  return events;
}

void WaitHistory::add_unexamined(const Report& report, std::int64_t after_ms, std::vector<Event>& events) {
  std::set<std::string> present;
  for (const auto& item : report.unexamined) {
    if (!present.insert(item.subject).second) continue;
    const Change change{item.check, item.subject, item.reason, after_ms, 1};
    const auto [found, is_new] = unseen_.try_emplace(item.subject, Unseen{change});
    if (is_new || !found->second.is_open) events.push_back({"not examined", change});
    found->second.is_open = true;
  }
  for (auto& [subject, unseen] : unseen_) {
    if (!unseen.is_open || present.count(subject) > 0) continue;
    if (!report.complete || !has_looked(report, unseen.change.entry, subject)) continue;
    unseen.is_open = false;
    unseen.seen_at = after_ms;
    events.push_back({"examined", {unseen.change.entry, subject, {}, after_ms, 1}});
  }
}

int WaitHistory::unexamined() const {
  return static_cast<int>(
      std::count_if(unseen_.begin(), unseen_.end(), [](const auto& item) { return item.second.is_open; }));
}

void WaitHistory::add_failing(const Report& report, std::int64_t after_ms, std::vector<Event>& events) {
  std::set<std::string> present;
  for (const auto& problem : report.problems) {
    if (!is_waited_for(problem, fail_on_)) continue;
    present.insert(problem.fingerprint);
    const Change change{problem.entry, problem.subject, problem.title, after_ms, 1};
    const auto [found, is_new] = states_.try_emplace(problem.fingerprint, State{change, problem.check});
    auto& state = found->second;
    if (is_new) {
      events.push_back({"failing", change});
    } else if (!state.is_failing) {
      state.is_failing = true;
      state.back_at = after_ms;
      ++state.came_back;
      events.push_back({"failing again", change});
    }
  }
  for (auto& [fingerprint, state] : states_) {
    if (!state.is_failing || present.count(fingerprint) > 0) continue;
    if (!has_looked(report, state.check, state.change.subject)) continue;
    state.is_failing = false;
    state.gone_at = after_ms;
    ++state.went;
    auto change = state.change;
    change.after_ms = after_ms;
    events.push_back({"healthy", std::move(change)});
  }
}

std::vector<Change> WaitHistory::failing() const {
  std::vector<Change> changes;
  for (const auto& [fingerprint, state] : states_)
    if (state.is_failing) changes.push_back(state.change);
  sort_by_time(changes);
  return changes;
}

Waiting WaitHistory::waiting() const {
  Waiting waiting;
  waiting.attempts = attempts_;
  const auto add = [](std::vector<Change>& list, Change change, std::int64_t after_ms, int times) {
    change.after_ms = after_ms;
    change.times = times;
    list.push_back(std::move(change));
  };
  for (const auto& [fingerprint, state] : states_) {
    if (!state.is_failing) add(waiting.became_healthy, state.change, state.gone_at, state.went);
    if (state.came_back > 0) add(waiting.flapping, state.change, state.back_at, state.came_back);
    if (state.is_failing && state.went == 0) add(waiting.starting, state.change, state.change.after_ms, 1);
  }
  for (const auto& [subject, unseen] : unseen_)
    if (!unseen.is_open) add(waiting.became_examined, unseen.change, unseen.seen_at, 1);
  for (auto* list : {&waiting.became_healthy, &waiting.flapping, &waiting.starting, &waiting.became_examined})
    sort_by_time(*list);
  return waiting;
}

}  // namespace doctor::diagnosis
