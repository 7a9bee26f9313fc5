#include "logs/docker.hpp"

#include <algorithm>

#include "logs/json_line.hpp"
#include "logs/line.hpp"

namespace doctor::logs {
namespace {

LogRecordSink lines_of(const LogSink& sink) {
  return [sink](const LogRecord& record) { sink(record.line, record.at); };
}

/// The number of a stream in a frame's head.
std::string_view stream_named(int stream) {
  if (stream == 1) return "stdout";
  return stream == 2 ? "stderr" : "";
}

}  // namespace

JsonFileReader::JsonFileReader(const LogSink& sink) : JsonFileReader{lines_of(sink)} {}

LogStreamReader::LogStreamReader(bool raw, const LogSink& sink) : LogStreamReader{raw, lines_of(sink)} {}

void JsonFileReader::feed(std::string_view bytes) {
  entries_.feed(bytes, [this](std::string_view json) { entry(json); });
}

void JsonFileReader::finish() {
  entries_.finish([this](std::string_view json) { entry(json); });
  for (auto& [name, stream] : streams_) stream.finish([this, &of = name](std::string_view rest) { line(rest, of); });
}

void JsonFileReader::line(std::string_view line, const std::string& stream) const {
  sink_({line, at_, time_, stream});
}

void JsonFileReader::entry(std::string_view json) {
  constexpr std::size_t most_streams = 4;
  const auto read = read_json_line(json);
  if (!read || (streams_.size() == most_streams && streams_.count(read->stream) == 0)) return;
  if (const auto stamp = stamp_at_begin(read->time, 0); stamp.at != 0) {
    at_ = stamp.at;
    time_ = read->time.substr(0, stamp.length);
  }
  streams_[read->stream].feed(read->message, [&](std::string_view one) { line(one, read->stream); });
}

bool LogStreamReader::head() {
  constexpr int most_stream = 3;  // stdin, stdout, stderr, and the daemon's own errors
  const auto byte = [this](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(head_[i])); };
  if (byte(0) > most_stream || byte(1) != 0 || byte(2) != 0 || byte(3) != 0) return false;
  stream_ = static_cast<int>(byte(0));
  left_ = byte(4) << 24U | byte(5) << 16U | byte(6) << 8U | byte(7);
  head_.clear();
  return true;
}

bool LogStreamReader::feed(std::string_view bytes) {
  constexpr std::size_t head_size = 8;
  if (raw_) text(1, bytes);
  while (!raw_ && !broken_ && !bytes.empty()) {
    if (left_ == 0) {
      const auto part = bytes.substr(0, head_size - head_.size());
      head_.append(part);
      bytes.remove_prefix(part.size());
      if (head_.size() == head_size) broken_ = !head();
      continue;
    }
    const auto part = bytes.substr(0, left_);
    text(stream_, part);
    left_ -= static_cast<std::uint32_t>(part.size());
    bytes.remove_prefix(part.size());
  }
  return !broken_;
}

void LogStreamReader::finish() {
  for (auto& [number, stream] : streams_) stream.finish([this, of = number](std::string_view rest) { line(rest, of); });
}

void LogStreamReader::text(int stream, std::string_view bytes) {
  streams_[stream].feed(bytes, [&](std::string_view one) { line(one, stream); });
}

void LogStreamReader::line(std::string_view line, int stream) {
  const auto stamp = stamp_at_begin(line, 0);
  if (stamp.at != 0) {
    at_ = stamp.at;
    time_ = line.substr(0, stamp.length);
    line.remove_prefix(std::min(stamp.length + 1, line.size()));
  }
  if (!line.empty()) sink_({line, at_, time_, stream_named(stream)});
}

}  // namespace doctor::logs
