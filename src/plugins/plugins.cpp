#include "plugins/plugins.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "diagnosis/problem.hpp"
#include "util/text.hpp"

namespace doctor::plugins {
namespace {

using probes::FoundPlugin;
using Names = std::vector<std::string>;

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The end of what it said on standard error tells most of a script that failed.
std::string last_words(const std::string& err) {
  const auto lines = util::split(util::trim(err), '\n');
  return lines.empty() || lines.back().empty() ? std::string{} : ": " + util::shown(lines.back(), 160);
}

std::string reason_of(const ProbeFailure& failure) {
  return failure.detail + (failure.code.empty() ? "" : " (" + failure.code + ")");
}

class Examination {
 public:
  Examination(const FoundPlugin& plugin, const Source& source, const Deadline& deadline)
      : plugin_{plugin}, source_{source}, deadline_{deadline} {}

  Result result() {
    const auto began = Deadline::Clock::now();
    result_.check.id = std::string{prefix} + util::shown(plugin_.id, 80);
    result_.check.healthy = result_.check.id;
    if (!plugin_.refused.empty())
      unexamined(util::shown(plugin_.path) + " is not run: " + plugin_.refused);
    else if (plugin_.kind == "nagios")
      nagios();
    else
      describe();
    const auto took = Deadline::Clock::now() - began;
    result_.check.took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    const auto& verdict = result_.verdict;
    result_.check.status = !verdict.findings.empty() ? "failed" : !verdict.unexamined.empty() ? "unexamined" : "passed";
    if (result_.check.status == "unexamined") result_.check.reason = verdict.unexamined.front().reason;
    return std::move(result_);
  }

 private:
  void unexamined(const std::string& reason) {
    result_.verdict = {};
    result_.verdict.unexamined.push_back({result_.check.id, reason});
  }

  /// Nothing: it did not end well, which has been noted.
  std::optional<probes::PluginRunAnswer> answer(const Names& arguments) {
    auto end = source_.run.ask({plugin_.path, arguments}, deadline_);
    if (end) return std::move(*end);
    unexamined((arguments.empty() ? std::string{} : "`" + arguments.front() + "`: ") + reason_of(end.error()));
    return std::nullopt;
  }

  std::optional<std::string> said(const char* verb) {
    auto end = answer({verb});
    if (!end) return std::nullopt;
    if (end->exit_code == 0) return std::move(end->out);
    unexamined(std::string{"`"} + verb + "` ended with exit code " + std::to_string(end->exit_code) +
               last_words(end->err));
    return std::nullopt;
  }

  void describe() {
    const auto described = said("describe");
    if (!described) return;
    const auto description = read_description(*described);
    if (!description) return unexamined("`describe`: " + description.error());
    if (description->id != plugin_.id)
      return unexamined("`describe`: id: is not what stands behind doctor-check- in its name");
    result_.check.healthy = description->healthy;
    const auto printed = said("run");
    if (!printed) return;
    auto verdict = read_verdict(*printed, *description);
    if (!verdict) return unexamined("`run`: " + verdict.error());
    if (verdict->findings.empty() && verdict->healthy.empty() && verdict->unexamined.empty())
      return unexamined("`run`: it said nothing of anything");
    result_.verdict = std::move(*verdict);
  }

  void nagios() {
    const auto end = answer(plugin_.arguments);
    if (!end) return;
    result_.check.healthy = plugin_.id + " (Nagios plugin) is OK";
    result_.verdict = nagios_verdict(plugin_.id, end->exit_code, end->out);
  }

  const FoundPlugin& plugin_;
  const Source& source_;
  Deadline deadline_;
  Result result_;
};

std::vector<FoundPlugin> chosen(std::vector<FoundPlugin> plugins, const Options& options) {
  const auto is_other = [&](const FoundPlugin& plugin) {
    return !options.only.empty() && !holds(options.only, std::string{prefix} + plugin.id);
  };
  plugins.erase(std::remove_if(plugins.begin(), plugins.end(), is_other), plugins.end());
  return plugins;
}

Result skipped(const FoundPlugin& plugin) {
  Result result;
  result.check.id = std::string{prefix} + util::shown(plugin.id, 80);
  result.check.status = "skipped";
  result.check.reason = "--skip";
  result.check.healthy = result.check.id;
  return result;
}

}  // namespace

std::vector<Result> run(const Source& source, const Options& options, const Deadline& deadline) {
  auto list = source.list.ask({}, deadline);
  if (!list) return {};
  const auto plugins = chosen(std::move(list->plugins), options);
  std::vector<Result> results(plugins.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto i = next++; i < plugins.size(); i = next++)
      results[i] = holds(options.skip, std::string{prefix} + plugins[i].id)
                       ? skipped(plugins[i])
                       : Examination{plugins[i], source, deadline.within(options.limit)}.result();
  };
  constexpr std::size_t most_workers = 4;
  {
    std::vector<std::jthread> workers;
    while (workers.size() < std::min(most_workers, plugins.size())) workers.emplace_back(work);
  }
  return results;
}

void add_to(diagnosis::Report& report, const std::vector<Result>& results, const Deployment& deployment) {
  for (const auto& result : results) {
    report.checks.push_back(result.check);
    if (result.check.status == "skipped")
      report.skipped.push_back({result.check.id, result.check.id, result.check.reason});
    for (const auto& told : result.verdict.findings)
      report.problems.push_back(diagnosis::problem_of(told.finding, told.entry, result.check.id, deployment));
    for (const auto& item : result.verdict.unexamined)
      report.unexamined.push_back({item.subject, result.check.id, item.reason});
  }
  diagnosis::sort_problems(report.problems);
}

}  // namespace doctor::plugins
