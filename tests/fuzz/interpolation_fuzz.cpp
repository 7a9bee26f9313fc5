#include "deployment/interpolation.hpp"
#include "deployment/settings_expression.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor::deployment;

constexpr std::size_t most = 64 * 1024;

void check(const Interpolated& result) {
  require(result.text.size() <= most, "the result is within its bound");
  for (const auto& use : result.uses) {
    require(!use.name.empty(), "every use has a name");
    require(!use.defaulted || use.operation.back() == '-', "only - takes a default");
  }
  if (result.error) require(!reason(result.error->kind).empty(), "every error has a reason");
  require(variable_names(result.uses).size() <= result.uses.size(), "names are there once");
}

}  // namespace

/// ${...} of compose and .env files, where no variable, one empty one, or every variable is set.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const std::string value(200, 'v');
  const std::string empty;
  const auto none = interpolate(
      text, [](const std::string&) { return nullptr; }, most);
  const auto some = interpolate(
      text, [&](const std::string& name) { return name == "EMPTY" ? &empty : nullptr; }, most);
  const auto all = interpolate(
      text, [&](const std::string&) { return &value; }, most);
  for (const auto* result : {&none, &some, &all}) check(*result);
  if (text.find('$') == std::string_view::npos && text.size() <= most)
    require(none.text == text && !none.error, "a text without dollar sign stays as it is");
  for (const auto& use : none.uses) require(!use.set, "nothing is set");

  const auto shown = without_secrets(text);
  require(shown.size() <= 16 * text.size() + 64, "an expression without its secrets is not much longer");
  secret_references(text, true);
  secret_references(text, false);
  return 0;
}
