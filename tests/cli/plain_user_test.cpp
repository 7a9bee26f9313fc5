// What a plain user gets who may not read the deployment's secrets: less, and nothing that is not so.

#include <algorithm>

#include "lab/check.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr std::uint32_t plain = 12346;

bool is_in(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

TEST_CASE("what a plain user may not read is not missing", "[plain-user]") {
  if (!is_root()) return;
  const FilesCase files;
  CommandOptions options;
  options.uid = plain;
  REQUIRE(files.check().roots().empty());
  const auto result = check(files.directory().path(), {}, {}, options);
  CHECK(result.roots().empty());
  CHECK(is_in(result.unexamined(), "file:.env"));
  CHECK(result.run.exit == 3);
  const auto shown = run({doctor_binary(), "check", files.directory().path()}, options);
  CHECK(shown.out.find("sudo doctor check") != std::string::npos);
  CHECK(run({doctor_binary(), "check", files.directory().path()}).out.find("sudo") == std::string::npos);
}

TEST_CASE("whoever stops reading gets no message", "[plain-user]") {
  const auto piped = [](const std::string& reader) {
    return run({"bash", "-c", "set -o pipefail; " + doctor_binary() + " list entries --format json | " + reader});
  };
  const auto whole = piped("cat");
  CHECK(whole.exit == 0);
  REQUIRE(whole.out.size() > 65536);  // more than a pipe takes
  const auto cut = piped("head -c 1");
  CHECK(cut.exit != 0);
  CHECK(cut.err.empty());
  const auto full = run({"bash", "-c", doctor_binary() + " list entries >/dev/full"});
  CHECK(full.exit == 2);
  CHECK_FALSE(full.err.empty());
}

}  // namespace doctor::lab
