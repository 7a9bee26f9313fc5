#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/metrics.hpp"
#include "doctor/condition.hpp"
#include "doctor/format/prometheus.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using Labels = std::map<std::string, std::vector<std::string>>;

/// What `percent_of` says instead of a metric.
constexpr std::string_view memory_limit = "memory-limit";

// ---- facts

/// The metrics of one service, and what must be true of them.
struct PageFacts {
  std::string endpoint;  ///< subject
  std::string url;
  std::string vantage;
  std::string unseen;  ///< why nothing was asked; empty: it was
  std::optional<Outcome<HttpAnswer>> answer;
  std::vector<MetricRule> rules;  ///< those that hold for the settings as they are
  std::uint64_t memory = 0;       ///< limit of its container; 0: none
};

struct Facts {
  std::vector<PageFacts> pages;
  std::int64_t now = 0;  ///< seconds since 1970; 0: not known
};

// ---- observe

std::vector<MetricRule> rules_of(const Service& service, const Deployment& deployment) {
  std::vector<MetricRule> rules;
  for (const auto& rule : service.rule.metrics->rules)
    if (!rule.when || holds(*rule.when, deployment, service.name).value_or(false)) rules.push_back(rule);
  return rules;
}

PageFacts look_at(const Context& context, const Service& service, const HttpBase& base) {
  constexpr std::chrono::milliseconds limit{8000};
  PageFacts facts;
  facts.endpoint = base.endpoint;
  facts.vantage = base.dial.vantage;
  facts.url = base.url + service.rule.metrics->path;
  facts.rules = rules_of(service, context.deployment);
  facts.memory = service.container ? service.container->memory_limit : service.memory_limit;
  if (base.url.empty()) {
    facts.unseen = base.dial.reason.empty() ? "its address is not known" : base.dial.reason;
    return facts;
  }
  HttpQuestion question;
  question.url = facts.url;
  const auto pages = std::max<std::size_t>(context.deployment.http.size(), 1);
  question.limit = limit / static_cast<std::chrono::milliseconds::rep>(pages);
  if (!facts.vantage.empty()) question.vantage = facts.vantage;
  facts.answer = context.ask(question);
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& base : context.deployment.http) {
    const auto* service = context.deployment.service(base.service);
    if (service == nullptr || !service->enabled || !service->rule.metrics) continue;
    facts.pages.push_back(look_at(context, *service, base));
  }
  if (facts.pages.empty()) return facts;
  if (const auto clock = context.ask(ClockQuestion{})) facts.now = clock->now;
  return facts;
}

// ---- diagnose

bool has_labels(const formats::MetricSample& sample, const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
    const auto& values = wanted.second;
    return std::find(values.begin(), values.end(), sample.label(wanted.first)) != values.end();
  });
}

/// All series of that name with those labels together. A number that is none counts for nothing.
double sum(const formats::Metrics& metrics, const std::string& name, const Labels& labels) {
  double total = 0;
  for (const auto& sample : metrics.samples)
    if (sample.name == name && !std::isnan(sample.value) && has_labels(sample, labels)) total += sample.value;
  return total;
}

/// A number as a reader wants it: whole, or with one decimal; sizes with their unit.
std::string text_of(double value, std::string_view metric = {}) {
  constexpr double most_exact = 9e15;
  if (!(std::abs(value) < most_exact)) return std::isinf(value) ? "infinite" : "beyond counting";
  if (metric.ends_with("_bytes") && value >= 0) return formats::bytes(static_cast<std::uint64_t>(value));
  const auto tenths = std::llround(value * 10);
  const auto whole = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? whole : whole + "." + std::to_string(std::abs(tenths % 10));
}

/// name{status="402"}
std::string series_of(const MetricRule& rule) {
  std::vector<std::string> parts;
  for (const auto& [label, values] : rule.labels) parts.push_back(label + "=\"" + formats::join(values, "|") + "\"");
  return parts.empty() ? rule.metric : rule.metric + "{" + formats::join(parts, ",") + "}";
}

/// Judges one rule on the metrics of one page.
class RuleJudge {
 public:
  RuleJudge(const PageFacts& facts, const formats::Metrics& metrics, std::int64_t now, Judgement& out)
      : facts_{facts}, metrics_{metrics}, now_{now}, out_{out} {}

  void judge(const MetricRule& rule) {
    if (!metrics_.knows(rule.metric))
      return out_.skipped.push_back({facts_.endpoint, "its metrics have no " + formats::shown(rule.metric, 60)});
    const double value = sum(metrics_, rule.metric, rule.labels);
    if (rule.moves_within.count() > 0) judge_movement(rule, value);
    if (rule.percent_of.empty())
      judge_bounds(rule, value, text_of(value, rule.metric), "");
    else
      judge_percentage(rule, value);
  }

 private:
  void judge_percentage(const MetricRule& rule, double value) {
    const bool of_limit = rule.percent_of == memory_limit;
    const double whole = of_limit ? static_cast<double>(facts_.memory) : sum(metrics_, rule.percent_of, rule.among);
    if (!(whole > 0) || (!of_limit && whole < static_cast<double>(rule.minimum))) return;
    const double percent = value * 100 / whole;
    const auto unit = of_limit ? std::string_view{"_bytes"} : std::string_view{rule.percent_of};
    judge_bounds(rule, percent,
                 text_of(value, rule.metric) + " of " + text_of(whole, unit) + " (" + text_of(percent) + " %)", " %");
  }

  void judge_bounds(const MetricRule& rule, double value, const std::string& shown, const std::string& unit) {
    const auto limit = [&](std::int64_t number) {
      return unit.empty() ? text_of(static_cast<double>(number), rule.metric) : std::to_string(number) + unit;
    };
    if (rule.least && value < static_cast<double>(*rule.least))
      report(codes::metric_out_of_bounds, rule,
             {item("value", shown), item("limit", "at least " + limit(*rule.least))});
    if (rule.most && value > static_cast<double>(*rule.most))
      report(codes::metric_out_of_bounds, rule, {item("value", shown), item("limit", "at most " + limit(*rule.most))});
  }

  /// Without the start of the process nobody knows whether it had time to move.
  void judge_movement(const MetricRule& rule, double value) {
    const double started = sum(metrics_, "process_start_time_seconds", {});
    if (value > 0 || !(started > 0) || now_ == 0) return;
    const auto age = now_ - static_cast<std::int64_t>(std::min(started, static_cast<double>(now_)));
    if (std::chrono::seconds{age} < rule.moves_within) return;
    report(codes::metric_never_moved, rule, {item("uptime", formats::duration(age))});
  }

  void report(Code code, const MetricRule& rule, std::vector<Evidence> more) {
    std::vector<Evidence> evidence{item("url", formats::shown(facts_.url)), item("metric", series_of(rule))};
    evidence.insert(evidence.end(), more.begin(), more.end());
    out_.findings.emplace_back(code, facts_.endpoint, std::move(evidence), rule.violated);
  }

  Evidence item(std::string name, std::string value) const {
    return {std::move(name), std::move(value), facts_.url, facts_.vantage};
  }

  const PageFacts& facts_;
  const formats::Metrics& metrics_;
  std::int64_t now_;
  Judgement& out_;
};

void report_unreadable(const PageFacts& facts, const std::string& reason, Judgement& out) {
  out.findings.emplace_back(codes::metrics_unreadable, facts.endpoint,
                            std::vector<Evidence>{{"url", formats::shown(facts.url), facts.url, facts.vantage},
                                                  {"reason", reason, facts.url, facts.vantage}});
}

/// Who cannot be reached at all is the affair of `health`.
void judge_failure(const PageFacts& facts, const ProbeFailure& failure, Judgement& out) {
  const bool spoke = failure.kind == FailureKind::timed_out || failure.kind == FailureKind::protocol_error ||
                     failure.kind == FailureKind::too_large;
  if (!spoke || failure.phase == "connect")
    return out.unexamined.push_back({facts.endpoint, "its metrics: " + formats::describe(failure)});
  report_unreadable(facts, formats::describe(failure), out);
}

void judge_text(const PageFacts& facts, const HttpAnswer& answer, std::int64_t now, Judgement& out) {
  constexpr int good = 200;
  if (answer.status != good) return report_unreadable(facts, "status " + std::to_string(answer.status), out);
  const auto metrics = formats::parse_metrics(answer.body);
  if (!metrics) {
    const auto& error = metrics.error();
    const auto place = error.line == 0
                           ? std::string{}
                           : ", line " + std::to_string(error.line) + ", column " + std::to_string(error.column);
    return report_unreadable(facts, error.reason + place, out);
  }
  const auto before = out.findings.size();
  RuleJudge judge{facts, *metrics, now, out};
  for (const auto& rule : facts.rules) judge.judge(rule);
  if (out.findings.size() == before)
    out.healthy.push_back({facts.endpoint, std::to_string(metrics->samples.size()) + " series, " +
                                               std::to_string(facts.rules.size()) + " bounds kept"});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& page : facts.pages) {
    if (!page.unseen.empty())
      out.unexamined.push_back({page.endpoint, page.unseen});
    else if (!*page.answer)
      judge_failure(page, page.answer->error(), out);
    else
      judge_text(page, **page.answer, facts.now, out);
  }
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_metrics{codes::metric_out_of_bounds, codes::metric_never_moved,
                                      codes::metrics_unreadable};

}  // namespace

extern const CheckInfo metrics{
    "metrics", "the numbers that services show of themselves are within their bounds", {}, {}, codes_of_metrics, run};

}  // namespace doctor::checks
