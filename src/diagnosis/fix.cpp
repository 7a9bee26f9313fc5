#include "diagnosis/fix.hpp"

#include <optional>
#include <utility>

#include "deployment/effect.hpp"
#include "diagnosis/proxy_commands.hpp"
#include "util/text.hpp"

namespace doctor::diagnosis {
namespace {

/// The names that the lines of an `env` edit set, and what to.
std::vector<std::pair<std::string, std::string>> values_set(const std::string& edit) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& line : util::split(edit, '\n')) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || line.starts_with('#')) continue;
    values.emplace_back(util::trim(line.substr(0, equals)), util::trim(line.substr(equals + 1)));
  }
  return values;
}

/// A scalar of a compose file that means `text` and nothing else.
std::string compose_scalar(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' || c == '$' ? 2 : 1, c);
  return quoted + "'";
}

/// The edit that does reach the process, as Markdown.
std::string override_edit(const std::string& name, const std::string& value, const Names& names) {
  const auto file = names.find("override_file");
  const auto service = names.find("service");
  if (file == names.end() || service == names.end()) return {};
  return " Set it in " + file->second + ":\n\n```\nservices:\n  " + service->second + ":\n    environment:\n      " +
         name + ": " + compose_scalar(value) + "\n```";
}

void test_effect(FixStep& step, const Names& names, const Deployment& deployment) {
  for (const auto& [name, value] : values_set(step.content)) {
    const auto effect = deployment::edit_effect(deployment, name);
    if (effect.reaches) continue;
    step.effective = false;
    step.instead = "Editing " + name + " in " + step.file + " would change nothing: " + effect.instead + "." +
                   override_edit(name, value, names);
    return;
  }
}

bool suits(const guides::Step& step, const Deployment& deployment) {
  const bool compose = !deployment.compose_file.empty();
  const bool cluster = !deployment.manifests.empty();
  if (step.when == "compose") return compose;
  if (step.when == "kubernetes") return cluster;
  return step.when.empty() || (!compose && !cluster);
}

/// Nothing when a placeholder of it has no value.
std::optional<FixStep> filled_step(const guides::Step& step, const std::string& text, const Names& names) {
  const bool command = step.kind == "command";
  const auto lines = fill(text, names, command ? Quoting::shell : Quoting::none);
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

void append_paragraph(std::string& text, const std::string& paragraph) {
  if (paragraph.empty()) return;
  text += (text.empty() ? "" : "\n\n") + paragraph;
}

FixStep note(std::string prose) {
  FixStep step;
  step.kind = "note";
  step.text = std::move(prose);
  return step;
}

}  // namespace

std::vector<FixStep> fix_steps(const guides::Entry& entry, const std::string& subject, const Names& names,
                               const Deployment& deployment) {
  const ProxyCommands proxies{deployment, subject, names, entry.fix};
  std::vector<FixStep> steps;
  std::string prose;   // belongs to the step that follows it, and goes with it
  std::string advice;  // prose of steps that lack a value: better than nothing when no step is left
  for (const auto& step : entry.fix) {
    if (step.kind == "text") {
      append_paragraph(prose, fill_prose(step.text, names));
      continue;
    }
    const auto lead = std::exchange(prose, {});
    if (!suits(step, deployment)) continue;
    const auto text = step.kind == "command" ? proxies.suited(step.text) : step.text;
    if (!text) continue;
    auto filled = filled_step(step, *text, names);
    if (!filled) {
      append_paragraph(advice, lead);
      continue;
    }
    filled->text = lead;
    if (step.language == "env") test_effect(*filled, names, deployment);
    steps.push_back(std::move(*filled));
  }
  if (steps.empty()) append_paragraph(advice, std::exchange(prose, {}));
  if (steps.empty()) prose = std::move(advice);
  if (!prose.empty()) steps.push_back(note(std::move(prose)));
  return steps;
}

std::string verification(const guides::Entry& entry, const std::string& check, const Names& names,
                         const Deployment& deployment) {
  const auto has = [&](std::string_view program) { return entry.verify.find(program) != std::string::npos; };
  const bool containers = !deployment.compose_file.empty();
  const bool cluster = !deployment.manifests.empty();
  const bool suited = (containers || !has("docker ")) && (cluster || (!has("kubectl ") && !has("helm ")));
  const auto filled = suited ? fill(entry.verify, names, Quoting::shell) : std::nullopt;
  return filled.value_or("doctor check --only " + check);
}

}  // namespace doctor::diagnosis
