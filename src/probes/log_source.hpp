#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"
#include "logs/docker.hpp"
#include "probes/engine.hpp"
#include "probes/helper.hpp"

/// Where the log of a service is, and its newest part. Nothing but that part is read, and nothing of it is kept.
namespace doctor::probes {

/// Which part of a log is wanted.
struct LogPart {
  std::uint64_t most = 0;   ///< bytes as the log driver keeps them; older ones are not read
  std::int64_t since = 0;   ///< files that were last written before, and older lines of the Engine, are left out;
                            ///< seconds since 1970. Lines of files may be older all the same
  std::uint64_t lines = 0;  ///< of the Engine, which knows no bytes
};

/// What came of the reading.
struct LogRead {
  std::string source;  ///< "container chatalot-server", "/var/log/chatalot.log"
  bool cut = false;    ///< there was more than was asked for
  bool gone = false;   ///< what stood before the first line may have been removed already, as after a rotation
};

/// Takes lines, oldest first.
using LogLines = std::function<void(const logs::LogRecord& record)>;

/// What a container has written: from the files of the driver json-file when doctor may read them, else through the
/// Engine. When reading the files breaks off, `again` is called before the Engine hands over everything from the
/// beginning. A container that was never started, or keeps no log, is not_found.
Outcome<LogRead> container_log(Engine& engine, Helper& helper, const Container& container, const LogPart& part,
                               const LogLines& take, const std::function<void()>& again, const Deadline& deadline);

/// Takes what a program has written, piece by piece, cut anywhere.
struct LogPieces {
  std::function<void(std::string_view bytes)> take;
  std::function<void()> end_of_file;  ///< after each file
};

/// The files that a bare process writes its output to, each once. Output that goes where doctor cannot follow, such as
/// the journal, is not_found with the reason; the code of a failure is then what it goes to ("socket", "pipe" ...).
Outcome<LogRead> process_log(Helper& helper, const Process& process, const LogPart& part, const LogPieces& pieces,
                             const Deadline& deadline);

}  // namespace doctor::probes
