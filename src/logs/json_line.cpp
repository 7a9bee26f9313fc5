#include "logs/json_line.hpp"

#include <nlohmann/json.hpp>

namespace doctor::logs {
namespace {

using Json = nlohmann::json;

/// 10 is trace, 60 is fatal (pino, bunyan).
std::string level_of_number(std::int64_t number) {
  if (number >= 60) return "fatal";
  if (number >= 50) return "error";
  if (number >= 40) return "warn";
  if (number >= 30) return "info";
  return number >= 10 ? "debug" : "";
}

/// Takes the texts and numbers of the top level and builds nothing.
class TopLevel : public Json::json_sax_t {
 public:
  JsonLine line;
  bool is_object = false;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t value) override { return take_number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return take_number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return take_number(value); }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    is_object = is_object || depth_ == 0;
    in_error_ = in_error_ || (depth_ == 1 && target_ == Target::error);
    return ++depth_ > 0;
  }
  bool end_object() override {
    in_error_ = in_error_ && depth_ > 2;
    return --depth_ > 0;
  }
  bool start_array(std::size_t) override { return ++depth_ > 1; }
  bool end_array() override { return --depth_ > 0; }
  bool key(string_t& name) override {
    if (depth_ == 1) target_ = target(name);
    if (depth_ == 2) tells_error_ = in_error_ && is_told_of_errors(name);
    return true;
  }
  bool string(string_t& text) override {
    if (depth_ == 1) take_string(text);
    if (depth_ == 2 && tells_error_) add_error(text);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  enum class Target { none, message, level, time, stream, error };

  static Target target(const std::string& name) {
    if (name == "message" || name == "msg" || name == "event" || name == "log") return Target::message;
    if (name == "level" || name == "lvl" || name == "severity" || name == "levelname" || name == "log.level")
      return Target::level;
    if (name == "time" || name == "timestamp" || name == "ts" || name == "@timestamp" || name == "datetime")
      return Target::time;
    if (name == "err" || name == "error" || name == "exception" || name == "stack") return Target::error;
    return name == "stream" ? Target::stream : Target::none;
  }

  /// What serialisers of errors write (pino, bunyan, winston).
  static bool is_told_of_errors(const std::string& name) {
    return name == "message" || name == "msg" || name == "stack" || name == "code" || name == "name" || name == "type";
  }

  void add_error(const string_t& text) {
    if (text.empty()) return;
    if (!line.error.empty()) line.error += '\n';
    line.error += text;
  }

  void take_string(string_t& text) {
    switch (target_) {
      case Target::none:
        return;
      case Target::message:
        return take_first(line.message, text);
      case Target::level:
        return take_first(line.level, text);
      case Target::time:
        return take_first(line.time, text);
      case Target::error:
        return add_error(text);
      case Target::stream:
        line.stream = std::move(text);
    }
  }

  static void take_first(std::string& field, string_t& text) {
    if (field.empty()) field = std::move(text);
  }

  bool take_number(double value) {
    if (depth_ != 1) return true;
    constexpr double milliseconds = 1e11;  // seconds reach it in the year 5138
    constexpr double most = 1e15;
    if (target_ == Target::level && value >= 0 && value < 100) line.level = level_of_number(static_cast<int>(value));
    if (target_ == Target::time && value > 0 && value < most)
      line.at = static_cast<std::int64_t>(value >= milliseconds ? value / 1000 : value);
    return true;
  }

  int depth_ = 0;
  bool in_error_ = false;     ///< below an object that describes an error
  bool tells_error_ = false;  ///< the value that comes next is a part of that description
  Target target_ = Target::none;
};

}  // namespace

std::optional<JsonLine> read_json_line(std::string_view text) {
  TopLevel reader;
  Json::sax_parse(text.begin(), text.end(), &reader, Json::input_format_t::json, false);
  if (!reader.is_object) return std::nullopt;
  return std::move(reader.line);
}

}  // namespace doctor::logs
