#include "probes/log_source.hpp"

#include <algorithm>

#include "probes/files_failure.hpp"
#include "probes/log_files.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

/// Where the newest bytes of several files, oldest first, begin.
struct Selection {
  std::vector<std::uint64_t> offsets;  ///< of each file
  bool cut = false;
};
Selection newest(const std::vector<LogFile>& files, std::uint64_t most) {
  Selection selection{std::vector<std::uint64_t>(files.size(), 0), false};
  for (std::size_t i = files.size(); i-- > 0;) {
    const auto kept = std::min(most, files[i].size);
    selection.offsets[i] = files[i].size - kept;
    selection.cut = selection.cut || selection.offsets[i] > 0;
    most -= kept;
  }
  return selection;
}

/// Hands over a file from `offset`, without the rest of the line that begins before it.
Outcome<void> read_lines(Helper& helper, const LogFile& file, std::uint64_t offset,
                         const std::function<void(std::string_view bytes)>& take, const Deadline& deadline) {
  bool begun = offset == 0;
  return read_log(
      helper, file, offset,
      [&](std::string_view bytes) {
        if (!begun) {
          const auto end = bytes.find('\n');
          if (end == std::string_view::npos) return;
          bytes.remove_prefix(end + 1);
          begun = true;
        }
        take(bytes);
      },
      deadline);
}

/// The file of the driver and those it has set aside, oldest first. The newest one must be there.
Outcome<std::vector<LogFile>> json_files(Helper& helper, const Container& container, std::int64_t since,
                                         const Deadline& deadline) {
  std::vector<LogFile> files;
  for (const auto* suffix : {".2", ".1"}) {
    auto older = log_file(helper, container.log_path + suffix, deadline);
    if (older && older->modified >= since) files.push_back(std::move(*older));
  }
  auto current = log_file(helper, container.log_path, deadline);
  if (!current) return Failed{std::move(current.error())};
  files.push_back(std::move(*current));
  return files;
}

Outcome<LogRead> from_json_files(Helper& helper, const Container& container, const LogPart& part, const LogLines& take,
                                 const Deadline& deadline) {
  const auto files = json_files(helper, container, part.since, deadline);
  if (!files) return Failed{files.error()};
  const auto [offsets, cut] = newest(*files, part.most);
  logs::JsonFileReader reader{take};
  for (std::size_t i = 0; i < files->size(); ++i) {
    const auto read = read_lines(
        helper, (*files)[i], offsets[i], [&](std::string_view bytes) { reader.feed(bytes); }, deadline);
    if (!read) return Failed{read.error()};
  }
  reader.finish();
  constexpr std::size_t all = 3;  // what stood before the oldest of them is gone
  return LogRead{{}, cut, files->size() == all};
}

Outcome<LogRead> from_engine(Engine& engine, const Container& container, const LogPart& part, const LogLines& take,
                             const Deadline& deadline) {
  const auto all = engine.logs({container.id, container.tty, part.since, part.lines}, take, deadline);
  if (!all) return Failed{all.error()};
  return LogRead{{}, !*all, false};
}

Outcome<LogRead> read_container(Engine& engine, Helper& helper, const Container& container, const LogPart& part,
                                const LogLines& take, const std::function<void()>& again, const Deadline& deadline) {
  if (container.started == 0) return failed(FailureKind::not_found, "", "its container was never started");
  if (container.log_driver == "none") return failed(FailureKind::not_found, "", "its container keeps no log");
  if (container.log_driver == "json-file" && !container.log_path.empty()) {
    if (auto read = from_json_files(helper, container, part, take, deadline)) return read;
    again();
  }
  return from_engine(engine, container, part, take, deadline);
}

std::string reason_of(const std::vector<LogOutput>& outputs) {
  const auto kind = outputs.empty() ? std::string{} : outputs.front().kind;
  if (kind == "pipe") return "its output goes to a pipe";
  if (kind == "socket") return "its output goes to the journal, or to another program";
  if (kind == "terminal") return "its output goes to a terminal";
  return "its output is thrown away";
}

/// The regular files among them, each once.
std::vector<LogOutput> files_of(const std::vector<LogOutput>& outputs) {
  std::vector<LogOutput> files;
  for (const auto& output : outputs) {
    const auto same = [&](const LogOutput& other) { return other.file == output.file; };
    if (output.kind == "file" && std::none_of(files.begin(), files.end(), same)) files.push_back(output);
  }
  return files;
}

}  // namespace

Outcome<LogRead> container_log(Engine& engine, Helper& helper, const Container& container, const LogPart& part,
                               const LogLines& take, const std::function<void()>& again, const Deadline& deadline) {
  auto read = read_container(engine, helper, container, part, take, again, deadline);
  if (read) read->source = "container " + util::shown(container.name);
  return read;
}

Outcome<LogRead> process_log(Helper& helper, const Process& process, const LogPart& part, const LogPieces& pieces,
                             const Deadline& deadline) {
  const auto outputs = log_outputs(helper, process.pid, deadline);
  if (!outputs) return Failed{outputs.error()};
  const auto files = files_of(*outputs);
  if (files.empty())
    return failed(FailureKind::not_found, outputs->empty() ? "" : outputs->front().kind, reason_of(*outputs));
  LogRead result;
  std::vector<std::string> sources;
  for (const auto& output : files) {
    const auto file = log_file(helper, output.opened, deadline);
    if (!file) return Failed{file.error()};
    if (file->modified < part.since) continue;
    const auto offset = file->size > part.most ? file->size - part.most : 0;
    const auto read = read_lines(helper, *file, offset, pieces.take, deadline);
    if (!read) return Failed{read.error()};
    pieces.end_of_file();
    result.cut = result.cut || offset > 0;
    sources.push_back(util::shown(output.shown));
  }
  result.source = util::join(sources, ", ");
  return result;
}

}  // namespace doctor::probes
