#include "probes/recorder.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "probes/recorder_template.hpp"
#include "probes/replayer_template.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_bytes = 16UL * 1024 * 1024;
constexpr int most_levels = 64;
constexpr std::string_view schema = "doctor-tape/v1";

std::string position(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto last_break = before.rfind('\n');
  const auto column = last_break == std::string_view::npos ? before.size() + 1 : before.size() - last_break;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Where brackets outside strings go deeper than allowed; npos: nowhere. Looks at no other rule of JSON.
std::size_t too_deep_at(std::string_view text) {
  int level = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '['))
      ++level;
    else if (!in_string && (c == '}' || c == ']'))
      --level;
    if (level > most_levels) return i;
  }
  return std::string_view::npos;
}

/// A question to a whole set of probes, as a single probe.
template <class Question>
class Forward final : public Probe<Question> {
 public:
  explicit Forward(Probes& set) : set_{set} {}
  Outcome<typename Question::Answer> ask(const Question& question, const Deadline& deadline) override {
    return set_.ask(question, deadline);
  }

 private:
  Probes& set_;
};

template <class Question>
struct Recorded {
  Recorded(Probes& live, Tape& tape) : forward{live}, probe{forward, tape} {}
  Forward<Question> forward;
  Recorder<Question> probe;
};

template <class Question>
struct Replayed {
  explicit Replayed(const Tape& tape) : probe{tape} {}
  Replayer<Question> probe;
};

template <class... Questions>
struct RecordedSet : Recorded<Questions>... {
  RecordedSet(Probes& live, Tape& tape) : Recorded<Questions>{live, tape}..., probes{Recorded<Questions>::probe...} {}
  Probes probes;
};

template <class... Questions>
struct ReplayedSet : Replayed<Questions>... {
  explicit ReplayedSet(const Tape& tape) : Replayed<Questions>{tape}..., probes{Replayed<Questions>::probe...} {}
  Probes probes;
};

}  // namespace

Tape::Tape(Tape&& other) noexcept : outcomes_{std::move(other.outcomes_)} {}

void Tape::write(const std::string& key, std::string outcome) {
  const std::lock_guard guard{mutex_};
  outcomes_[key] = std::move(outcome);
}

std::optional<std::string> Tape::find(const std::string& key) const {
  const std::lock_guard guard{mutex_};
  const auto found = outcomes_.find(key);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second;
}

std::size_t Tape::size() const {
  const std::lock_guard guard{mutex_};
  return outcomes_.size();
}

std::string Tape::to_json() const {
  const std::lock_guard guard{mutex_};
  std::string text = "{\"schema\": \"" + std::string{schema} + "\", \"answers\": {";
  bool first = true;
  for (const auto& [key, outcome] : outcomes_) {
    text += (first ? "\n" : ",\n") + compact(key) + ": " + outcome;
    first = false;
  }
  return text + "\n}}\n";
}

tl::expected<Tape, std::string> Tape::from_json(std::string_view text) {
  if (text.size() > most_bytes) return tl::unexpected{std::string{"larger than 16 MB"}};
  if (const auto at = too_deep_at(text); at != std::string_view::npos)
    return tl::unexpected{position(text, at) + ": deeper than 64 levels"};
  try {
    const auto json = util::Json::parse(text);
    if (json.at("schema") != schema) return tl::unexpected{std::string{"not a tape of version 1"}};
    Tape tape;
    for (const auto& [key, outcome] : json.at("answers").get_ref<const util::Json::object_t&>())
      tape.outcomes_.emplace(key, compact(outcome));
    return tape;
  } catch (const util::Json::parse_error& error) {
    return tl::unexpected{position(text, error.byte > 0 ? error.byte - 1 : 0) + ": not JSON"};
  } catch (const util::Json::exception&) {
    return tl::unexpected{std::string{"not a tape: \"schema\" or \"answers\" is missing or has the wrong type"}};
  }
}

struct RecordingProbes::Parts {
  Parts(Probes& live, Tape& tape) : set{live, tape} {}
  ForAllQuestions<RecordedSet> set;
};

RecordingProbes::RecordingProbes(Probes& live, Tape& tape) : parts_{std::make_unique<Parts>(live, tape)} {}
RecordingProbes::~RecordingProbes() = default;
Probes& RecordingProbes::probes() {
  return parts_->set.probes;
}

struct ReplayingProbes::Parts {
  explicit Parts(const Tape& tape) : set{tape} {}
  ForAllQuestions<ReplayedSet> set;
};

ReplayingProbes::ReplayingProbes(const Tape& tape) : parts_{std::make_unique<Parts>(tape)} {}
ReplayingProbes::~ReplayingProbes() = default;
Probes& ReplayingProbes::probes() {
  return parts_->set.probes;
}

}  // namespace doctor::probes
