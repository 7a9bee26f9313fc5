#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "logs/splitter.hpp"

/// How Docker keeps and hands out what containers write.
namespace doctor::logs {

/// One line of a container, without its end, and the time at which Docker got it (seconds since 1970).
using LogSink = std::function<void(std::string_view line, std::int64_t at)>;

/// The same with all that Docker says of it. Valid as long as the call that hands it over.
struct LogRecord {
  std::string_view line;
  std::int64_t at = 0;      ///< 0: not known
  std::string_view time;    ///< as Docker writes it, "2026-03-01T10:12:05.123456789Z"; may be empty
  std::string_view stream;  ///< "stdout", "stderr"; empty for another one
};
using LogRecordSink = std::function<void(const LogRecord& record)>;

/// The files of the driver json-file: a JSON object a line. A line of the container that Docker has cut into pieces is
/// put together again.
class JsonFileReader {
 public:
  explicit JsonFileReader(LogRecordSink sink) : sink_{std::move(sink)} {}
  explicit JsonFileReader(const LogSink& sink);
  void feed(std::string_view bytes);
  void finish();

 private:
  void entry(std::string_view json);
  void line(std::string_view line, const std::string& stream) const;

  LogRecordSink sink_;
  LineSplitter entries_;
  std::map<std::string, LineSplitter> streams_;
  std::int64_t at_ = 0;
  std::string time_;
};

/// The answer of GET /containers/ID/logs with timestamps: frames of an eight-byte head (stream, three zeros, length)
/// and their bytes, or, of a container with a terminal, nothing but the bytes.
class LogStreamReader {
 public:
  LogStreamReader(bool raw, LogRecordSink sink) : raw_{raw}, sink_{std::move(sink)} {}
  LogStreamReader(bool raw, const LogSink& sink);
  /// False: these are no frames; nothing more is read.
  bool feed(std::string_view bytes);
  void finish();
  bool broken() const { return broken_; }

 private:
  bool head();
  void text(int stream, std::string_view bytes);
  void line(std::string_view line, int stream);

  bool raw_;
  LogRecordSink sink_;
  std::string head_;
  std::uint32_t left_ = 0;  ///< bytes of the frame that are still to come
  int stream_ = 0;
  bool broken_ = false;
  std::map<int, LineSplitter> streams_;
  std::int64_t at_ = 0;
  std::string time_;
};

}  // namespace doctor::logs
