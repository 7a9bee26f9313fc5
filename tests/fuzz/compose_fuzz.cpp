#include <nlohmann/json.hpp>

#include <map>

#include "deployment/compose.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor::deployment;
using Files = std::map<std::string, std::string>;

/// An input is a file system: parts that begin with a line "=== NAME" below /srv/app; the part before the first is
/// compose.yaml.
Files files_of(std::string_view text) {
  static constexpr std::string_view mark = "\n=== ";
  Files files;
  std::string name = "compose.yaml";
  for (;;) {
    const auto end = text.find(mark);
    files["/srv/app/" + name] = text.substr(0, end);
    if (end == std::string_view::npos) return files;
    text.remove_prefix(end + mark.size());
    const auto name_end = std::min(text.find('\n'), text.size());
    name = text.substr(0, name_end);
    text.remove_prefix(std::min(name_end + 1, text.size()));
  }
}

doctor::Outcome<std::string> read(const Files& files, std::size_t& reads, const std::string& path) {
  require(++reads <= 600, "at most 500 files are read");
  require(path.starts_with('/'), "only absolute paths are read");
  const auto found = files.find(path);
  if (found != files.end()) return found->second;
  doctor::ProbeFailure failure;
  failure.kind = doctor::FailureKind::not_found;
  return doctor::Failed{failure};
}

void check_problem(const doctor::FileProblem& problem) {
  require(!problem.code.empty(), "a problem has a code");
  require(doctor::fuzz::is_place(problem.place.line, problem.place.column), "a problem has a place");
  for (const char* key : {"reason", "message", "key"}) {
    const auto found = problem.evidence.find(key);
    require(found == problem.evidence.end() || doctor::fuzz::is_printable(found->second), "evidence can be shown");
  }
}

void check_project(const ComposeProject& project) {
  require(project.problems.size() <= 500, "at most 500 problems");
  for (const auto& problem : project.problems) check_problem(problem);
  for (const auto& use : project.uses) require(!use.name.empty(), "a use has a name");
  for (const auto& service : project.services)
    for (const auto& variable : service.environment)
      require(doctor::fuzz::is_place(variable.place.line, variable.place.column), "a variable has a place");
  require(nlohmann::json::accept(canonical_json(project)), "the canonical form is JSON");
}

}  // namespace

/// Whole projects: .env, compose file, override, includes, extends and env_files from memory.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto files = files_of(doctor::fuzz::text_of(data, size));
  std::size_t reads = 0;
  ComposeOptions options;
  options.directory = "/srv/app";
  options.shell = {{"HOME", "/root"}, {"TAG", "1.2"}};
  options.read = [&](const std::string& path) { return read(files, reads, path); };
  if (const auto dotenv = files.find("/srv/app/.env"); dotenv != files.end())
    options.dotenv = parse_dotenv(dotenv->second, ".env", options.shell);
  if (const auto project = read_compose(options)) check_project(*project);
  return 0;
}
