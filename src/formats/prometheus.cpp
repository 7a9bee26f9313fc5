#include "doctor/format/prometheus.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "util/text.hpp"

namespace doctor::formats {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// A number as Go's strconv.ParseFloat reads it, as far as exporters write it.
std::optional<double> number(std::string_view text) {
  double sign = 1;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  const auto word = util::lower(text.substr(0, 10));
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (word == "inf" || word == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  // Out of range: too large, or too near to zero. Both are written with an exponent.
  if (error == std::errc::result_out_of_range)
    value = text.find("e-") == std::string_view::npos && text.find("E-") == std::string_view::npos
                ? std::numeric_limits<double>::infinity()
                : 0;
  return sign * value;
}

/// What is wrong with a line, and where in it.
struct Fault {
  const char* reason = nullptr;
  std::size_t at = 0;
};

/// Reads one line from left to right. The first fault ends it.
class LineParser {
 public:
  explicit LineParser(std::string_view line) : line_{line} {}

  std::optional<MetricSample> sample() {
    MetricSample sample;
    if (peek() != '{') sample.name = name(true);
    skip_blanks();
    if (!fault_.reason && peek() == '{') labels(sample);
    if (!fault_.reason && sample.name.empty()) fail("the name of the metric is missing");
    value(sample);
    rest();
    if (fault_.reason) return std::nullopt;
    return sample;
  }

  /// Behind "# HELP " or "# TYPE ": a name, and the word or text behind it.
  std::optional<std::pair<std::string, std::string_view>> comment(std::size_t begin) {
    at_ = begin;
    skip_blanks();
    auto family = peek() == '"' ? quoted() : name(true);
    if (!fault_.reason && at_ < line_.size() && !is_blank(peek())) fail("a character that no name may have");
    skip_blanks();
    if (fault_.reason) return std::nullopt;
    return std::pair{std::move(family), line_.substr(at_)};
  }

  const Fault& fault() const { return fault_; }
  std::size_t position() const { return at_; }

 private:
  char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }
  void fail(const char* reason) {
    if (fault_.reason == nullptr) fault_ = {reason, at_};
  }

  /// Colons may stand in the names of metrics, not in those of labels.
  std::string name(bool of_metric) {
    const auto begin = at_;
    const auto is_first = [&](char c) { return is_letter(c) || (of_metric && c == ':'); };
    if (!is_first(peek())) fail(of_metric ? "a metric's name is expected here" : "a label's name is expected here");
    while (is_first(peek()) || (at_ > begin && is_digit(peek()))) ++at_;
    return std::string{line_.substr(begin, at_ - begin)};
  }

  std::string quoted() {
    std::string text;
    if (peek() != '"') {
      fail("a quotation mark is expected here");
      return text;
    }
    for (++at_; at_ < line_.size() && line_[at_] != '"'; ++at_) {
      if (line_[at_] != '\\') {
        text += line_[at_];
        continue;
      }
      ++at_;
      const char escaped = peek();
      if (escaped != '\\' && escaped != '"' && escaped != 'n') {
        fail("there is no such escape");
        return text;
      }
      text += escaped == 'n' ? '\n' : escaped;
    }
    if (peek() != '"') {
      fail("the label's value does not end");
      return text;
    }
    ++at_;
    return text;
  }

  void labels(MetricSample& sample) {
    ++at_;  // {
    for (;;) {
      skip_blanks();
      if (fault_.reason || peek() == '}') break;
      label(sample);
      skip_blanks();
      if (fault_.reason) break;
      if (peek() == ',')
        ++at_;
      else if (peek() != '}')
        return fail("a comma or a closing brace is expected here");
    }
    if (!fault_.reason) ++at_;
    if (!fault_.reason && has_twice(sample)) fail("a label is there twice");
  }

  static bool has_twice(const MetricSample& sample) {
    std::vector<std::string_view> names;
    for (const auto& [key, text] : sample.labels) names.emplace_back(key);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
  }

  /// NAME="VALUE", or the metric's own name in quotation marks.
  void label(MetricSample& sample) {
    const bool is_quoted = peek() == '"';
    auto key = is_quoted ? quoted() : name(false);
    skip_blanks();
    if (fault_.reason) return;
    if (is_quoted && peek() != '=') {
      if (!sample.name.empty()) return fail("a label has no value");
      sample.name = std::move(key);
      return;
    }
    if (peek() != '=') return fail("an equals sign is expected here");
    ++at_;
    skip_blanks();
    auto text = quoted();
    if (!fault_.reason) sample.labels.emplace_back(std::move(key), std::move(text));
  }

  std::string_view word() {
    skip_blanks();
    const auto begin = at_;
    while (at_ < line_.size() && !is_blank(peek())) ++at_;
    return line_.substr(begin, at_ - begin);
  }

  void value(MetricSample& sample) {
    if (fault_.reason) return;
    skip_blanks();
    const auto begin = at_;
    const auto read = number(word());
    if (read) {
      sample.value = *read;
      return;
    }
    at_ = begin;
    fail("the value is no number");
  }

  /// A timestamp, and an exemplar of OpenMetrics behind " # ", which is not looked into.
  void rest() {
    skip_blanks();
    if (fault_.reason || at_ == line_.size() || peek() == '#') return;
    const auto begin = at_;
    if (!number(word())) {
      at_ = begin;
      return fail("the timestamp is no number");
    }
    skip_blanks();
    if (at_ < line_.size() && peek() != '#') fail("something stands behind the timestamp");
  }

  std::string_view line_;
  std::size_t at_ = 0;
  Fault fault_;
};

class Parser {
 public:
  tl::expected<Metrics, MetricsError> parse(std::string_view text) {
    if (text.size() > most_metrics_bytes) return tl::make_unexpected(MetricsError{"larger than 8 MB", 0, 0});
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty() && !error_) {
      const auto end = std::min(text.find('\n'), text.size());
      ++number_;
      take(text.substr(0, end), end < text.size());
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (error_) return tl::make_unexpected(*std::move(error_));
    return std::move(metrics_);
  }

 private:
  /// A line that does not end may have lost digits of its number.
  void take(std::string_view line, bool ends) {
    if (line.size() > most_metrics_line) return fail("a line is longer than 64 KB", most_metrics_line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto nul = line.find('\0'); nul != std::string_view::npos) return fail("a NUL byte", nul);
    if (!util::valid_utf8(line)) return fail("not UTF-8", 0);
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return;
    if (line[begin] == '#') return take_comment(line, begin + 1);
    LineParser parser{line.substr(begin)};
    auto sample = parser.sample();
    if (!sample) return fail(parser.fault().reason, begin + parser.fault().at);
    if (!ends) return fail("the last line does not end", line.size());
    if (metrics_.samples.size() == most_metrics_series) return fail("more than 100,000 series", 0);
    metrics_.samples.push_back(*std::move(sample));
  }

  void take_comment(std::string_view line, std::size_t at) {
    while (at < line.size() && is_blank(line[at])) ++at;
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    const auto keyword = line.substr(at, end - at);
    if ((keyword != "HELP" && keyword != "TYPE") || end == line.size()) return;
    LineParser parser{line};
    auto comment = parser.comment(end);
    if (!comment) return fail(parser.fault().reason, parser.fault().at);
    auto& [name, rest] = *comment;
    if (keyword == "HELP") return announce(std::move(name), {});
    while (!rest.empty() && is_blank(rest.back())) rest.remove_suffix(1);
    auto type = util::lower(rest.substr(0, 20));
    if (!is_type(type)) return fail("there is no such type of metric", parser.position());
    announce(std::move(name), std::move(type));
  }

  static bool is_type(std::string_view word) {
    constexpr std::string_view known[] = {"counter", "gauge",    "histogram",      "summary", "untyped",
                                          "unknown", "stateset", "gaugehistogram", "info"};
    return std::find(std::begin(known), std::end(known), word) != std::end(known);
  }

  void announce(std::string name, std::string type) {
    const auto [known, is_new] = announced_.emplace(name, metrics_.families.size());
    if (is_new)
      metrics_.families.push_back({std::move(name), std::move(type)});
    else if (!type.empty())
      metrics_.families[known->second].type = std::move(type);
  }

  void fail(const char* reason, std::size_t at) { error_ = MetricsError{reason, number_, at + 1}; }

  Metrics metrics_;
  std::map<std::string, std::size_t> announced_;  ///< name -> number of the family
  std::size_t number_ = 0;
  std::optional<MetricsError> error_;
};

}  // namespace

std::string_view MetricSample::label(std::string_view label_name) const {
  for (const auto& [key, text] : labels)
    if (key == label_name) return text;
  return {};
}

bool Metrics::knows(std::string_view name) const {
  const auto named = [&](const auto& one) { return one.name == name; };
  return std::any_of(families.begin(), families.end(), named) || std::any_of(samples.begin(), samples.end(), named);
}

tl::expected<Metrics, MetricsError> parse_metrics(std::string_view text) {
  return Parser{}.parse(text);
}

}  // namespace doctor::formats
