// Every command that the documentation shows is run, as it stands there, in a healthy installation made of real parts.
// What must be replaced, made beforehand, or cannot be run stands in the tables below, each with its reason; an entry
// that nothing needs any more fails the test.

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "docs/commands.hpp"
#include "lab/check.hpp"
#include "lab/files_case.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;
using test::Shown;

/// One place in the documentation's words, another here.
struct Replacement {
  std::string from;
  std::string to;
  std::string why;
  bool whole = false;  ///< only where it is the whole line
  bool used = false;
};

/// A line that ends with another exit code than 0, or is not run.
struct Exception {
  std::string line;
  std::string why;
  int exit = 0;
  bool used = false;
};

/// Entries of a table that nothing needed.
template <class Table>
std::vector<std::string> unused(const Table& table, std::string Table::value_type::*name) {
  std::vector<std::string> left;
  for (const auto& entry : table)
    if (!entry.used) left.push_back(entry.*name);
  return left;
}

/// The line of docs/usage.md that installs what the program needs.
std::string runtime_packages() {
  const auto page = read_file(test::source_path("docs/usage.md"));
  const auto begin = page.find("apt-get install ");
  return begin == std::string::npos ? std::string{} : page.substr(begin, page.find('\n', begin) - begin);
}

std::vector<Exception> not_run() {
  return {
      {runtime_packages(), "it installs packages; the next test is about them"},
      {"./dev test", "it runs this test"},
      {"./dev build release", "a build of its own; the one under test stands for what it makes"},
  };
}

std::vector<Exception> other_exits() {
  const auto* asked = "the database was never asked with that";
  return {
      {"doctor check /srv/shop", "nothing of it runs here", 3},
      {"doctor check docs/examples/shop", "it has no licence", 1},
      {"doctor analyze bad.tar.gz --set DATABASE_URL=postgres://chatalot:secret@postgres:5432/chatalot", asked, 3},
      {"doctor check --from bad.tar.gz --set chatalot.JWT_PRIVATE_KEY_PATH=/app/secrets/jwt_private.pem",
       "nobody looked for that file", 3},
  };
}

/// A healthy installation, with what else the pages speak of.
class Documented {
 public:
  Documented() : lab_{shared_postgres()} {
    lab_.start();
    around_.write("bin/.keep", "");
    fs::create_symlink(doctor_binary(), around_.path("bin/doctor"));
    around_.make("home");
    around_.make("node_exporter");
    around_.write("check_disk", "#!/bin/sh\necho 'DISK OK | /=41%;90;95'\n", 0755);
    around_.write("shop/docker-compose.yml",
                  "services:\n  shop:\n    image: shop\n    ports: ['3000:3000']\n    environment: {MODE: open}\n");
    around_.write("checkout/docker-compose.yml", chatalot_file("docker-compose.yml"));
    around_.write("checkout/.env.example",
                  "DB_PASSWORD=" + random_alphanumeric(32) + "\nTOTP_ENCRYPTION_KEY=" + random_hex(64) + "\n");
    for (const auto& plugin : fs::directory_iterator{test::source_path("docs/examples/plugins")})
      around_.write("plugins/" + plugin.path().filename().string(), read_file(plugin.path()), 0755);
    for (const auto* file : {"compose.yaml", "doctor.yaml", "guides/shop.md"})
      around_.write(std::string{"example/"} + file, read_file(test::source_path("docs/examples/shop/") + file));
    lab_.directory().write("backups/newest.sql", "--\n");  // what the example of a plugin looks for
  }

  std::vector<Replacement> replacements() const {
    const auto bundle =
        "doctor-chatalot-20260301T101205Z.tar.gz";  // SOURCE_DATE_EPOCH below gives `doctor bundle` that name
    return {
        {"doctor check /srv/chat --watch",
         "script -qec 'timeout --foreground --preserve-status -s INT 1 doctor check " + lab_.directory().path() +
             " --watch' /dev/null",
         "it needs a terminal, and somebody who interrupts it"},
        {"doctor check --only plugin:backup-age",
         "doctor check --only plugin:backup-age --plugins " + around_.path("plugins"), "the plugin is not installed",
         true},
        {"doctor check --allow-incomplete --env-file .env.example --skip jwt",
         "(cd " + around_.path("checkout") + " && doctor check --allow-incomplete --env-file .env.example --skip jwt)",
         "the installation is no checkout", true},
        {"docker compose up -d", "true", "no Docker Engine is here, and the installation runs"},
        {"cmake --install build/release",
         "cmake --install " + test::binary_path("") + " --prefix " + around_.path("local"),
         "the build under test, and a folder of this test"},
        {"build/release/doctor", "doctor", "the build under test"},
        {"/usr/local/bin/doctor", "doctor", "where it is installed is up to the reader"},
        {"./dev demo", test::binary_path("tests/lab_demo"), "what it runs once it is built"},
        {"/srv/chatalot", lab_.directory().path(), "the installation"},
        {"/srv/chat", lab_.directory().path(), "the installation"},
        {"/srv/shop", around_.path("shop"), "an application that nobody has described"},
        {"/var/lib/node_exporter", around_.path("node_exporter"), "a folder of the host"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:" + std::to_string(lab_.port()), "a free port"},
        {"analyze FILE", std::string{"analyze "} + bundle, "a name of the reader's"},
        {"diff BEFORE AFTER", std::string{"diff "} + bundle + " before.json", "names of the reader's"},
        {"docs/examples/shop", around_.path("example"), "the working directory is that of the installation"},
        {"docs/examples/plugins", around_.path("plugins"), "the working directory is that of the installation"},
        {"/usr/lib/nagios/plugins/check_disk", around_.path("check_disk"), "a program of another package"},
    };
  }

  /// Files that a page takes for there, by the command that makes each.
  void prepare() {
    const auto made = run_line("doctor check --format json --output before.json");
    INFO(made.err);
    REQUIRE(made.exit == 0);
  }

  bool installed(const std::string& file) const { return around_.exists("local/" + file); }

  void start_page() { directory_ = lab_.directory().path(); }

  /// In the working directory that the lines before left.
  CommandResult run_line(const std::string& line) {
    const auto state = around_.path("directory");
    auto options = environment();
    options.directory = directory_;
    auto result = run({"/bin/bash", "-c", line + "\ncode=$?\npwd >" + state + "\nexit $code"}, options);
    if (around_.exists("directory")) directory_ = around_.read("directory");
    while (directory_.ends_with('\n')) directory_.pop_back();
    return result;
  }

 private:
  CommandOptions environment() const {
    CommandOptions options;
    options.environment = Environment{{"PATH", around_.path("bin") + ":/usr/bin:/bin:/usr/sbin:/sbin"},
                                      {"HOME", around_.path("home")},
                                      {"LANG", "C.UTF-8"},
                                      {"DOCKER_HOST", "unix:///nonexistent/docker.sock"},
                                      {"GITHUB_STEP_SUMMARY", around_.path("summary.md")},
                                      {"SOURCE_DATE_EPOCH", "1772359925"}};
    return options;
  }

  ChatalotLab lab_;
  Directory around_{"around"};
  std::string directory_ = lab_.directory().path();
};

std::string replaced(std::string line, std::vector<Replacement>& table) {
  for (auto& entry : table) {
    if (entry.whole && line != entry.from) continue;
    for (auto at = line.find(entry.from); at != std::string::npos; at = line.find(entry.from, at + entry.to.size())) {
      line.replace(at, entry.from.size(), entry.to);
      entry.used = true;
    }
  }
  return line;
}

Exception* find(std::vector<Exception>& table, const std::string& line) {
  for (auto& entry : table)
    if (entry.line == line) {
      entry.used = true;
      return &entry;
    }
  return nullptr;
}

/// The files that a line says it writes, as it spells them.
std::vector<std::string> outputs_of(const std::string& line) {
  static const std::regex output{R"re((?: -o | --output | --bundle |--report "?[a-z]+=)([^\s"]+))re"};
  std::vector<std::string> files;
  for (std::sregex_iterator match{line.begin(), line.end(), output}, none; match != none; ++match)
    files.push_back(match->str(1));
  return files;
}

void expect_as_documented(const Shown& shown, const std::string& line, int exit, Documented& world) {
  const auto result = world.run_line(line);
  INFO(shown.page << ":" << shown.line << ": " << shown.text << "\n" << line << "\n" << result.out << result.err);
  CHECK(result.exit == exit);
  for (const auto& file : outputs_of(line)) {
    INFO(file);
    CHECK(world.run_line("test -s \"" + file + "\"").exit == 0);
  }
}

}  // namespace

TEST_CASE("every command of the documentation does what it is shown for", "[docs]") {
  Documented world;
  world.prepare();
  auto replacements = world.replacements();
  auto without = not_run();
  auto exits = other_exits();
  std::set<std::string> done;
  for (const auto& page : test::pages()) {
    world.start_page();
    for (const auto& shown : test::commands_of(page)) {
      if (find(without, shown.text) != nullptr || !done.insert(shown.text).second) continue;
      const auto* exception = find(exits, shown.text);
      const auto line = replaced(shown.text, replacements);
      expect_as_documented(shown, line, exception == nullptr ? 0 : exception->exit, world);
    }
  }
  for (const auto* file : {"bin/doctor", "share/man/man1/doctor.1", "share/man/man5/doctor.yaml.5"})
    CHECK(world.installed(file));
  CHECK(unused(replacements, &Replacement::from) == std::vector<std::string>{});
  CHECK(unused(without, &Exception::line) == std::vector<std::string>{});
  CHECK(unused(exits, &Exception::line) == std::vector<std::string>{});
}

TEST_CASE("every doctor command of the guides is one", "[docs]") {
  Documented world;
  const std::regex only{R"(doctor check --only ([a-z,]+))"};
  const auto list = nlohmann::json::parse(run_or_throw({doctor_binary(), "list", "checks", "--format", "json"}));
  std::set<std::string> checks;
  for (const auto& check : list) checks.insert(check.at("id").get<std::string>());
  std::set<std::string> done;
  for (const auto& page : test::pages_in("docs/guides"))
    for (const auto& shown : test::doctors_commands_of(page)) {
      std::smatch match;
      if (!done.insert(shown.text).second) continue;
      if (!std::regex_match(shown.text, match, only)) {
        expect_as_documented(shown, shown.text, 0, world);
        continue;
      }
      INFO(shown.page << ":" << shown.line << ": " << shown.text);
      for (const auto& check : util::split(match.str(1), ',')) CHECK(checks.count(check) == 1);
    }
  CHECK(done.size() > 30);
}

TEST_CASE("the packages that docs/usage.md names are those whose libraries the program loads", "[docs]") {
  if (run({"/usr/bin/env", "dpkg", "--version"}).exit != 0) return skip("this is no Debian");
  const auto release = read_file("/etc/os-release");
  if (release.find("VERSION_ID=\"12\"") == std::string::npos) return skip("this is not Debian 12");
  const std::regex library{R"re(\(NEEDED\).*\[(.*)\])re"};
  const auto dynamic = run_or_throw({"/usr/bin/env", "readelf", "-d", doctor_binary()});
  Arguments search{"/usr/bin/env", "dpkg", "-S"};
  for (std::sregex_iterator match{dynamic.begin(), dynamic.end(), library}, none; match != none; ++match)
    search.push_back("*/" + match->str(1));
  const auto owners = run(search);
  INFO(owners.out << owners.err);
  REQUIRE(owners.exit == 0);  // each library has one
  std::set<std::string> needed;
  for (const auto& line : util::split(owners.out, '\n')) needed.insert(line.substr(0, line.find(':')));
  needed.erase("");
  for (const auto* there_always : {"libc6", "libgcc-s1"}) needed.erase(there_always);
  auto named = test::words_of(runtime_packages());
  REQUIRE(named.size() > 3);
  named.erase(named.begin(), named.begin() + 3);
  CHECK(std::set<std::string>(named.begin(), named.end()) == needed);
}

}  // namespace doctor::lab
