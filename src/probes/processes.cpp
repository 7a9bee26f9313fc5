#include "probes/processes.hpp"

#include <charconv>
#include <set>

#include <unistd.h>

#include "probes/files.hpp"
#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/processes_proc.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_processes = 1000;
constexpr std::uint64_t most_environment = 2 * 1024 * 1024;
constexpr std::size_t container_id = 64;  // hexadecimal digits
constexpr std::size_t most_arguments = 32;
constexpr std::size_t longest_argument = 4096;

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string read_proc(int pid, const std::string& name) {
  return jobs::contents("/proc/" + std::to_string(pid) + "/" + name, 1024 * 1024).value_or("");
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The words after "KEY:" of /proc/PID/status.
std::vector<std::string> status_words(const std::string& status, std::string_view key) {
  for (const auto& line : util::split(status, '\n')) {
    if (!line.starts_with(key)) continue;
    std::string rest = line.substr(key.size());
    for (auto& c : rest)
      if (c == '\t') c = ' ';
    auto words = util::split(rest, ' ');
    std::erase_if(words, [](const std::string& word) { return word.empty(); });
    return words;
  }
  return {};
}

/// Seconds since 1970 at which the host started.
std::int64_t boot_time() {
  const auto text = jobs::contents("/proc/stat", 4 * 1024 * 1024).value_or("");
  const auto at = text.find("\nbtime ");
  return at == std::string::npos ? 0 : number<std::int64_t>(std::string_view{text}.substr(at + 7));
}

/// Field 22 of /proc/PID/stat, in ticks since boot. The command name (field 2) may hold blanks and parentheses.
std::int64_t start_ticks(const std::string& stat) {
  const auto close = stat.rfind(')');
  if (close == std::string::npos) return 0;
  const auto fields = util::split(stat.substr(close + 1), ' ');  // [0] is empty, [1] is field 3
  return fields.size() > 20 ? number<std::int64_t>(fields[20]) : 0;
}

std::string first_argument(int pid) {
  const auto line = read_proc(pid, "cmdline");
  return line.substr(0, line.find('\0'));
}

std::vector<std::string> arguments_after_first(int pid) {
  auto words = util::split(read_proc(pid, "cmdline"), '\0');
  if (!words.empty()) words.erase(words.begin());
  if (words.size() > most_arguments) words.resize(most_arguments);
  std::erase_if(words, [](const std::string& word) { return word.empty() || word.size() > longest_argument; });
  return words;
}

/// In effect (not real) user and groups: those that the kernel judges by.
Process describe(int pid, std::string exe, std::int64_t boot) {
  Process process;
  process.pid = pid;
  process.exe = std::move(exe);
  process.directory = proc::link_target("/proc/" + std::to_string(pid) + "/cwd");
  const auto status = read_proc(pid, "status");
  const auto uids = status_words(status, "Uid:");
  if (uids.size() > 1) process.uid = number<std::uint32_t>(uids[1]);
  const auto gids = status_words(status, "Gid:");
  if (gids.size() > 1) process.gids.push_back(number<std::uint32_t>(gids[1]));
  for (const auto& word : status_words(status, "Groups:")) {
    const auto gid = number<std::uint32_t>(word);
    if (process.gids.empty() || gid != process.gids.front()) process.gids.push_back(gid);
  }
  const auto ticks = start_ticks(read_proc(pid, "stat"));
  if (ticks > 0 && boot > 0) process.started = boot + ticks / sysconf(_SC_CLK_TCK);
  return process;
}

/// Another pid namespace is as good as a container, whatever runs it.
std::string container_of(int pid) {
  const auto id = container_of_cgroup(read_proc(pid, "cgroup"));
  if (!id.empty()) return id;
  const auto ours = proc::link_target("/proc/self/ns/pid");
  const auto theirs = proc::link_target("/proc/" + std::to_string(pid) + "/ns/pid");
  return theirs.empty() || ours == theirs ? "" : theirs;
}

util::Json to_json(const FoundProcess& found) {
  const auto& process = found.process;
  return {{"pid", process.pid},           {"exe", process.exe},          {"directory", process.directory},
          {"uid", process.uid},           {"gids", process.gids},        {"started", process.started},
          {"container", found.container}, {"arguments", found.arguments}};
}

FoundProcess from_json(const util::Json& json) {
  FoundProcess found;
  json.at("pid").get_to(found.process.pid);
  json.at("exe").get_to(found.process.exe);
  json.at("directory").get_to(found.process.directory);
  json.at("uid").get_to(found.process.uid);
  json.at("gids").get_to(found.process.gids);
  json.at("started").get_to(found.process.started);
  json.at("container").get_to(found.container);
  json.at("arguments").get_to(found.arguments);
  return found;
}

bool is_hexadecimal(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Outcome<std::string> jobs::processes_job(const std::string& request) {
  const auto query = util::Json::parse(request);
  const auto wanted = query.at("exe").get<std::string>();
  const bool in_containers = query.at("in_containers").get<bool>();
  const auto boot = boot_time();
  util::Json found = util::Json::array();
  if (wanted.empty()) return found.dump();  // a process that is ending may have an empty name
  for (const int pid : proc::pids()) {
    auto exe = proc::link_target("/proc/" + std::to_string(pid) + "/exe");
    if (exe.empty()) exe = first_argument(pid);  // empty for a kernel thread
    if (exe.empty() || base_name(exe) != wanted) continue;
    auto container = container_of(pid);
    if (!container.empty() && !in_containers) continue;
    found.push_back(to_json({describe(pid, std::move(exe), boot), std::move(container), arguments_after_first(pid)}));
    if (found.size() == most_processes) break;
  }
  return found.dump(-1, ' ', false, util::Json::error_handler_t::replace);
}

Outcome<std::vector<FoundProcess>> find_processes(Helper& helper, const ProcessQuery& query, const Deadline& deadline) {
  const util::Json request{{"exe", query.exe}, {"in_containers", query.in_containers}};
  const auto bytes =
      helper.call("processes", request.dump(-1, ' ', false, util::Json::error_handler_t::replace), deadline);
  if (!bytes) return Failed{bytes.error()};
  const auto json = util::Json::parse(*bytes, nullptr, false);
  if (!json.is_array()) return failed(FailureKind::protocol_error, "", "the helper answered nonsense");
  std::vector<FoundProcess> found;
  for (const auto& item : json) found.push_back(from_json(item));
  return found;
}

Outcome<std::map<std::string, std::string>> process_environment(Helper& helper, int pid, const Deadline& deadline) {
  const auto bytes = read_bytes(helper, "/proc/" + std::to_string(pid) + "/environ", most_environment, deadline);
  if (!bytes) return Failed{bytes.error()};
  std::map<std::string, std::string> variables;
  for (const auto& entry : util::split(*bytes, '\0')) {
    const auto equals = entry.find('=');
    if (equals != std::string::npos && equals > 0) variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

std::string container_of_cgroup(std::string_view cgroup) {
  for (std::size_t i = 0; i + container_id <= cgroup.size(); ++i) {
    const auto id = cgroup.substr(i, container_id);
    const auto bad = id.find_last_not_of("0123456789abcdef");
    if (bad != std::string_view::npos) {
      i += bad;
      continue;
    }
    const bool begins = i == 0 || !is_hexadecimal(cgroup.substr(i - 1, 1));
    const bool ends = i + container_id == cgroup.size() || !is_hexadecimal(cgroup.substr(i + container_id, 1));
    if (begins && ends) return std::string{id};
  }
  return {};
}

}  // namespace doctor::probes
