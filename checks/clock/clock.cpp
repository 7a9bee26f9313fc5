#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/clock.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

constexpr std::string_view subject = "host:clock";

// ---- facts

/// The time that somebody else told, and this host's own around it. Seconds since 1970.
struct Reading {
  std::string against;  ///< "http://127.0.0.1:8080", "the database at 127.0.0.1:5432"
  std::string source;   ///< "Date", "clock_timestamp()"
  std::int64_t before = 0;
  std::int64_t told = 0;
  std::int64_t after = 0;

  /// How far this host is ahead (positive) or behind at the least: neither the time under way nor the fraction of the
  /// second that a Date does not tell counts.
  std::int64_t ahead() const {
    if (told > after) return after - told;
    if (told + 1 < before) return before - told - 1;
    return 0;
  }
};

struct Facts {
  bool anybody = false;  ///< there is somebody to ask
  Outcome<ClockAnswer> now;
  Outcome<TimeKeepingAnswer> keeping;
  std::vector<Reading> readings;
};

// ---- observe

/// The date of RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". Other forms are obsolete, and nobody sends them.
std::optional<std::int64_t> date_of(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::size_t length = 29;
  if (text.size() != length || !text.ends_with(" GMT")) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    const auto* end = text.data() + at + size;
    return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
  };
  const auto month = months.find(text.substr(8, 3));
  const int day = number(5, 2);
  const int year = number(12, 4);
  const int hour = number(17, 2);
  const int minute = number(20, 2);
  const int second = number(23, 2);
  if (month == std::string_view::npos || day < 1 || year < 1970 || hour < 0 || minute < 0 || second < 0)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  constexpr std::int64_t a_day = 86'400;
  return std::chrono::sys_days{date}.time_since_epoch().count() * a_day + hour * 3600 + minute * 60 + second;
}

/// The time around something; answers are remembered, so each moment has a name.
std::int64_t time_at(const Context& context, const std::string& moment) {
  ClockQuestion question;
  question.moment = moment;
  const auto answer = context.ask(question);
  return answer ? answer->now : 0;
}

/// The first page that the service is expected to have, else the root.
std::string page_of(const Deployment& deployment, const std::string& name) {
  const auto* service = deployment.service(name);
  if (service != nullptr)
    for (const auto& expected : service->rule.expect)
      if (!expected.http.empty()) return expected.http;
  return "/";
}

/// False: nobody answered.
bool ask_web(const Context& context, const std::string& url, const std::string& page, const std::string& vantage,
             Facts& facts) {
  constexpr std::chrono::milliseconds shared{6000};
  const auto& deployment = context.deployment;
  const auto count = std::max<std::size_t>(deployment.http.size() + deployment.public_urls.size(), 2);
  HttpQuestion question;
  question.url = url + page;
  question.method = "HEAD";
  question.limit = shared / static_cast<std::chrono::milliseconds::rep>(count);
  if (!vantage.empty()) question.vantage = vantage;
  Reading reading;
  reading.against = url;
  reading.source = "Date";
  reading.before = time_at(context, "before " + url);
  const auto answer = context.ask(question);
  reading.after = time_at(context, "after " + url);
  if (!answer) return false;
  const auto told = date_of(answer->header("date"));
  if (!told || !answer->header("age").empty()) return true;  // out of a cache: the time of another moment
  reading.told = *told;
  if (reading.before > 0 && reading.after > 0) facts.readings.push_back(std::move(reading));
  return true;
}

void ask_database(const Context& context, const DataSource& source, Facts& facts) {
  const PostgresSessionQuestion session{source.setting, source.dial.host, source.dial.port, source.dial.vantage};
  if (!context.ask(session)) return;
  Reading reading;
  reading.source = "clock_timestamp()";
  reading.before = time_at(context, "before " + source.endpoint);
  const auto answer =
      context.ask(PostgresRowsQuestion{session, "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint", {}});
  reading.after = time_at(context, "after " + source.endpoint);
  if (!answer || answer->rows.size() != 1 || answer->rows.front().empty() || !answer->rows.front().front()) return;
  const auto told = formats::integer(*answer->rows.front().front());
  if (!told || reading.before == 0 || reading.after == 0) return;
  reading.against = "the database at " + source.dial.host + ":" + std::to_string(source.dial.port);
  reading.told = *told;
  facts.readings.push_back(std::move(reading));
}

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  facts.anybody = !deployment.http.empty() || !deployment.data_sources.empty();
  if (!facts.anybody) return facts;
  facts.now = context.ask(ClockQuestion{});
  facts.keeping = context.ask(TimeKeepingQuestion{});
  for (const auto& source : deployment.data_sources)
    if (source.problem.empty() && source.dial.reason.empty()) ask_database(context, source, facts);
  for (const auto& base : deployment.http) {
    if (base.url.empty()) continue;
    const auto page = page_of(deployment, base.service);
    if (!ask_web(context, base.url, page, base.dial.vantage, facts)) continue;
    for (const auto& url : deployment.public_urls)
      if (url.service == base.service && url.url != base.url) ask_web(context, url.url, page, {}, facts);
  }
  return facts;
}

// ---- diagnose

constexpr std::int64_t breaking = 60;  ///< seconds; a code of two-factor login lives for 30, with one step each way
constexpr std::int64_t harmful = 20;
constexpr std::int64_t noticeable = 5;

std::string skew_of(const Reading& reading) {
  const auto ahead = reading.ahead();
  return std::to_string(std::abs(ahead)) + " s " + (ahead > 0 ? "ahead" : "behind");
}

/// Whether the kernel is told the time by anybody.
std::string kept(const Facts& facts) {
  if (!facts.keeping) return "not known";
  return facts.keeping->synchronised ? "yes" : "no";
}

void report(const Facts& facts, const Reading& reading, Code code, Judgement& out) {
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
  const auto& worst =
      *std::max_element(facts.readings.begin(), facts.readings.end(),
                        [](const Reading& a, const Reading& b) { return std::abs(a.ahead()) < std::abs(b.ahead()); });
  const auto skew = std::abs(worst.ahead());
  const bool adrift = facts.keeping && !facts.keeping->synchronised;
  if (skew > breaking)
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
