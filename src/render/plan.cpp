#include "render/plan.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <utility>

#include <nlohmann/json.hpp>

#include "render/printer.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

using plan::Part;
using plan::Step;
using Json = nlohmann::ordered_json;

/// What the kinds are called, in the order in which they are shown.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> titles{
    {{"file", "Files that may be looked at or read, at and below"},
     {"kernel", "What the kernel is asked"},
     {"resolve", "Names that are resolved"},
     {"connect", "Connections that are opened and closed"},
     {"tls", "TLS handshakes"},
     {"http", "HTTP requests"},
     {"websocket", "WebSockets"},
     {"postgres", "PostgreSQL"},
     {"redis", "Redis"},
     {"engine", "Docker Engine, GET only, at and below"},
     {"program", "Programs that are run"}}};

std::string step_text(const Step& step) {
  auto text = step.target == "*" ? std::string{"(any)"} : step.target;
  if (!step.vantage.empty() && step.vantage != "host") text += ", from " + step.vantage;
  return text + ": " + step.what;
}

void steps_of_kind(const Printer& print, std::string_view kind, std::string_view title,
                   const std::map<Step, std::vector<std::string>>& steps) {
  bool any = false;
  for (const auto& [step, parts] : steps) {
    if (step.kind != kind) continue;
    if (!any) print.line(print.toned(title, Tone::strong));
    any = true;
    const auto text = step_text(step) + " [" + util::join(parts, ", ") + "]";
    print.line(wrap(print.ascii(util::shown(text, 600)), print.width(), "  - ", "    "));
  }
  if (any) print.line();
}

Json step_json(const Step& step) {
  return {{"kind", step.kind}, {"target", step.target}, {"vantage", step.vantage}, {"what", step.what}};
}

}  // namespace

void plan(const std::vector<Part>& parts, const Style& style, std::ostream& out) {
  const Printer print{style, out};
  print.line("At most this is what a run of `doctor check` does here. It changes nothing.");
  print.line();
  std::map<Step, std::vector<std::string>> steps;
  std::vector<std::string> idle;
  for (const auto& part : parts) {
    for (const auto& step : part.steps) steps[step].push_back(part.name);
    if (part.steps.empty()) idle.push_back(part.name);
  }
  for (const auto& [kind, title] : titles) steps_of_kind(print, kind, title, steps);
  if (!idle.empty()) print.line(wrap("Nothing is asked by: " + util::join(idle, ", "), print.width(), "", "  "));
}

void plan_json(const std::vector<Part>& parts, std::ostream& out) {
  Json document{{"schema", "doctor-plan/v1"}, {"parts", Json::array()}};
  for (const auto& part : parts) {
    Json steps = Json::array();
    for (const auto& step : part.steps) steps.push_back(step_json(step));
    document["parts"].push_back({{"name", part.name}, {"steps", std::move(steps)}});
  }
  out << util::json_shown(document.dump(2, ' ', false, Json::error_handler_t::replace)) << '\n';
}

}  // namespace doctor::render
