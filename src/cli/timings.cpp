#include "cli/timings.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "util/text.hpp"

namespace doctor::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// What was asked, of the canonical key of a question: its texts and its port, "127.0.0.1 5432".
std::string shown_question(const std::string& key) {
  const auto blank = key.find(' ');
  const auto question =
      nlohmann::json::parse(blank == std::string::npos ? std::string{} : key.substr(blank + 1), nullptr, false);
  if (!question.is_object()) return {};
  std::string text;
  for (const auto& [name, value] : question.items()) {
    if (!value.is_string() && name != "port") continue;
    const auto word = value.is_string() ? value.get<std::string>() : value.dump();
    if (!word.empty()) text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

}  // namespace

void Stopwatch::ended(const std::string& part) {
  const auto now = std::chrono::steady_clock::now();
  timings_.parts.push_back({part, duration_cast<milliseconds>(now - last_).count()});
  last_ = now;
}

diagnosis::Timings Stopwatch::timings(const probes::ProbeTimes* probes, const redact::Redactor& redactor) const {
  constexpr std::size_t longest_question = 80;
  auto all = timings_;
  if (probes == nullptr) return all;
  for (const auto& [name, kind] : probes->kinds())
    all.probes.push_back({name, kind.asked, duration_cast<milliseconds>(kind.together).count(),
                          duration_cast<milliseconds>(kind.longest).count(),
                          util::shown(redactor.redact(shown_question(kind.slowest)), longest_question)});
  std::stable_sort(all.probes.begin(), all.probes.end(),
                   [](const auto& a, const auto& b) { return a.took_ms > b.took_ms; });
  return all;
}

}  // namespace doctor::cli
