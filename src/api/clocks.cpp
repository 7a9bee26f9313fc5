#include "doctor/clocks.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "doctor/outside.hpp"

#include "doctor/outside.hpp"

namespace doctor {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc{} && read.ptr == end ? std::optional{value} : std::nullopt;
}

/// The date of RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". Other forms are obsolete, and nobody sends them.
std::optional<std::int64_t> date_of(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::size_t length = 29;
  if (text.size() != length || !text.ends_with(" GMT")) return std::nullopt;
  const auto field = [&](std::size_t at, std::size_t size) {
    return static_cast<int>(number(text.substr(at, size)).value_or(-1));
  };
  const auto month = months.find(text.substr(8, 3));
  const int day = field(5, 2);
  const int year = field(12, 4);
  const int hour = field(17, 2);
  const int minute = field(20, 2);
  const int second = field(23, 2);
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

/// Asks them one after the other.
class Round {
 public:
  explicit Round(const Context& context) : context_{context}, deployment_{context.deployment} {}

  std::vector<ClockReading> all() {
    for (const auto& source : deployment_.data_sources)
      if (source.problem.empty() && source.dial.reason.empty()) ask_database(source);
    for (const auto& base : deployment_.http)
      if (!base.url.empty()) ask_service(base);
    ask_upstreams();
    return std::move(readings_);
  }

 private:
  /// False: nobody answered.
  bool ask_web(HttpQuestion question, const std::string& against) {
    question.method = "HEAD";
    ClockReading reading;
    reading.against = against;
    reading.source = "Date";
    reading.before = time_at(context_, "before " + against);
    const auto answer = context_.ask(question);
    reading.after = time_at(context_, "after " + against);
    if (!answer) return false;
    const auto told = date_of(answer->header("date"));
    if (!told || !answer->header("age").empty()) return true;  // out of a cache: the time of another moment
    reading.told = *told;
    if (reading.before > 0 && reading.after > 0) readings_.push_back(std::move(reading));
    return true;
  }

  void ask_service(const HttpBase& base) {
    constexpr std::chrono::milliseconds shared{6000};
    const auto count = std::max<std::size_t>(deployment_.http.size() + deployment_.public_urls.size(), 2);
    const auto page = page_of(deployment_, base.service);
    HttpQuestion question;
    question.url = base.url + page;
    question.limit = shared / static_cast<std::chrono::milliseconds::rep>(count);
    auto own = question;
    if (!base.dial.vantage.empty()) own.vantage = base.dial.vantage;
    if (!ask_web(std::move(own), base.url)) return;
    for (const auto& url : deployment_.public_urls) {
      if (url.service != base.service || url.url == base.url || is_kept_from(deployment_, url.host)) continue;
      question.url = url.url + page;
      ask_web(question, url.url);
    }
  }

  void ask_database(const DataSource& source) {
    const PostgresSessionQuestion session{source.setting, source.dial.host, source.dial.port, source.dial.vantage};
    if (!context_.ask(session)) return;
    ClockReading reading;
    reading.source = "clock_timestamp()";
    reading.before = time_at(context_, "before " + source.endpoint);
    const auto answer =
        context_.ask(PostgresRowsQuestion{session, "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint", {}});
    reading.after = time_at(context_, "after " + source.endpoint);
    if (!answer || answer->rows.size() != 1 || answer->rows.front().empty() || !answer->rows.front().front()) return;
    const auto told = number(*answer->rows.front().front());
    if (!told || reading.before == 0 || reading.after == 0) return;
    reading.against = "the database at " + source.dial.host + ":" + std::to_string(source.dial.port);
    reading.told = *told;
    readings_.push_back(std::move(reading));
  }

  /// Servers of large providers have the right time. Two are enough, and when one cannot be reached at all, nobody
  /// waits for the next.
  void ask_upstreams() {
    constexpr std::size_t enough = 2;
    std::set<std::string> asked;
    for (const auto& upstream : deployment_.upstreams) {
      if (upstream.url.empty() || upstream.own || deployment_.offline || asked.size() == enough) continue;
      const auto origin = upstream.url.substr(0, upstream.url.find('/', upstream.url.find("://") + 3));
      if (origin.find('@') != std::string::npos || !asked.insert(origin).second) continue;
      HttpQuestion question;
      question.url = origin + "/";
      question.limit = std::chrono::milliseconds{2000};
      if (!upstream.vantage.empty()) question.vantage = upstream.vantage;
      question.proxy = upstream.proxy;
      question.authorities = upstream.authorities;
      if (!ask_web(std::move(question), origin)) return;
    }
  }

  const Context& context_;
  const Deployment& deployment_;
  std::vector<ClockReading> readings_;
};

}  // namespace

std::int64_t ClockReading::ahead() const {
  if (told > after) return after - told;
  if (told + 1 < before) return before - told - 1;
  return 0;
}

std::vector<ClockReading> ask_clocks(const Context& context) {
  return Round{context}.all();
}

const ClockReading* worst_of(const std::vector<ClockReading>& readings) {
  const auto worst = std::max_element(
      readings.begin(), readings.end(),
      [](const ClockReading& a, const ClockReading& b) { return std::abs(a.ahead()) < std::abs(b.ahead()); });
  return worst == readings.end() ? nullptr : &*worst;
}

std::string skew_of(const ClockReading& reading) {
  const auto ahead = reading.ahead();
  return std::to_string(std::abs(ahead)) + " s " + (ahead > 0 ? "ahead" : "behind");
}

}  // namespace doctor
