// doctor.yaml's `options`: where it is found, what wins, mistakes in it, and `config --options`.

#include <algorithm>

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// A deployment two levels below a project, and a home of its own.
struct Site {
  Directory directory;
  std::string deployment;
  std::string home;
  Arguments through;  ///< what starts doctor; empty: nothing

  Site() : deployment{directory.path("deploy/shop")}, home{directory.path("home")} {
    directory.write("deploy/shop/compose.yaml", "services:\n  shop:\n    image: shop\n");
    directory.make("home");
  }

  CommandResult run_with(const Arguments& arguments, const Environment& more = {}) const {
    CommandOptions options;
    options.environment = more;
    options.environment->emplace_back("PATH", "/usr/bin:/bin");
    const auto is_home = [](const auto& variable) { return variable.first == "HOME"; };
    if (std::none_of(more.begin(), more.end(), is_home)) options.environment->emplace_back("HOME", home);
    auto all = through;
    all.push_back(doctor_binary());
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run(all, options);
  }

  /// The option as `config --options` shows it.
  nlohmann::json option(const std::string& name, const Environment& more = {}, const Arguments& flags = {}) const {
    Arguments arguments{"config", deployment, "--options", "--format", "json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const auto result = run_with(arguments, more);
    INFO(result.err);
    CHECK(result.exit == 0);
    for (const auto& item : nlohmann::json::parse(result.out))
      if (item.at("name") == name) return item;
    FAIL("no option " << name);
    return {};
  }

  std::string refusal(const Arguments& arguments) const {
    const auto result = run_with(arguments);
    INFO(result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    return result.err;
  }
};

}  // namespace

TEST_CASE("flag, environment, project, user, built-in: the first wins, and is named", "[options]") {
  const Site site;
  CHECK(site.option("fail-on").at("origin") == "built-in");
  CHECK(site.option("fail-on").at("value") == "error");
  CHECK(site.option("timeout").at("value") == "30s");
  site.directory.write("home/.config/doctor/doctor.yaml", "options:\n  fail-on: info\n  timeout: 11s\n");
  CHECK(site.option("fail-on").at("value") == "info");
  CHECK(site.option("fail-on").at("origin") == "user");
  CHECK(site.option("fail-on").at("place") == site.home + "/.config/doctor/doctor.yaml:2");
  site.directory.write("deploy/shop/doctor.yaml", "options:\n  fail-on: warning\n  skip: [redis, logs]\n");
  CHECK(site.option("fail-on").at("value") == "warning");
  CHECK(site.option("fail-on").at("origin") == "project");
  CHECK(site.option("fail-on").at("place") == site.deployment + "/doctor.yaml:2");
  CHECK(site.option("skip").at("value") == "redis,logs");
  CHECK(site.option("timeout").at("origin") == "user");
  const auto by_environment = site.option("fail-on", {{"DOCTOR_FAIL_ON", "never"}});
  CHECK(by_environment.at("value") == "never");
  CHECK(by_environment.at("place") == "DOCTOR_FAIL_ON");
  const auto by_flag = site.option("color", {{"DOCTOR_COLOR", "never"}}, {"--color", "always"});
  CHECK(by_flag.at("value") == "always");
  CHECK(by_flag.at("origin") == "flag");
}

TEST_CASE("XDG_CONFIG_HOME stands for ~/.config", "[options]") {
  const Site site;
  site.directory.write("home/.config/doctor/doctor.yaml", "options: {fail-on: info}\n");
  site.directory.write("xdg/doctor/doctor.yaml", "options: {fail-on: warning}\n");
  CHECK(site.option("fail-on", {{"XDG_CONFIG_HOME", site.directory.path("xdg")}}).at("value") == "warning");
  CHECK(site.option("fail-on", {{"XDG_CONFIG_HOME", "relative"}}).at("value") == "info");
}

TEST_CASE("/etc/doctor/doctor.yaml is below the user's, and above what is built in", "[options]") {
  if (!is_root()) return;  // it stands in a mount namespace of its own
  Site site;
  site.directory.write("etc/doctor/doctor.yaml", "options:\n  fail-on: info\n  timeout: 12s\n");
  site.through = {"/usr/bin/unshare",        "--mount", "sh", "-c", "mount --bind \"$0\" /etc && exec \"$@\"",
                  site.directory.path("etc")};
  CHECK(site.option("fail-on").at("value") == "info");
  CHECK(site.option("fail-on").at("origin") == "system");
  CHECK(site.option("fail-on").at("place") == "/etc/doctor/doctor.yaml:2");
  site.directory.write("home/.config/doctor/doctor.yaml", "options: {fail-on: warning}\n");
  CHECK(site.option("fail-on").at("origin") == "user");
  CHECK(site.option("timeout").at("origin") == "system");
  CHECK(site.option("check-timeout").at("origin") == "built-in");
}

TEST_CASE("doctor.yaml is looked for upwards, up to a limit", "[options]") {
  const Site site;
  site.directory.write("doctor.yaml", "options: {fail-on: info}\n");
  CHECK(site.option("fail-on").at("place") == site.directory.path("doctor.yaml") + ":1");
  site.directory.make("deploy/.git");
  CHECK(site.option("fail-on").at("origin") == "built-in");
  site.directory.write("deploy/doctor.yaml", "options: {fail-on: warning}\n");
  CHECK(site.option("fail-on").at("value") == "warning");
  site.directory.mode("deploy", 0777);  // anybody could have put it there
  CHECK(site.option("fail-on").at("origin") == "built-in");
}

TEST_CASE("the way up ends at the home directory", "[options]") {
  const Site site;
  site.directory.write("doctor.yaml", "options: {fail-on: info}\n");
  CHECK(site.option("fail-on", {{"HOME", site.directory.path("deploy")}}).at("origin") == "built-in");
}

TEST_CASE("a described system is found upwards, too", "[options]") {
  const Site site;
  site.directory.write("doctor.yaml", "system:\n  name: shop\n  services:\n    shop: {}\n");
  const auto result = site.run_with({"check", site.deployment, "--format", "json", "--allow-incomplete"});
  CHECK(nlohmann::json::parse(result.out).at("deployment").at("system") == "shop");
}

TEST_CASE("options of a file are used", "[options]") {
  const Site site;
  site.directory.write("deploy/shop/doctor.yaml",
                       "options:\n  format: json\n  only: [env]\n  allow-incomplete: true\n");
  const auto result = site.run_with({"check", site.deployment});
  CHECK(result.exit == 0);
  const auto report = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  CHECK(report.at("checks").size() == 1);
  CHECK(site.run_with({"check", site.deployment, "--format", "human"}).out.front() != '{');
}

TEST_CASE("a format that another command knows is not for this one", "[options]") {
  const Site site;
  site.directory.write("home/.config/doctor/doctor.yaml", "options: {format: markdown}\n");
  CHECK(site.run_with({"explain", "ignore-stale"}).exit == 0);
  CHECK(site.run_with({"list", "checks"}).out.front() == '#');
}

TEST_CASE("mistakes in options are named with file and line", "[options]") {
  const Site site;
  const auto file = std::string{"deploy/shop/doctor.yaml"};
  const auto refusal = [&](const std::string& text) {
    site.directory.write(file, text);
    const auto message = site.refusal({"check", site.deployment});
    INFO(text << message);
    CHECK(says(message, site.deployment + "/doctor.yaml:2:"));
    return message;
  };
  CHECK(says(refusal("options:\n  fial-on: info\n"), "fail-on"));
  CHECK(says(refusal("options:\n  fail-on: disaster\n"), "fail-on"));
  CHECK(says(refusal("options:\n  fail-on: [info, error]\n"), "fail-on"));
  CHECK(says(refusal("options:\n  timeout: soon\n"), "timeout"));
  CHECK(says(refusal("options:\n  offline: maybe\n"), "offline"));
  CHECK(says(refusal("options:\n  format: yaml\n"), "format"));
  CHECK(says(refusal("options:\n  help: true\n"), "help"));
  refusal("options:\n  only: {a: b}\n");
  refusal("options:\n  only:\n");
}

TEST_CASE("a user's file holds options alone", "[options]") {
  const Site site;
  site.directory.write("home/.config/doctor/doctor.yaml", "system: {name: shop}\n");
  CHECK(says(site.refusal({"check", site.deployment}), ".config/doctor/doctor.yaml"));
}

TEST_CASE("a file of somebody else is refused", "[options]") {
  const Site site;
  site.directory.write("home/.config/doctor/doctor.yaml", "options: {fail-on: info}\n", 0666);
  CHECK(says(site.refusal({"check", site.deployment}), "written by everybody"));
}

TEST_CASE("config --options shows no secret", "[options]") {
  const Site site;
  const Arguments flags{"--set", "shop.PASSWORD=hunter2hunter2", "--url", "shop=http://me:hunter2hunter2@127.0.0.1:1"};
  Arguments arguments{"config", site.deployment, "--options"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const auto result = site.run_with(arguments);
  CHECK(result.exit == 0);
  CHECK(says(result.out, "shop.PASSWORD"));
  CHECK_FALSE(says(result.out, "hunter2"));
}

}  // namespace doctor::lab
