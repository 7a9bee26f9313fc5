#include <algorithm>
#include <ctime>
#include <deque>

#include "bundle/collect_parts.hpp"
#include "logs/line.hpp"
#include "logs/splitter.hpp"
#include "probes/files_failure.hpp"
#include "util/text.hpp"
#include "util/unicode.hpp"

namespace doctor::bundle {
namespace {

constexpr std::uint64_t most_log = 16UL * 1024 * 1024;  // of one log: it is held until its end is known
constexpr std::uint64_t most_engine_lines = 100'000;
constexpr std::size_t block_size = 64UL * 1024;

std::int64_t local_offset() {
  const auto now = std::time(nullptr);
  tm parts{};
  return localtime_r(&now, &parts) == nullptr ? 0 : parts.tm_gmtoff;
}

/// The length of "ESC [ ... letter" (ECMA-48, 5.4); 0: it is none.
std::size_t control_sequence(std::string_view text) {
  constexpr std::size_t longest = 64;
  if (!text.starts_with("\x1b[")) return 0;
  for (std::size_t i = 2; i < std::min(text.size(), longest); ++i)
    if (text[i] >= '@' && text[i] <= '~') return i + 1;
  return 0;
}

/// The line without colours; what is no text, or would not be seen as it is, becomes '?'. NULs go: what is left of
/// UTF-16 without them can be read, by the redactor first of all.
std::string clean(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  while (!line.empty()) {
    if (const auto length = control_sequence(line); length > 0) {
      line.remove_prefix(length);
      continue;
    }
    if (line.front() == '\0') {
      line.remove_prefix(1);
      continue;
    }
    const auto rune = util::decode(line);
    if (rune.length == 0 || (util::is_invisible(rune.point) && rune.point != '\t'))
      out += '?';
    else
      out += line.substr(0, rune.length);
    line.remove_prefix(std::max<std::size_t>(rune.length, 1));
  }
  return out;
}

/// The newest lines within a number of bytes.
class Newest {
 public:
  explicit Newest(std::uint64_t most) : most_{most} {}

  void add(std::string_view prefix, std::string_view line, std::int64_t at) {
    if (blocks_.empty() || blocks_.back().text.size() >= block_size) blocks_.push_back({{}, at});
    auto& block = blocks_.back();
    const auto before = block.text.size();
    block.text.append(prefix).append(line).append("\n");
    if (block.first == 0) block.first = at;
    last_ = std::max(last_, at);
    size_ += block.text.size() - before;
    while (blocks_.size() > 1 && size_ - blocks_.front().text.size() >= most_) drop_block();
  }

  void clear() { *this = Newest{most_}; }

  bool dropped() const { return dropped_ || size_ > most_; }
  std::int64_t first() const { return blocks_.empty() ? 0 : blocks_.front().first; }
  std::int64_t last() const { return last_; }

  /// The number of lines.
  std::uint64_t hand_over(const Take& take) const {
    std::uint64_t lines = 0;
    std::size_t excess = size_ > most_ ? size_ - most_ : 0;  // of the first block
    for (const auto& block : blocks_) {
      std::string_view text = block.text;
      if (excess > 0) text.remove_prefix(std::min(text.find('\n', excess - 1), text.size() - 1) + 1);
      excess = 0;
      lines += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
      if (!text.empty() && !take(text)) break;
    }
    return lines;
  }

 private:
  struct Block {
    std::string text;
    std::int64_t first = 0;  ///< time of its first line that has one
  };

  void drop_block() {
    size_ -= blocks_.front().text.size();
    blocks_.pop_front();
    dropped_ = true;
  }

  std::uint64_t most_;
  std::uint64_t size_ = 0;
  std::int64_t last_ = 0;
  bool dropped_ = false;
  std::deque<Block> blocks_;
};

/// The lines of one service, and from when to when they are.
class ServiceLog {
 public:
  ServiceLog(std::uint64_t most, std::int64_t since) : newest_{most}, since_{since} {}

  void record(const logs::LogRecord& record) {
    std::string prefix;
    if (!record.time.empty()) prefix.append(record.time).append(" ");
    if (!record.stream.empty()) prefix.append(record.stream).append(" ");
    line(prefix, clean(record.line), record.at);
  }

  /// A piece of a program's own file, whose lines mostly begin with a time. One without has that of the line before.
  void piece(std::string_view bytes) {
    splitter_.feed(bytes, [this](std::string_view text) { own(text); });
  }
  void end_of_file() {
    splitter_.finish([this](std::string_view text) { own(text); });
    at_ = 0;
  }

  void clear() { newest_.clear(); }

  Collected hand_over(const Take& take, bool cut) const {
    const auto lines = newest_.hand_over(take);
    const bool whole = !cut && !newest_.dropped();
    std::string note = std::to_string(lines) + (lines == 1 ? " line" : " lines");
    if (newest_.first() != 0)
      note += " from " + util::timestamp(newest_.first()) + " to " + util::timestamp(newest_.last());
    if (!whole) note += lines == 0 ? "; its newest part has no end of a line" : "; older ones are left out";
    return {whole, note, {}};
  }

 private:
  void own(std::string_view raw) {
    const auto text = clean(raw);
    if (const auto stamp = logs::stamp_at_begin(text, offset_); stamp.at != 0) at_ = stamp.at;
    line({}, text, at_);
  }

  void line(std::string_view prefix, std::string_view text, std::int64_t at) {
    if (at == 0 || at >= since_) newest_.add(prefix, text, at);
  }

  Newest newest_;
  std::int64_t since_;
  std::int64_t offset_ = local_offset();
  std::int64_t at_ = 0;
  logs::LineSplitter splitter_;
};

Outcome<Collected> read_container(const Patient& patient, const Container& container, const Take& take,
                                  std::uint64_t most, const Deadline& deadline) {
  ServiceLog log{most, patient.options.since};
  const auto read = patient.live.container_log(
      container, {most, patient.options.since, most_engine_lines},
      [&](const logs::LogRecord& record) { log.record(record); }, [&] { log.clear(); }, deadline);
  if (!read) return Failed{read.error()};
  return log.hand_over(take, read->cut);
}

Outcome<Collected> read_process(const Patient& patient, const Process& process, const Take& take, std::uint64_t most,
                                const Deadline& deadline) {
  ServiceLog log{most, patient.options.since};
  const probes::LogPart part{most, patient.options.since, 0};
  const probes::LogPieces pieces{[&](std::string_view bytes) { log.piece(bytes); }, [&] { log.end_of_file(); }};
  auto read = patient.live.process_log(process, part, pieces, deadline);
  if (!read && read.error().code == "socket") read = patient.live.process_journal(process, part, pieces, deadline);
  if (!read) return Failed{read.error()};
  return log.hand_over(take, read->cut);
}

std::uint64_t size_of(const Patient& patient, const std::string& path, const Deadline& deadline) {
  if (path.empty()) return 0;
  const auto file = patient.live.file(path, deadline);
  return file && file->kind == "file" ? std::min(file->size, most_log) : 0;
}

void add_log(Collection& collection, const std::string& name, const std::string& source, std::uint64_t size,
             std::function<Outcome<Collected>(const Take&, std::uint64_t, const Deadline&)> read) {
  Item item;
  item.section = "logs";
  item.name = name + ".log";
  item.source = source;
  item.estimate = size;
  item.newest_last = true;
  item.read = [read = std::move(read)](const Take& take, std::uint64_t most, const Deadline& deadline) {
    return read(take, std::min(most, most_log), deadline);
  };
  collection.add(std::move(item));
}

void add_container(Collection& collection, const std::string& name, const Container& container,
                   const Deadline& deadline) {
  add_log(collection, name, "container " + container.name, size_of(collection.patient(), container.log_path, deadline),
          [patient = collection.shared(), container](const Take& take, std::uint64_t most, const Deadline& until) {
            return read_container(*patient, container, take, most, until);
          });
}

void add_process(Collection& collection, const std::string& name, const Process& process, const Deadline& deadline) {
  const auto pid = std::to_string(process.pid);
  add_log(collection, name, "process " + pid, size_of(collection.patient(), "/proc/" + pid + "/fd/1", deadline),
          [patient = collection.shared(), process](const Take& take, std::uint64_t most, const Deadline& until) {
            return read_process(*patient, process, take, most, until);
          });
}

}  // namespace

void add_logs(Collection& collection, const Deadline& deadline) {
  const auto& patient = collection.patient();
  for (const auto& service : patient.deployment->services) {
    if (service.container)
      add_container(collection, service.name, *service.container, deadline);
    else if (service.process)
      add_process(collection, service.name, *service.process, deadline);
    else if (service.enabled)
      collection.add_missing("logs", service.name + ".log", "service " + service.name, "it does not run here");
  }
  for (const auto& container : further_containers(patient, deadline))
    add_container(collection, container.name, container, deadline);
}

}  // namespace doctor::bundle
