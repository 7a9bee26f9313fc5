// Checks of somebody else, as a user meets them.

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr auto compose = R"(services:
  shop:
    image: shop
    environment: {TOKEN: hunter2hunter2, MODE: open}
)";

std::string script(const std::string& id, const std::string& run) {
  return "#!/bin/sh\nif [ \"$1\" = describe ]; then\n  echo '{\"schema\": \"doctor-plugin/v1\", \"id\": \"" + id +
         "\", \"title\": \"The shop is odd\"}'\nelse\n" + run + "\nfi\n";
}

const std::string odd = R"(echo '{"schema": "doctor-plugin/v1", "findings": [{"code": "odd", "severity": "warning",
 "subject": "service:shop", "evidence": [{"name": "seen", "value": "hunter2hunter2 \u001b[31m"}],
 "fix": [{"command": "true"}]}]}')";

struct Shop {
  Directory directory;
  Secrets secrets;
  Shop() {
    directory.write("compose.yaml", compose);
    secrets.add("hunter2hunter2");
  }
  void plugin(const std::string& path, const std::string& text, mode_t mode = 0755) const {
    directory.write(path, text, mode);
  }
  Result examine(Arguments more = {}) const {
    more.insert(more.end(), {"--allow-incomplete"});
    return check(directory.path(), secrets, more, options());
  }
  /// Who has plugins and options of his own, as the user of doctor.
  CommandOptions options() const {
    CommandOptions options;
    options.environment = Environment{{"PATH", "/usr/bin:/bin"},
                                      {"HOME", "/nonexistent"},
                                      {"LANG", "C.UTF-8"},
                                      {"DOCKER_HOST", "unix:///nonexistent/docker.sock"},
                                      {"XDG_CONFIG_HOME", directory.path("config")}};
    return options;
  }
  CommandResult refused(Arguments more) const {
    Arguments arguments{doctor_binary(), "check", directory.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto result = run(arguments);
    INFO(result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    return result;
  }
};

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

const auto finding = "plugin-odd-odd service:shop";
const Arguments only_odd{"--only", "plugin:odd"};

nlohmann::json check_called(const Result& result, const std::string& id) {
  for (const auto& one : result.report.at("checks"))
    if (one.at("id") == id) return one;
  return {};
}

}  // namespace

TEST_CASE("what a directory brings is not run", "[plugins]") {
  const Shop shop;
  shop.plugin(".doctor/checks/doctor-check-odd.sh", script("odd", "touch ran; " + odd));
  CHECK(check_called(shop.examine(), "plugin:odd").is_null());
  CHECK(run({"/bin/ls", shop.directory.path("ran")}).exit != 0);
  for (const auto* option : {"plugins: [.doctor/checks]", "nagios: ['odd=/bin/true']"}) {
    shop.directory.write("doctor.yaml", std::string{"options:\n  "} + option + "\n");
    CHECK(shop.refused({}).err.find("doctor.yaml:2") != std::string::npos);
  }
}

TEST_CASE("a plugin of the user is found, run, and counts", "[plugins]") {
  const Shop shop;
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", odd));
  const auto result = shop.examine();
  CHECK(holds(result.roots(), finding));
  CHECK(check_called(result, "plugin:odd").at("status") == "failed");
  CHECK(result.evidence("plugin-odd-odd", "seen").find("[redacted:TOKEN]") == 0);
  CHECK(shop.examine({"--only", "plugin:odd", "--fail-on", "warning"}).run.exit == 1);
  CHECK(shop.examine(only_odd).report.at("checks").size() == 1);
  CHECK(check_called(shop.examine({"--skip", "plugin:odd"}), "plugin:odd").at("status") == "skipped");
  CHECK(check_called(shop.examine({"--no-plugins"}), "plugin:odd").is_null());
  CHECK(check_called(shop.examine({"--only", "env"}), "plugin:odd").is_null());
  CHECK(shop.examine({"--only", "plugin:odd", "--ignore", "plugin-odd-odd"}).finding("plugin-odd-odd").at("ignored") ==
        true);
}

TEST_CASE("a plugin in the human report explains itself", "[plugins]") {
  const Shop shop;
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", odd));
  const auto text = run({doctor_binary(), "check", shop.directory.path(), "--only", "plugin:odd"}, shop.options()).out;
  CHECK(text.find("The shop is odd") != std::string::npos);
  CHECK(text.find("doctor explain") == std::string::npos);
}

TEST_CASE("a plugin that is told of the deployment learns no secret", "[plugins]") {
  const Shop shop;
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", "cat > told.json\nenv > environment\n" + odd));
  shop.examine(only_odd);
  const auto told = run({"/bin/cat", shop.directory.path("told.json")}).out;
  CHECK(told.find("\"MODE\"") != std::string::npos);
  CHECK(told.find("hunter2") == std::string::npos);
  CHECK(run({"/bin/cat", shop.directory.path("environment")}).out.find("HOME=") == std::string::npos);
}

TEST_CASE("a plugin that others may write to is not run", "[plugins]") {
  const Shop shop;
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", "touch ran; " + odd), 0777);
  const auto result = shop.examine();
  CHECK_FALSE(holds(result.roots(), finding));
  CHECK(holds(result.unexamined(), "plugin:odd"));
  CHECK(run({"/bin/ls", shop.directory.path("ran")}).exit != 0);
  shop.plugin("mine/doctor-check-odd.sh", script("odd", odd), 0777);
  shop.refused({"--plugins", shop.directory.path("mine")});
}

TEST_CASE("what the user names must be there", "[plugins]") {
  const Shop shop;
  shop.refused({"--plugins", shop.directory.path("nowhere")});
  shop.refused({"--only", "plugin:nothing"});
  shop.refused({"--skip", "plugin:nothing"});
  shop.refused({"--nagios", "disk"});
  shop.refused({"--nagios", "disk=check_disk"});
  shop.refused({"--nagios", "Disk=/bin/true"});
  shop.refused({"--nagios", "disk=/bin/true 'x"});
  shop.refused({"--nagios", "disk=/no/such/program"});
}

TEST_CASE("a plugin that hangs costs the time of a check", "[plugins]") {
  const Shop shop;
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", "sleep 100"));
  const auto result = shop.examine({"--only", "plugin:odd", "--check-timeout", "1s"});
  CHECK(check_called(result, "plugin:odd").at("status") == "unexamined");
  CHECK(result.report.at("run").at("duration_ms") < 4000);
}

TEST_CASE("a Nagios plugin is a check", "[plugins]") {
  const Shop shop;
  shop.plugin("check_thing", "#!/bin/sh\necho \"THING WARNING - $2 | 'a b'=7%;5;9\"\nexit 1\n");
  const auto command = "thing=" + shop.directory.path("check_thing") + " -w 'two words'";
  const auto result = shop.examine({"--only", "plugin:thing", "--nagios", command});
  CHECK(result.roots() == std::vector<std::string>{"plugin-thing-warning plugin:thing"});
  CHECK(result.evidence("plugin-thing-warning", "output") == "THING WARNING - two words");
  CHECK(result.evidence("plugin-thing-warning", "a b") == "7%, warning at 5, critical at 9");
  shop.directory.write("config/doctor/doctor.yaml", "options:\n  nagios:\n    - \"" + command + "\"\n");
  CHECK(shop.examine({"--only", "plugin:thing"}).roots().size() == 1);
}

TEST_CASE("a bundle remembers what plugins said", "[plugins]") {
  const Shop shop;
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", odd));
  const auto bundle = shop.directory.path("b.tar.gz");
  const auto live = run({doctor_binary(), "check", shop.directory.path(), "--only", "plugin:odd", "--bundle", bundle,
                         "--format", "json", "--allow-incomplete"},
                        shop.options());
  INFO(live.err);
  const auto seen = nlohmann::json::parse(live.out);
  REQUIRE(seen.at("findings").size() == 1);
  shop.plugin("config/doctor/checks/doctor-check-odd.sh", script("odd", "exit 9"));
  const auto again = run({doctor_binary(), "analyze", bundle, "--only", "plugin:odd", "--format", "json"});
  INFO(again.err);
  const auto report = nlohmann::json::parse(again.out);
  REQUIRE(report.at("findings").size() == 1);
  CHECK(report.at("findings").at(0).at("fingerprint") == seen.at("findings").at(0).at("fingerprint"));
}

}  // namespace doctor::lab
