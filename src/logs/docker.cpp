#include "logs/docker.hpp"

#include <algorithm>

#include "logs/json_line.hpp"
#include "logs/line.hpp"

namespace doctor::logs {

void JsonFileReader::feed(std::string_view bytes) {
  entries_.feed(bytes, [this](std::string_view json) { entry(json); });
}

void JsonFileReader::finish() {
  entries_.finish([this](std::string_view json) { entry(json); });
  for (auto& [name, stream] : streams_) stream.finish([this](std::string_view line) { sink_(line, at_); });
}

void JsonFileReader::entry(std::string_view json) {
  constexpr std::size_t most_streams = 4;
  const auto read = read_json_line(json);
  if (!read || (streams_.size() == most_streams && streams_.count(read->stream) == 0)) return;
  if (const auto stamp = stamp_at_begin(read->time, 0); stamp.at != 0) at_ = stamp.at;
  streams_[read->stream].feed(read->message, [this](std::string_view line) { sink_(line, at_); });
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
  if (raw_) text(streams_[1], bytes);
  while (!raw_ && !broken_ && !bytes.empty()) {
    if (left_ == 0) {
      const auto part = bytes.substr(0, head_size - head_.size());
      head_.append(part);
      bytes.remove_prefix(part.size());
      if (head_.size() == head_size) broken_ = !head();
      continue;
    }
    const auto part = bytes.substr(0, left_);
    text(streams_[stream_], part);
    left_ -= static_cast<std::uint32_t>(part.size());
    bytes.remove_prefix(part.size());
  }
  return !broken_;
}

void LogStreamReader::finish() {
  for (auto& [number, stream] : streams_) stream.finish([this](std::string_view rest) { line(rest); });
}

void LogStreamReader::text(LineSplitter& stream, std::string_view bytes) {
  stream.feed(bytes, [this](std::string_view one) { line(one); });
}

void LogStreamReader::line(std::string_view line) {
  const auto stamp = stamp_at_begin(line, 0);
  if (stamp.at != 0) {
    at_ = stamp.at;
    line.remove_prefix(std::min(stamp.length + 1, line.size()));
  }
  if (!line.empty()) sink_(line, at_);
}

}  // namespace doctor::logs
