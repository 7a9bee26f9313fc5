#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doctor::logs {

/// What programs put into the objects that they log, under whatever name of it they use.
struct JsonLine {
  std::string message;  ///< message, msg, event, or log
  std::string level;    ///< as a word; pino's and bunyan's numbers are translated
  std::string time;     ///< as text
  std::int64_t at = 0;  ///< a time that is a number, in seconds since 1970; 0: it is none
  std::string stream;   ///< of Docker's json-file
  std::string error;    ///< err, error, exception or stack: a text, or what such an object says, a line each
};

/// The top level of a JSON object. Nothing: it is none. An object that breaks off gives what was read until there.
/// Linear, without recursion.
std::optional<JsonLine> read_json_line(std::string_view text);

}  // namespace doctor::logs
