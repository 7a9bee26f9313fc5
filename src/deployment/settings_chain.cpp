#include "deployment/settings_chain.hpp"

#include <algorithm>

#include "deployment/settings_expression.hpp"

namespace doctor::deployment {
namespace {

/// A value built from more variables than this is shown with the first ones only.
constexpr std::size_t most_origins = 16;
/// How many values of .env are shown that are built from one another.
constexpr int most_depth = 4;

void append(std::vector<Hop>& hops, std::vector<Hop> more) {
  std::move(more.begin(), more.end(), std::back_inserter(hops));
}

std::string kind_of(const ServiceVariable& variable) {
  if (variable.kind == "pass-through") return "interpolation";
  return variable.defaulted ? "default" : variable.kind;
}

}  // namespace

std::string ChainMaker::value_text(const std::string& name, const std::string& value,
                                   const std::string& shown_for) const {
  const auto shown = secrets_.count(name) > 0 && !value.empty() ? Value::secret(value).shown() : value;
  return name == shown_for ? shown : name + "=" + shown;
}

std::vector<std::string> ChainMaker::built_from(const std::string& name) const {
  std::vector<std::string> names;
  const auto* entry = dotenv_.find(name);
  if (entry == nullptr) return names;
  for (const auto& variable : entry->variables) {
    const auto* source = dotenv_.find(variable);
    const bool before = source != nullptr && source->place.line <= entry->place.line && source != entry;
    if (before && sources_.shell->count(variable) == 0) names.push_back(variable);
  }
  return names;
}

/// A value that is built from others has theirs before it, and how it is written.
std::vector<Hop> ChainMaker::in_dotenv(const DotenvEntry& entry, const std::string& shown_for, int depth) const {
  std::vector<Hop> hops;
  const auto names = built_from(entry.name);
  if (!names.empty() && depth > 0) {
    for (std::size_t i = 0; i < std::min(names.size(), most_origins); ++i)
      append(hops, in_dotenv(*dotenv_.find(names[i]), shown_for, depth - 1));
    const auto written = secrets_.count(entry.name) > 0 ? without_secrets(entry.expression) : entry.expression;
    hops.push_back(
        {"interpolation", entry.place.text(), entry.name == shown_for ? written : entry.name + "=" + written});
  }
  hops.push_back({"dotenv", entry.place.text(), value_text(entry.name, entry.value.value_or(""), shown_for)});
  return hops;
}

std::vector<Hop> ChainMaker::written(const std::string& name) const {
  const auto* entry = dotenv_.find(name);
  return entry == nullptr ? std::vector<Hop>{} : in_dotenv(*entry, name, most_depth);
}

std::vector<Hop> ChainMaker::origin(const std::string& name, const std::string& shown_for) const {
  if (const auto shell = sources_.shell->find(name); shell != sources_.shell->end())
    return {{"shell", "shell variable " + name, value_text(name, shell->second, shown_for)}};
  const auto* entry = dotenv_.find(name);
  if (entry == nullptr || !entry->value) return {};
  return in_dotenv(*entry, shown_for, most_depth);
}

std::vector<Hop> ChainMaker::through_compose(const ServiceVariable& variable, bool secret) const {
  std::vector<Hop> hops;
  auto names = variable.variables;
  if (variable.kind == "pass-through" && names.empty()) names = {variable.name};
  if (names.size() > most_origins) names.resize(most_origins);
  for (const auto& name : names) append(hops, origin(name, variable.name));
  hops.push_back(
      {kind_of(variable), variable.place.text(), secret ? without_secrets(variable.expression) : variable.expression});
  return hops;
}

Hop ChainMaker::use(const VariableUse& use) const {
  const bool defaulted = !use.set && (use.operation == ":-" || use.operation == "-");
  const auto argument = use.operation.empty() ? "" : "...";
  return {defaulted ? "default" : "interpolation", use.place.text(), "${" + use.name + use.operation + argument + "}"};
}

}  // namespace doctor::deployment
