#include "probes/journal.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "probes/files.hpp"
#include "probes/files_failure.hpp"
#include "probes/program.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_cgroups = 16UL * 1024;
/// How many lines are asked for: fewer when they turn out to be too long to hold.
constexpr std::array<std::uint64_t, 3> numbers_of_lines{50'000, 5'000, 500};

Failed nowhere(const std::string& reason) {
  return failed(FailureKind::not_found, "", "its output goes to the journal, " + reason);
}

/// The one that is there and may be run; "" with the reason in `why`.
std::string program(const std::vector<std::string>& programs, std::string& why) {
  why = "and there is no journalctl here";
  for (const auto& path : programs) {
    auto trust = trust_program(path);
    if (trust.refused.empty()) return trust.path;
    if (access(path.c_str(), F_OK) == 0) why = "and journalctl is not run: " + trust.refused;
  }
  return {};
}

Outcome<ProgramEnd> asked(const std::string& path, const std::string& unit, int pid, const LogPart& part,
                          const Deadline& deadline) {
  Outcome<ProgramEnd> end = failed(FailureKind::too_large, "", "");
  for (const auto lines : numbers_of_lines) {
    ProgramCall call{path, journal_arguments(unit, pid, part, lines), {}, {}};
    call.most_output = most_journal;
    end = run_program(call, deadline);
    if (end || end.error().kind != FailureKind::too_large) break;
  }
  return end;
}

}  // namespace

std::string unit_of(std::string_view cgroups) {
  constexpr std::string_view ending = ".service";
  constexpr std::string_view harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
  for (const auto& line : util::split(cgroups, '\n')) {
    const auto name = line.substr(line.rfind('/') + 1);
    const bool of_manager = name.starts_with("user@");  // everything that a user runs
    if (name.ends_with(ending) && name.size() > ending.size() && !of_manager && name.front() != '-' &&
        name.find_first_not_of(harmless) == std::string::npos)
      return name;
  }
  return {};
}

std::vector<std::string> journal_arguments(const std::string& unit, int pid, const LogPart& part, std::uint64_t lines) {
  std::vector<std::string> words{"--no-pager",
                                 "--quiet",
                                 "--utc",
                                 "--no-hostname",
                                 "--output=short-iso-precise",
                                 "--lines=" + std::to_string(lines)};
  if (part.since > 0) words.push_back("--since=@" + std::to_string(part.since));
  words.push_back(unit.empty() ? "_PID=" + std::to_string(pid) : "--unit=" + unit);
  return words;
}

Outcome<LogRead> process_journal(Helper& helper, const Process& process, const LogPart& part, const LogPieces& pieces,
                                 const Deadline& deadline, const std::vector<std::string>& programs) {
  std::string why;
  const auto path = program(programs, why);
  if (path.empty()) return nowhere(why);
  const auto cgroups = read_bytes(helper, "/proc/" + std::to_string(process.pid) + "/cgroup", most_cgroups, deadline);
  const auto unit = cgroups ? unit_of(*cgroups) : std::string{};
  const auto end = asked(path, unit, process.pid, part, deadline);
  if (!end) return nowhere("and journalctl did not tell it: " + end.error().detail);
  if (end->exit_code != 0) return nowhere("and journalctl says: " + util::shown(util::trim(end->err), 200));
  if (end->out.empty()) return nowhere("which has nothing of it, or may not be read");
  auto text = std::string_view{end->out};
  const bool cut = text.size() > part.most;
  if (cut) {
    text.remove_prefix(text.size() - part.most);
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  pieces.take(text);
  pieces.end_of_file();
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  const bool all_asked = std::find(numbers_of_lines.begin(), numbers_of_lines.end(), lines) != numbers_of_lines.end();
  return LogRead{unit.empty() ? "the journal" : "the journal of " + unit, cut || all_asked, false};
}

}  // namespace doctor::probes
