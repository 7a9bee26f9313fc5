#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/clocks.hpp"
#include "doctor/codes/clock.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

constexpr std::string_view subject = "host:clock";

// ---- facts

struct Facts {
  bool anybody = false;  ///< there is somebody to ask
  Outcome<ClockAnswer> now;
  Outcome<TimeKeepingAnswer> keeping;
  std::vector<ClockReading> readings;
};

// ---- observe

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  facts.anybody = !deployment.http.empty() || !deployment.data_sources.empty() || !deployment.upstreams.empty();
  if (!facts.anybody) return facts;
  facts.now = context.ask(ClockQuestion{});
  facts.keeping = context.ask(TimeKeepingQuestion{});
  facts.readings = ask_clocks(context);
  return facts;
}

// ---- diagnose

constexpr std::int64_t harmful = 20;  ///< seconds
constexpr std::int64_t noticeable = 5;

/// Whether the kernel is told the time by anybody.
std::string kept(const Facts& facts) {
  if (!facts.keeping) return "not known";
  return facts.keeping->synchronised ? "yes" : "no";
}

void report(const Facts& facts, const ClockReading& reading, Code code, Judgement& out) {
  const auto item = [](std::string name, std::string value, std::string source) {
    return Evidence{std::move(name), std::move(value), std::move(source), std::string{host_vantage}};
  };
  out.findings.emplace_back(code, std::string{subject},
                            std::vector<Evidence>{item("skew", skew_of(reading), reading.source),
                                                  item("against", formats::shown(reading.against), reading.source),
                                                  item("synchronised", kept(facts), "adjtimex(2)")});
}

std::string figure(const Facts& facts) {
  const auto count = facts.readings.size();
  auto text = "agrees with " + std::to_string(count) + (count == 1 ? " other clock" : " other clocks");
  if (facts.keeping) text += facts.keeping->synchronised ? ", kept by NTP" : ", the kernel is not told the time";
  return text;
}

void judge_skew(const Facts& facts, Judgement& out) {
  const auto& worst = *worst_of(facts.readings);
  const auto skew = std::abs(worst.ahead());
  const bool adrift = facts.keeping && !facts.keeping->synchronised;
  if (skew > breaking_skew)
    report(facts, worst, codes::clock_skewed, out);
  else if (skew > harmful)
    report(facts, worst, codes::clock_drifting, out);
  else if (skew > noticeable && adrift)
    report(facts, worst, codes::clock_not_synchronised, out);
  else
    out.healthy.push_back({std::string{subject}, figure(facts)});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  const std::string clock{subject};
  if (!facts.anybody)
    out.skipped.push_back({clock, "nobody to compare it with"});
  else if (!facts.now)
    out.unexamined.push_back({clock, formats::describe(facts.now.error())});
  else if (facts.readings.empty())
    out.skipped.push_back({clock, "nobody who answered told the time"});
  else
    judge_skew(facts, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_clock{codes::clock_skewed, codes::clock_drifting, codes::clock_not_synchronised};

}  // namespace

extern const CheckInfo clock{"clock", "the clock agrees with those of the services", {}, {}, codes_of_clock, run};

}  // namespace doctor::checks
