#include "guides/description.hpp"
#include "property.hpp"

using doctor::fuzz::require;

/// Descriptions of systems.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  doctor::guides::Problems problems;
  const auto description = doctor::guides::read_description(text, "checks/systems/chatalot.yaml", problems);
  require(!problems.empty() || !description.name.empty(), "a description without problems has a name");
  for (const auto& problem : problems) {
    require(doctor::fuzz::is_place(problem.line, problem.column), "a problem has a place");
    require(!problem.message.empty() && doctor::fuzz::is_printable(problem.message), "a problem can be shown");
  }
  return 0;
}
