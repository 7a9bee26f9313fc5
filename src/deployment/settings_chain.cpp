#include "deployment/settings_chain.hpp"

#include <algorithm>

#include "deployment/settings_expression.hpp"

namespace doctor::deployment {
namespace {

/// A value built from more variables than this is shown with the first ones only.
constexpr std::size_t most_origins = 16;

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

std::vector<Hop> ChainMaker::written(const std::string& name) const {
  const auto* entry = dotenv_.find(name);
  if (entry == nullptr) return {};
  return {{"dotenv", entry->place.text(), value_text(name, entry->value.value_or(""), name)}};
}

std::vector<Hop> ChainMaker::origin(const std::string& name, const std::string& shown_for) const {
  if (const auto shell = sources_.shell->find(name); shell != sources_.shell->end())
    return {{"shell", "shell variable " + name, value_text(name, shell->second, shown_for)}};
  const auto* entry = dotenv_.find(name);
  if (entry == nullptr || !entry->value) return {};
  return {{"dotenv", entry->place.text(), value_text(name, *entry->value, shown_for)}};
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
