#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "guides/library.hpp"
#include "pages.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace fs = std::filesystem;
using doctor::test::page_with;
using doctor::test::plain_machine;

namespace {

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "doctor-guidec-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream file{path(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  /// Exit code of the guide compiler; what it says on stderr is then in the file "stderr".
  int compile(const std::string& arguments) const {
    const std::string program = doctor::test::binary_path("src/doctor_guidec");
    const int status = std::system(("'" + program + "' " + arguments + " 2>'" + path("stderr") + "'").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("the compiler writes a header for each page, and again only when it changed") {
  const Folder folder;
  const auto page = folder.write("redis.md", page_with("redis-denied", plain_machine));
  REQUIRE(folder.compile("headers " + folder.path("") + " " + page) == 0);
  CHECK(folder.read("redis.hpp").find("redis_denied") != std::string::npos);
  const auto written = fs::last_write_time(folder.path("redis.hpp")) - std::chrono::hours{1};
  fs::last_write_time(folder.path("redis.hpp"), written);
  REQUIRE(folder.compile("headers " + folder.path("") + " " + page) == 0);
  CHECK(fs::last_write_time(folder.path("redis.hpp")) == written);
  folder.write("redis.md", page_with("redis-refused", plain_machine));
  REQUIRE(folder.compile("headers " + folder.path("") + " " + page) == 0);
  CHECK(fs::last_write_time(folder.path("redis.hpp")) != written);
}

TEST_CASE("a broken page ends with its file and line, and leaves no output") {
  const Folder folder;
  const auto page = folder.write("redis.md", page_with("redis-denied", "title: x\nseverity: bad\n"));
  CHECK(folder.compile("headers " + folder.path("") + " " + page) == 1);
  CHECK(folder.read("stderr").starts_with(page + ":9:"));
  CHECK_FALSE(fs::exists(folder.path("redis.hpp")));
  CHECK(folder.compile("blob " + folder.path("out") + " --checks " + page) == 1);
  CHECK_FALSE(fs::exists(folder.path("out")));
}

TEST_CASE("pages, descriptions and proofs become one library") {
  const Folder folder;
  const auto generic = folder.write("redis.md", page_with("redis-denied", plain_machine));
  const auto page =
      folder.write("demo.md", page_with("demo-x", plain_machine + "explains:\n  - {code: redis-denied}\n"));
  const auto description = folder.write("demo.yaml", "name: demo\n");
  const auto ledger = folder.write("proofs.tsv", "demo-x\tredis\tsome test\n");
  REQUIRE(folder.compile("blob " + folder.path("out") + " --checks " + generic + " --systems " + page +
                         " --descriptions " + description + " --ledger " + ledger) == 0);
  const auto blob = folder.read("out");
  const doctor::guides::Library library{blob};
  CHECK(library.codes() == std::vector<std::string>{"redis-denied", "demo-x"});
  CHECK(library.systems() == std::vector<std::string>{"demo"});
  CHECK(library.explain("demo", "redis-denied", {}).detection == "redis");
  CHECK(library.entry("redis-denied")->detection.empty());
}

TEST_CASE("wrong usage ends with exit code 2") {
  const Folder folder;
  CHECK(folder.compile("") == 2);
  CHECK(folder.compile("headers") == 2);
  CHECK(folder.compile("blob " + folder.path("out") + " --chekcs x") == 2);
  CHECK(folder.compile("blob " + folder.path("out") + " stray") == 2);
  CHECK(folder.compile("headers " + folder.path("") + " " + folder.path("missing.md")) == 2);
}
