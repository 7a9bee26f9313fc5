#include "diagnosis/fix.hpp"

#include <optional>
#include <utility>

#include "deployment/effect.hpp"
#include "util/text.hpp"

namespace doctor::diagnosis {
namespace {

/// The names that the lines of an `env` edit set.
std::vector<std::string> names_set(const std::string& edit) {
  std::vector<std::string> names;
  for (const auto& line : util::split(edit, '\n')) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || line.starts_with('#')) continue;
    names.push_back(util::trim(line.substr(0, equals)));
  }
  return names;
}

void test_effect(FixStep& step, const Deployment& deployment) {
  for (const auto& name : names_set(step.content)) {
    const auto effect = deployment::edit_effect(deployment, name);
    if (effect.reaches) continue;
    step.effective = false;
    step.instead = effect.instead;
    return;
  }
}

/// Nothing when a placeholder of it has no value.
std::optional<FixStep> filled_step(const guides::Step& step, const Names& names) {
  const bool command = step.kind == "command";
  const auto lines = fill(step.text, names, command ? Quoting::shell : Quoting::none);
  const auto file = fill(step.file, names, Quoting::none);
  if (!lines || !file) return std::nullopt;
  FixStep filled;
  filled.kind = step.kind;
  filled.where = step.where;
  filled.risk = step.risk;
  filled.language = step.language;
  filled.file = *file;
  (command ? filled.command : filled.content) = *lines;
  return filled;
}

}  // namespace

std::vector<FixStep> fix_steps(const guides::Entry& entry, const Names& names, const Deployment& deployment) {
  std::vector<FixStep> steps;
  std::string prose;  // belongs to the step that follows it, and goes with it
  const auto take_prose = [&prose] { return std::exchange(prose, {}); };
  for (const auto& step : entry.fix) {
    if (step.kind == "text") {
      prose += (prose.empty() ? "" : "\n\n") + fill_prose(step.text, names);
      continue;
    }
    auto filled = filled_step(step, names);
    if (!filled) {
      prose.clear();
      continue;
    }
    filled->text = take_prose();
    if (step.language == "env") test_effect(*filled, deployment);
    steps.push_back(std::move(*filled));
  }
  if (!prose.empty()) {
    FixStep note;
    note.kind = "note";
    note.text = take_prose();
    steps.push_back(std::move(note));
  }
  return steps;
}

}  // namespace doctor::diagnosis
