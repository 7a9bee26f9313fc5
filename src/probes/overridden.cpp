#include "probes/overridden.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "probes/recorder_template.hpp"
#include "probes/secrets.hpp"
#include "probes/token.hpp"

namespace doctor::probes {
namespace {

Failed other_value() {
  return not_recorded("the bundle's answer was given to another value");
}

/// Whether the answer depends on the value of one of the settings.
template <class Question>
bool depends(const Question&, const Overridden&) {
  return false;
}

bool depends(const PostgresSessionQuestion& question, const Overridden& settings) {
  return settings.hold(question.source);
}

bool depends(const PostgresRowsQuestion& question, const Overridden& settings) {
  return settings.hold(question.session.source);
}

bool depends(const RedisSessionQuestion& question, const Overridden& settings) {
  return settings.hold(question.source);
}

bool depends(const RedisReplyQuestion& question, const Overridden& settings) {
  return settings.hold(question.session.source);
}

bool depends(const HttpQuestion& question, const Overridden& settings) {
  return std::any_of(question.secrets.begin(), question.secrets.end(),
                     [&](const SecretHeader& header) { return settings.hold(header.setting); });
}

/// What all of the probes below use.
struct Shared {
  Probes& recorded;
  std::shared_ptr<const Deployment> deployment;
  Overridden settings;
};

template <class Question>
class Filter final : public Probe<Question> {
 public:
  explicit Filter(const Shared& shared) : shared_{shared} {}

  Outcome<typename Question::Answer> ask(const Question& question, const Deadline& deadline) override {
    if (depends(question, shared_.settings)) return other_value();
    return shared_.recorded.ask(question, deadline);
  }

 private:
  const Shared& shared_;
};

template <>
class Filter<SecretQuestion> final : public Probe<SecretQuestion> {
 public:
  explicit Filter(const Shared& shared) : shared_{shared}, live_{shared.deployment} {}

  Outcome<SecretAnswer> ask(const SecretQuestion& question, const Deadline& deadline) override {
    const bool with_other = question.predicate == "agrees-with";
    const bool changed = shared_.settings.hold(question.setting);
    if (!changed && !(with_other && shared_.settings.hold(question.other)))
      return shared_.recorded.ask(question, deadline);
    if (!is_known(question.setting) || (with_other && !is_known(question.other))) return other_value();
    if (question.predicate == "opens") return other_value();  // only its database could tell
    if (question.predicate == "reaches-as-written" && !is_written_known(question.setting)) return other_value();
    return live_.ask(question, deadline);
  }

 private:
  /// A secret that only the bundle's deployment had is not.
  bool is_known(const std::string& subject) const {
    if (shared_.settings.known.count(subject) > 0) return true;
    if (shared_.settings.unknown.count(subject) > 0) return false;
    const auto* setting = shared_.deployment->setting(subject);
    if (setting == nullptr) return true;
    const auto is_open = [](const std::optional<Value>& value) { return !value || !value->is_secret(); };
    return is_open(setting->configured) && is_open(setting->running);
  }

  /// What .env says is changed with the value only where it reaches the process.
  bool is_written_known(const std::string& subject) const {
    const auto* setting = shared_.deployment->setting(subject);
    if (setting == nullptr || !setting->written || !setting->written->is_secret()) return true;
    return setting->reach == Reach::passed || setting->reach == Reach::unknown;
  }

  const Shared& shared_;
  SecretProbe live_;
};

template <>
class Filter<TokenQuestion> final : public Probe<TokenQuestion> {
 public:
  explicit Filter(const Shared& shared)
      : shared_{shared}, live_{[deployment = shared.deployment](const std::string& subject) -> std::optional<Value> {
          const auto* setting = deployment->setting(subject);
          return setting == nullptr ? std::nullopt : setting->value();
        }} {}

  Outcome<TokenAnswer> ask(const TokenQuestion& question, const Deadline& deadline) override {
    if (shared_.settings.unknown.count(question.setting) > 0) return other_value();
    if (shared_.settings.known.count(question.setting) > 0) return live_.ask(question, deadline);
    return shared_.recorded.ask(question, deadline);
  }

 private:
  const Shared& shared_;
  TokenProbe live_;
};

template <class Question>
struct Filtered {
  explicit Filtered(const Shared& shared) : probe{shared} {}
  Filter<Question> probe;
};

template <class... Questions>
struct FilteredSet : Filtered<Questions>... {
  explicit FilteredSet(const Shared& shared) : Filtered<Questions>{shared}..., probes{Filtered<Questions>::probe...} {}
  Probes probes;
};

}  // namespace

struct OverriddenProbes::Parts {
  Parts(Probes& recorded, std::shared_ptr<const Deployment> deployment, Overridden settings)
      : shared{recorded, std::move(deployment), std::move(settings)}, set{shared} {}
  Shared shared;
  ForAllQuestions<FilteredSet> set;
};

OverriddenProbes::OverriddenProbes(Probes& recorded, std::shared_ptr<const Deployment> deployment, Overridden settings)
    : parts_{std::make_unique<Parts>(recorded, std::move(deployment), std::move(settings))} {}
OverriddenProbes::~OverriddenProbes() = default;
Probes& OverriddenProbes::probes() {
  return parts_->set.probes;
}

}  // namespace doctor::probes
