#pragma once

#include <string>
#include <string_view>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"

namespace doctor {

/// A question to the world is a plain struct with
///   static constexpr std::string_view probe    its name in recordings,
///   using Answer = ...                         what it gets,
///   each_field(field, question)                its canonical key, together with the name,
/// and its answer is a plain struct with each_field too. That is all that recording, memoising and replaying need.

/// One kind of I/O. It answers or fails with a closed kind; it never judges. Thread-safe.
template <class Question>
class Probe {
 public:
  virtual ~Probe() = default;
  virtual Outcome<typename Question::Answer> ask(const Question& question, const Deadline& deadline) = 0;

 protected:
  Probe() = default;
  Probe(const Probe&) = default;
  Probe& operator=(const Probe&) = default;
};

/// Where the host's own view is meant.
inline constexpr std::string_view host_vantage = "host";

}  // namespace doctor
