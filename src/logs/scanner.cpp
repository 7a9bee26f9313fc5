#include "logs/scanner.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "logs/line.hpp"
#include "logs/matcher.hpp"
#include "logs/run.hpp"
#include "logs/splitter.hpp"

namespace doctor::logs {
namespace {

/// From this many matches on, a line that holds the signature's text is counted without asking RE2: a flood of one
/// error stays cheap.
constexpr std::uint64_t most_verified = 10'000;

/// What ends a program is followed by what it writes of itself in ending, such as the stack of a crash.
constexpr std::uint64_t last_words = 60;  // lines

/// Programs have said that they start by then.
constexpr std::int64_t long_after_start = 60;

/// Lines at the level of an error that say nothing about the health of the program that writes them: what PostgreSQL
/// writes at each start and stop, and what it tells its clients, in whose own logs it matters. The two blanks are its
/// mark.
constexpr std::array<std::string_view, 4> routine{
    "the database system is (?:starting up|shutting down|not yet accepting connections|in recovery mode)",
    "FATAL:  terminating .*due to (?:administrator command|unexpected postmaster exit|idle-session timeout)",
    "FATAL:  (?:password authentication failed|no pg_hba.conf entry|(?:role|database) \"[^\"]*\" does not exist|"
    "(?:permission denied|pg_hba.conf rejects|unsupported frontend protocol))",
    "ERROR:  "};

struct Compiled {
  std::vector<std::string> milestones;  ///< ids; patterns 0 ... of the matcher
  std::vector<Signature> signatures;    ///< the patterns behind them
  std::vector<Level> levels;            ///< that a signature asks for; none: any
  std::vector<std::size_t> entries;     ///< signature -> number of its entry
  std::vector<std::string> names;       ///< of entries
  std::vector<std::string> patterns;
};

Compiled compile(const Patterns& patterns, const std::string& service) {
  Compiled compiled;
  if (const auto steps = patterns.milestones.find(service); steps != patterns.milestones.end())
    for (const auto& step : steps->second) {
      compiled.milestones.push_back(step.id);
      compiled.patterns.push_back(step.log);
    }
  for (const auto& signature : patterns.signatures) {
    if (!signature.service.empty() && signature.service != service) continue;
    auto name = std::find(compiled.names.begin(), compiled.names.end(), signature.entry);
    if (name == compiled.names.end()) name = compiled.names.insert(name, signature.entry);
    compiled.entries.push_back(static_cast<std::size_t>(name - compiled.names.begin()));
    compiled.levels.push_back(level_named(signature.level));
    compiled.signatures.push_back(signature);
    compiled.patterns.push_back(signature.match);
  }
  for (const auto pattern : routine) compiled.patterns.emplace_back(pattern);
  return compiled;
}

}  // namespace

struct Scanner::State {
  State(const Patterns& all, const std::string& service, const RunStart& run_start)
      : start{run_start}, compiled{compile(all, service)}, matcher{compiled.patterns}, reader{run_start.offset} {}

  RunStart start;
  Compiled compiled;
  Matcher matcher;
  LineReader reader;
  LineSplitter splitter;
  Run run;
  Run before;                ///< the run before that one
  bool in_last = false;      ///< a line of the last run was seen
  std::int64_t last_at = 0;  ///< of the line before, in this file
  std::vector<std::size_t> found;

  void next_run() {
    before = std::move(run);
    run = Run{};
  }

  /// The message of a JSON line counts as well as the whole of it, and so does each of the lines that the message has,
  /// such as those of a stack.
  bool matches(std::size_t pattern, const Line& line) const {
    return matcher.matches(pattern, line.text) || matches_message(pattern, line.message);
  }

  bool matches_message(std::size_t pattern, std::string_view message) const {
    if (message.empty()) return false;
    if (matcher.matches(pattern, message)) return true;
    return message.find('\n') != std::string_view::npos && !line_that_matches(pattern, message).empty();
  }

  std::string_view line_that_matches(std::size_t pattern, std::string_view message) const {
    while (!message.empty()) {
      const auto one = message.substr(0, message.find('\n'));
      if (matcher.matches(pattern, one)) return one;
      message.remove_prefix(std::min(one.size() + 1, message.size()));
    }
    return {};
  }

  void find_candidates(const Line& line) {
    found.clear();
    matcher.candidates(line.text, found);
    if (line.message.empty()) return;
    matcher.candidates(line.message, found);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }

  bool may_hit(std::size_t number, const Line& line) const {
    const auto& signature = compiled.signatures[number];
    if (!signature.after.empty() && !run.reached(signature.after)) return false;
    if (!signature.before.empty() && run.reached(signature.before)) return false;
    return compiled.levels[number] == Level::none || compiled.levels[number] == line.level;
  }

  bool is_hit(std::size_t number, const Line& line) const {
    if (!may_hit(number, line)) return false;
    const auto pattern = compiled.milestones.size() + number;
    if (matcher.has_anchor(pattern) && run.count_of(number) >= most_verified) return true;
    return matches(pattern, line);
  }

  void take(Line line) {
    if (line.at == 0) line.at = last_at;
    last_at = line.at;
    if (!in_last && (start.since == 0 || line.at == 0 || line.at >= start.since)) {
      next_run();
      in_last = true;
    }
    find_candidates(line);
    const auto milestones = compiled.milestones.size();
    const bool begins_anew = !found.empty() && found.front() == 0 && milestones > 0 &&
                             run.reached(compiled.milestones.front()) && matches(0, line);
    if (begins_anew) next_run();
    judge(line);
  }

  void judge(Line line) {
    const auto milestones = compiled.milestones.size();
    const auto signatures = compiled.signatures.size();
    const bool is_routine = std::any_of(found.begin(), found.end(), [&](std::size_t pattern) {
      return pattern >= milestones + signatures && matches(pattern, line);
    });
    if (is_routine) line.level = Level::info;
    run.begin(line);
    for (const auto pattern : found) {
      if (pattern < milestones) {
        if (matches(pattern, line)) run.reach(compiled.milestones[pattern]);
      } else if (pattern < milestones + signatures && is_hit(pattern - milestones, line)) {
        run.hit(compiled.entries[pattern - milestones], pattern - milestones);
      }
    }
    run.end();
  }

  std::map<std::string, std::string> groups_of(std::size_t pattern, const std::string& text) const {
    auto groups = matcher.groups(pattern, text);
    return groups.empty() ? matcher.groups(pattern, line_that_matches(pattern, text)) : groups;
  }

  LogHit hit_of(const std::string& entry, const Tally& tally) const {
    LogHit hit;
    hit.entry = entry;
    hit.line = tally.shown;
    hit.count = tally.count;
    hit.first = tally.first;
    hit.last = tally.last;
    if (!entry.empty()) hit.groups = groups_of(compiled.milestones.size() + tally.signature, tally.newest);
    for (auto& [name, value] : hit.groups)
      if (value.size() > most_shown) value.resize(most_shown);
    return hit;
  }

  const Run& earlier() const { return in_last ? before : run; }

  /// What has ended the run before, unless this one tells of the same, or has come further in its start: then that is
  /// over.
  std::vector<LogHit> outlived(const LogsAnswer& answer) const {
    std::vector<LogHit> hits;
    const auto& ended = earlier();
    if (in_last && run.milestones() > ended.milestones()) return hits;
    for (const auto& [entry, tally] : ended.tallies()) {
      const auto& name = compiled.names[entry];
      const bool is_last_word = tally.last_line + last_words >= ended.lines();
      const bool is_recent = start.recent != 0 && tally.last >= start.recent;
      const bool is_told =
          std::any_of(answer.hits.begin(), answer.hits.end(), [&](const LogHit& hit) { return hit.entry == name; });
      if (!compiled.signatures[tally.signature].outlives || !is_last_word || !is_recent || is_told) continue;
      hits.push_back(hit_of(name, tally));
      hits.back().previous = true;
    }
    return hits;
  }

  LogsAnswer answer_of(const Run& one) const {
    auto answer = one.summary();
    std::vector<std::pair<std::uint64_t, LogHit>> hits;
    for (const auto& [entry, tally] : one.tallies())
      hits.emplace_back(tally.first_line, hit_of(compiled.names[entry], tally));
    if (const auto rest = one.unexplained(); rest.count > 0) hits.emplace_back(rest.first_line, hit_of({}, rest));
    std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [line, hit] : hits) answer.hits.push_back(std::move(hit));
    return answer;
  }
};

Scanner::Scanner(const Patterns& patterns, const std::string& service, const RunStart& start)
    : state_{std::make_unique<State>(patterns, service, start)} {}

Scanner::~Scanner() = default;

void Scanner::line(std::string_view text, std::int64_t at) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  auto line = state_->reader.read(text.substr(0, LineSplitter::most_line));
  if (line.text.empty()) return;
  if (at != 0) line.at = at;
  state_->take(line);
}

void Scanner::feed(std::string_view bytes) {
  state_->splitter.feed(bytes, [this](std::string_view text) { line(text); });
}

void Scanner::end_of_file() {
  state_->splitter.finish([this](std::string_view text) { line(text); });
  state_->last_at = 0;
}

LogsAnswer Scanner::result() const {
  auto answer = state_->in_last ? state_->answer_of(state_->run) : LogsAnswer{};
  auto outlived = state_->outlived(answer);
  answer.hits.insert(answer.hits.begin(), std::make_move_iterator(outlived.begin()),
                     std::make_move_iterator(outlived.end()));
  return answer;
}

LogsAnswer Scanner::previous() const {
  return state_->answer_of(state_->earlier());
}

bool Scanner::unfinished() const {
  if (!state_->in_last) return true;
  const auto& run = state_->run;
  if (run.errors() > 0 || !run.tallies().empty()) return false;
  const auto all = state_->compiled.milestones.size();
  return all == 0 ? run.lines() == 0 : run.milestones() < all;
}

bool Scanner::lacks_beginning() const {
  const auto& state = *state_;
  const auto& run = state.run;
  if (!state.in_last || state.compiled.milestones.empty() || state.start.since == 0) return false;
  const bool is_late = run.first_at() > state.start.since + long_after_start;
  return is_late && run.quiet_lines() > 0 && !run.reached(state.compiled.milestones.front());
}

std::uint64_t Scanner::skipped() const {
  return state_->splitter.skipped();
}

}  // namespace doctor::logs
