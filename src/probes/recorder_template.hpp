#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "doctor/probe/question.hpp"
#include "probes/memo.hpp"
#include "probes/probe_times.hpp"
#include "probes/recorder.hpp"
#include "util/serialise.hpp"

/// Recording and replaying of one kind of question. Most code wants RecordingProbes and ReplayingProbes (recorder.hpp).
namespace doctor::probes {

inline std::string compact(const util::Json& json) {
  return json.dump(-1, ' ', false, util::Json::error_handler_t::replace);
}

/// The texts of the question go through `text` first.
template <class Question, class Text = util::Unchanged>
std::string canonical_key(const Question& question, const Text& text = {}) {
  return std::string{Question::probe} + " " + compact(util::to_json(question, text));
}

template <class Answer, class Text = util::Unchanged>
std::string encoded(const Outcome<Answer>& outcome, const Text& text = {}) {
  util::Json json = util::Json::object();
  if (outcome)
    json["answer"] = util::to_json(*outcome, text);
  else
    json["failure"] = util::to_json(outcome.error(), text);
  return compact(json);
}

inline Failed not_recorded(std::string detail) {
  ProbeFailure failure;
  failure.kind = FailureKind::not_recorded;
  failure.detail = std::move(detail);
  return Failed{std::move(failure)};
}

/// The outcome that encoded() wrote; of any other text a failure.
template <class Answer>
Outcome<Answer> decoded(const std::string& text) {
  try {
    const auto json = util::Json::parse(text);
    if (const auto failure = json.find("failure"); failure != json.end()) {
      ProbeFailure read;
      util::from_json(failure->at("kind"), read.kind);  // must be there: no default is true
      util::from_json(*failure, read);
      return Failed{std::move(read)};
    }
    const auto& recorded = json.at("answer");
    if (!recorded.is_object()) return not_recorded("the bundle's answer has the wrong form");
    Answer answer;
    util::from_json(recorded, answer);
    return answer;
  } catch (const util::Json::exception&) {
    return not_recorded("the bundle's answer has the wrong form");
  } catch (const std::invalid_argument&) {
    return not_recorded("the bundle's answer has the wrong form");
  }
}

template <class Question>
class Recorder final : public Probe<Question> {
 public:
  using Answer = typename Question::Answer;

  /// `times`, when there are any, learns how long the answers took; it must outlive the recorder.
  Recorder(Probe<Question>& live, Tape& tape, ProbeTimes* times = nullptr) : live_{live}, tape_{tape}, times_{times} {}

  Outcome<Answer> ask(const Question& question, const Deadline& deadline) override {
    const auto key = canonical_key(question);
    return memo_.get(key, deadline, [&] {
      const auto begin = std::chrono::steady_clock::now();
      auto outcome = live_.ask(question, deadline);
      const auto took = std::chrono::steady_clock::now() - begin;
      if (times_ != nullptr)
        times_->add(Question::probe, key, std::chrono::duration_cast<std::chrono::microseconds>(took));
      record(key, outcome);
      return outcome;
    });
  }

 private:
  /// A stop is no observation. An answer that came too late for its asker is one; a later, final one replaces it.
  void record(const std::string& key, const Outcome<Answer>& outcome) {
    if (outcome || outcome.error().kind != FailureKind::cancelled) tape_.write(key, encoded(outcome));
  }

  Probe<Question>& live_;
  Tape& tape_;
  ProbeTimes* times_;
  Memo<Answer> memo_;
};

}  // namespace doctor::probes
