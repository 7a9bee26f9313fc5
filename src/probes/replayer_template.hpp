#pragma once

#include <utility>

#include "probes/recorder_template.hpp"

namespace doctor::probes {

/// Answers from a tape; the time that it took then is not spent again.
template <class Question>
class Replayer final : public Probe<Question> {
 public:
  explicit Replayer(const Tape& tape, Rewrite rewrite = {}) : tape_{tape}, rewrite_{std::move(rewrite)} {}

  Outcome<typename Question::Answer> ask(const Question& question, const Deadline&) override {
    auto found = tape_.find(canonical_key(question));
    if (!found && rewrite_) found = tape_.find(canonical_key(question, rewrite_));
    if (!found) return not_recorded("not in the bundle");
    return decoded<typename Question::Answer>(*found);
  }

 private:
  const Tape& tape_;
  Rewrite rewrite_;
};

}  // namespace doctor::probes
