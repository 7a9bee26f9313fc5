#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "doctor/deployment.hpp"
#include "doctor/probe/probes.hpp"

/// Probes that answer from a list and record what they were asked, and a small deployment to ask about.
namespace doctor::test {

/// The fields of a question as one text: two questions are the same when their keys are.
class KeyWriter {
 public:
  void operator()(const char* name, const std::string& value) { add(name, value); }
  void operator()(const char* name, std::chrono::milliseconds value) { add(name, std::to_string(value.count())); }

  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      add(name, std::to_string(value));
    } else {
      add(name, "(");
      T copy = value;
      each_field(*this, copy);
      key_ += ')';
    }
  }
  template <class T>
  void operator()(const char* name, const std::vector<T>& values) {
    add(name, std::to_string(values.size()));
    for (const auto& value : values) (*this)("item", value);
  }
  template <class A, class B>
  void operator()(const char*, const std::pair<A, B>& value) {
    (*this)("first", value.first);
    (*this)("second", value.second);
  }

  const std::string& key() const { return key_; }

 private:
  void add(const char* name, const std::string& value) {
    key_.append(name).append("=").append(std::to_string(value.size())).append(":").append(value).append(";");
  }
  std::string key_;
};

template <class Question>
std::string key_of(Question question) {
  KeyWriter writer;
  each_field(writer, question);
  return writer.key();
}

/// Answers from its rules, the newest first, and records every question. A question without a rule fails with
/// not_recorded, as a replay would.
template <class Question>
class FakeProbe : public Probe<Question> {
 public:
  using Answer = typename Question::Answer;
  using Matches = std::function<bool(const Question&)>;
  using Reply = std::function<Outcome<Answer>(const Question&)>;

  void answer(const Question& question, Outcome<Answer> outcome) {
    answer_if([key = key_of(question)](const Question& asked) { return key_of(asked) == key; }, std::move(outcome));
  }
  void answer_if(Matches matches, Outcome<Answer> outcome) {
    reply_if(std::move(matches), [outcome = std::move(outcome)](const Question&) { return outcome; });
  }
  void answer_all(Outcome<Answer> outcome) {
    answer_if([](const Question&) { return true; }, std::move(outcome));
  }
  void reply_if(Matches matches, Reply reply) {
    const std::lock_guard lock{mutex_};
    rules_.push_back({std::move(matches), std::move(reply)});
  }

  std::vector<Question> asked() const {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

  Outcome<Answer> ask(const Question& question, const Deadline&) override {
    const std::lock_guard lock{mutex_};
    asked_.push_back(question);
    for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule)
      if (rule->matches(question)) return rule->reply(question);
    ProbeFailure failure;
    failure.kind = FailureKind::not_recorded;
    return Failed{failure};
  }

 private:
  struct Rule {
    Matches matches;
    Reply reply;
  };
  mutable std::mutex mutex_;
  std::vector<Rule> rules_;
  std::vector<Question> asked_;
};

/// One fake per question: `fakes.on<FileQuestion>().answer({"/srv/app/.env"}, answer)`.
template <class... Questions>
class FakeSet {
 public:
  template <class Question>
  FakeProbe<Question>& on() {
    return std::get<FakeProbe<Question>>(fakes_);
  }

  template <class Question>
  const FakeProbe<Question>& on() const {
    return std::get<FakeProbe<Question>>(fakes_);
  }

  /// The probes for a Context; they live as long as this set.
  Probes probes() { return Probes{std::get<FakeProbe<Questions>>(fakes_)...}; }

 private:
  std::tuple<FakeProbe<Questions>...> fakes_;
};

using Fakes = ForAllQuestions<FakeSet>;

/// A failed answer: `failed(FailureKind::refused, "ECONNREFUSED", "127.0.0.1:5432")`.
Failed failed(FailureKind kind, std::string code = {}, std::string address = {}, std::string detail = {},
              std::chrono::milliseconds waited = std::chrono::milliseconds{0});

/// A deployment under construction and the probes that answer for it. A reference that a method returns is valid until
/// the next call that adds something of the same kind.
class World {
 public:
  Deployment deployment;
  Fakes fakes;

  World();  ///< /srv/app, project "app", docker-compose.yml and .env, no service; the clock says `now`

  static constexpr std::int64_t now = 1'770'000'000;

  Service& service(const std::string& name);         ///< finds it, or adds an enabled one
  Container& container(const std::string& service);  ///< running for an hour, pid 4711, user 999:999
  Process& process(const std::string& service);      ///< running for an hour, pid 4711, uid 999
  Setting& setting(const std::string& service, const std::string& name);  ///< finds it, or adds one without a value
  Setting& plain(const std::string& service, const std::string& name, const std::string& value);
  Setting& secret(const std::string& service, const std::string& name, const std::string& value = "s3cr3t");

  /// What the secrets probe says about one predicate of one setting.
  void says(const Setting& setting, const std::string& predicate, bool holds, const std::string& reason = {});
  /// Every predicate that must hold holds, for every setting: not empty, no example, well-formed, applied ...
  void secrets_are_well();

  void file(const std::string& path, std::uint32_t mode, std::uint32_t uid = 0, std::int64_t modified = now - 90'000);
  void text(const std::string& path, const std::string& content);
};

}  // namespace doctor::test
