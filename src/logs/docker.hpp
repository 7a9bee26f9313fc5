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

/// The files of the driver json-file: a JSON object a line. A line of the container that Docker has cut into pieces is
/// put together again.
class JsonFileReader {
 public:
  explicit JsonFileReader(LogSink sink) : sink_{std::move(sink)} {}
  void feed(std::string_view bytes);
  void finish();

 private:
  void entry(std::string_view json);

  LogSink sink_;
  LineSplitter entries_;
  std::map<std::string, LineSplitter> streams_;
  std::int64_t at_ = 0;
};

/// The answer of GET /containers/ID/logs with timestamps: frames of an eight-byte head (stream, three zeros, length)
/// and their bytes, or, of a container with a terminal, nothing but the bytes.
class LogStreamReader {
 public:
  LogStreamReader(bool raw, LogSink sink) : raw_{raw}, sink_{std::move(sink)} {}
  /// False: these are no frames; nothing more is read.
  bool feed(std::string_view bytes);
  void finish();
  bool broken() const { return broken_; }

 private:
  bool head();
  void text(LineSplitter& stream, std::string_view bytes);
  void line(std::string_view line);

  bool raw_;
  LogSink sink_;
  std::string head_;
  std::uint32_t left_ = 0;  ///< bytes of the frame that are still to come
  int stream_ = 0;
  bool broken_ = false;
  std::map<int, LineSplitter> streams_;
  std::int64_t at_ = 0;
};

}  // namespace doctor::logs
