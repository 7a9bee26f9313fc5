#include "probes/recorder.hpp"

#include <tuple>
#include <utility>

#include "probes/recorder_template.hpp"
#include "probes/replayer_template.hpp"
#include "util/bounded_json.hpp"

namespace doctor::probes {
namespace {

constexpr std::string_view schema = "doctor-tape/v1";

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
  Recorded(Probes& live, Tape& tape, ProbeTimes* times) : forward{live}, probe{forward, tape, times} {}
  Forward<Question> forward;
  Recorder<Question> probe;
};

template <class Question>
struct Replayed {
  Replayed(const Tape& tape, const Rewrite& rewrite) : probe{tape, rewrite} {}
  Replayer<Question> probe;
};

template <class... Questions>
struct RecordedSet : Recorded<Questions>... {
  RecordedSet(Probes& live, Tape& tape, ProbeTimes* times)
      : Recorded<Questions>{live, tape, times}..., probes{Recorded<Questions>::probe...} {}
  Probes probes;
};

template <class... Questions>
struct ReplayedSet : Replayed<Questions>... {
  ReplayedSet(const Tape& tape, const Rewrite& rewrite)
      : Replayed<Questions>{tape, rewrite}..., probes{Replayed<Questions>::probe...} {}
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

void Tape::each(const std::function<void(const std::string&, const std::string&)>& visit) const {
  const std::lock_guard guard{mutex_};
  for (const auto& [key, outcome] : outcomes_) visit(key, outcome);
}

tl::expected<Tape, std::string> Tape::from_json(std::string_view text) {
  const auto json = util::bounded_json(text, most_bytes);
  if (!json) return tl::unexpected{json.error()};
  try {
    if (json->at("schema") != schema) return tl::unexpected{std::string{"not a tape of version 1"}};
    Tape tape;
    for (const auto& [key, outcome] : json->at("answers").get_ref<const util::Json::object_t&>())
      tape.outcomes_.emplace(key, compact(outcome));
    return tape;
  } catch (const util::Json::exception&) {
    return tl::unexpected{std::string{"not a tape: \"schema\" or \"answers\" is missing or has the wrong type"}};
  }
}

struct RecordingProbes::Parts {
  Parts(Probes& live, Tape& tape, ProbeTimes* times) : set{live, tape, times} {}
  ForAllQuestions<RecordedSet> set;
};

RecordingProbes::RecordingProbes(Probes& live, Tape& tape, ProbeTimes* times)
    : parts_{std::make_unique<Parts>(live, tape, times)} {}
RecordingProbes::~RecordingProbes() = default;
Probes& RecordingProbes::probes() {
  return parts_->set.probes;
}

struct ReplayingProbes::Parts {
  Parts(const Tape& tape, const Rewrite& rewrite) : set{tape, rewrite} {}
  ForAllQuestions<ReplayedSet> set;
};

ReplayingProbes::ReplayingProbes(const Tape& tape, const Rewrite& rewrite)
    : parts_{std::make_unique<Parts>(tape, rewrite)} {}
ReplayingProbes::~ReplayingProbes() = default;
Probes& ReplayingProbes::probes() {
  return parts_->set.probes;
}

}  // namespace doctor::probes
