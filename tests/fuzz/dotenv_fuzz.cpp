#include <set>

#include "deployment/compose.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor::deployment;

void check_entry(const DotenvEntry& entry) {
  require(!entry.name.empty(), "every variable has a name");
  require(entry.place.line >= 1 && entry.place.column >= 1, "every variable has a place");
  require(!entry.value || entry.value->size() <= 64 * 1024, "a value is at most 64 KB");
}

void check_problem(const doctor::FileProblem& problem) {
  require(doctor::fuzz::is_place(problem.place.line, problem.place.column), "a place counts from 1");
  const auto reason = problem.evidence.find("reason");
  require(reason == problem.evidence.end() || doctor::fuzz::is_printable(reason->second), "a reason can be shown");
}

}  // namespace

/// .env files, read with and without a shell behind them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  for (const auto& shell : {Environment{}, Environment{{"HOME", "/root"}, {"DB_PASSWORD", "of-the-shell"}}}) {
    const auto dotenv = parse_dotenv(text, ".env", shell);
    std::size_t bytes = 0;
    for (const auto& entry : dotenv.entries) {
      check_entry(entry);
      require(dotenv.find(entry.name) != nullptr, "a variable that was read is found");
      bytes += entry.value ? entry.value->size() : 0;
      if (bytes > 4096) break;  // find() is linear; a few are enough
    }
    bytes = 0;
    for (const auto& entry : dotenv.entries) bytes += entry.value ? entry.value->size() : 0;
    require(bytes <= 1'000'000, "all values together are at most 1 MB");
    require(dotenv.problems.size() <= 100, "at most 100 problems");
    for (const auto& problem : dotenv.problems) check_problem(problem);
    require(dotenv.find("no such name") == nullptr, "a name that no file can hold is not found");
  }
  return 0;
}
