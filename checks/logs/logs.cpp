#include <array>
#include <string>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/logs.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

/// An error is news for an hour.
constexpr std::int64_t recent = 3600;

// ---- facts

struct ServiceFacts {
  std::string subject;
  Outcome<LogsAnswer> log;
};

struct Facts {
  std::vector<ServiceFacts> services;
  std::int64_t now = 0;  ///< seconds since 1970; 0: not known
};

// ---- observe

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& service : context.deployment.services) {
    if (!service.enabled || (!service.container && !service.process)) continue;
    facts.services.push_back({service.subject(), context.ask(LogsQuestion{service.name})});
  }
  if (facts.services.empty()) return facts;
  const auto clock = context.ask(ClockQuestion{});
  if (clock) facts.now = clock->now;
  return facts;
}

// ---- diagnose

std::string time_text(std::int64_t at) {
  return at == 0 ? "not known" : formats::timestamp(at);
}

/// Lines may hold anything: what an operator has to see of one fits into two
/// lines of a terminal.
std::string line_text(const std::string& line) {
  constexpr std::size_t most = 240;
  return formats::shown(line, most);
}

std::vector<Evidence> evidence_of(const LogHit& hit, const LogsAnswer& log) {
  const auto source = formats::shown(log.source);
  std::vector<Evidence> evidence{{"line", line_text(hit.line), source, {}},
                                 {"count", std::to_string(hit.count), source, {}},
                                 {"first", time_text(hit.first), source, {}},
                                 {"last", time_text(hit.last), source, {}},
                                 {"source", source, {}, {}}};
  for (const auto& [name, value] : hit.groups) evidence.push_back({name, formats::shown(value), source, {}});
  return evidence;
}

void judge_unexplained(const std::string& subject, const LogHit& errors, const LogsAnswer& log, std::int64_t now,
                       Judgement& out) {
  if (errors.last != 0 && now != 0 && errors.last < now - recent) return;
  const auto source = formats::shown(log.source);
  out.findings.emplace_back(codes::log_errors_present, subject,
                            std::vector<Evidence>{{"count", std::to_string(errors.count), source, {}},
                                                  {"last_error", line_text(errors.line), source, {}},
                                                  {"last", time_text(errors.last), source, {}},
                                                  {"source", source, {}, {}}});
}

/// Worth a word only where something is wrong with the service, which is not known here.
void judge_rotation(const std::string& subject, const LogsAnswer& log, Judgement& out) {
  const auto source = formats::shown(log.source);
  out.findings.emplace_back(codes::logs_rotated_away, subject,
                            std::vector<Evidence>{{"lines", std::to_string(log.lines), source, {}},
                                                  {"since", time_text(log.since), source, {}},
                                                  {"source", source, {}, {}}});
}

std::string figure(const LogsAnswer& log) {
  return std::to_string(log.lines) + " lines since " + time_text(log.since) + ", none of them a known fault";
}

void judge(const ServiceFacts& service, std::int64_t now, Judgement& out) {
  const auto& log = *service.log;
  const auto before = out.findings.size();
  for (const auto& hit : log.hits) {
    if (hit.entry.empty())
      judge_unexplained(service.subject, hit, log, now, out);
    else
      out.findings.emplace_back(hit.previous ? codes::log_run_ended : codes::log_signature, service.subject,
                                evidence_of(hit, log), hit.entry);
  }
  if (!log.complete) judge_rotation(service.subject, log, out);
  if (out.findings.size() == before) out.healthy.push_back({service.subject, figure(log)});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& service : facts.services) {
    if (service.log) {
      judge(service, facts.now, out);
      continue;
    }
    const auto& failure = service.log.error();
    if (failure.kind == FailureKind::not_found)
      out.skipped.push_back({service.subject, formats::shown(failure.detail)});
    else
      out.unexamined.push_back({service.subject, "its log: " + formats::describe(failure)});
  }
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_logs{codes::log_signature, codes::log_run_ended, codes::log_errors_present,
                                   codes::logs_rotated_away};

}  // namespace

extern const CheckInfo logs{"logs", "the logs of this run tell of no known fault", {}, {}, codes_of_logs, run};

}  // namespace doctor::checks
