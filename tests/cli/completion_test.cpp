#include "cli/completion.hpp"

#include <algorithm>
#include <set>

#include "lab/command.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace {

using doctor::cli::Candidate;
using doctor::cli::CommandHelp;
using doctor::cli::Completion;
using doctor::cli::OptionHelp;
using doctor::cli::Vocabulary;
using doctor::lab::Arguments;
using doctor::lab::Directory;
using doctor::lab::run;
using Words = std::set<std::string>;

const std::string doctor_binary = doctor::test::binary_path("doctor");

OptionHelp positional(const std::string& name) {
  OptionHelp option;
  option.names = {name};
  option.positional = true;
  return option;
}

OptionHelp valued(const std::string& name, std::vector<std::string> choices = {}, bool repeatable = false) {
  OptionHelp option;
  option.names = {name};
  option.value = "TEXT";
  option.choices = std::move(choices);
  option.repeatable = repeatable;
  return option;
}

std::vector<CommandHelp> commands() {
  OptionHelp offline;
  offline.names = {"--offline"};
  return {{"check",
           "Examine",
           {positional("DIR"), valued("--only", {}, true), valued("--color", {"auto", "always", "never"}),
            valued("--set"), valued("--output"), offline}},
          {"explain", "Show", {positional("CODE")}}};
}

Vocabulary vocabulary() {
  Vocabulary words;
  words.checks = [] { return std::vector<Candidate>{{"env", ""}, {"disk", ""}, {"database", ""}}; };
  words.codes = [] { return std::vector<Candidate>{{"disk-full", "The disk is full"}}; };
  words.systems = [] { return std::vector<Candidate>{}; };
  words.services = [](const std::string&) { return std::vector<Candidate>{}; };
  words.settings = [](const std::string& directory) {
    return std::vector<Candidate>{{directory == "/srv" ? "app.PORT=" : "other.PORT=", ""}};
  };
  return words;
}

Completion at(const std::vector<std::string>& words) {
  return complete(commands(), vocabulary(), words);
}

Words offered(const std::vector<std::string>& words) {
  Words found;
  for (const auto& candidate : at(words).candidates) found.insert(candidate.word);
  return found;
}

TEST_CASE("the first word is a command") {
  CHECK(offered({""}) == Words{"check", "explain"});
  CHECK(offered({"ch"}) == Words{"check"});
  CHECK(offered({"zz"}).empty());
  CHECK(offered({"nothing", ""}).empty());
}

TEST_CASE("options are offered once, those that may be repeated again") {
  CHECK(offered({"check", "--o"}) == Words{"--only", "--output", "--offline"});
  CHECK(offered({"check", "--offline", "--o"}) == Words{"--only", "--output"});
  CHECK(offered({"check", "--only", "env", "--on"}) == Words{"--only"});
}

TEST_CASE("the value of an option, in both spellings, and the last part of a list") {
  CHECK(offered({"check", "--only", "d"}) == Words{"disk", "database"});
  CHECK(offered({"check", "--only=d"}) == Words{"--only=disk", "--only=database"});
  CHECK(offered({"check", "--only", "env,di"}) == Words{"env,disk"});
  CHECK(offered({"check", "--color", "a"}) == Words{"auto", "always"});
}

TEST_CASE("settings come from the directory that was named") {
  CHECK(offered({"check", "/srv", "--set", ""}) == Words{"app.PORT="});
  CHECK(offered({"check", "--set", ""}) == Words{"other.PORT="});
  CHECK(offered({"check", "--set", "app.PORT=8"}).empty());
}

TEST_CASE("paths are left to the shell") {
  CHECK(at({"check", ""}).files == "directory");
  CHECK(at({"check", "--output", ""}).files == "file");
  CHECK(at({"check", "/srv", ""}).files.empty());
  CHECK(at({"explain", "d"}).files.empty());
}

TEST_CASE("the program offers its own checks, codes and the settings of a directory") {
  const Directory directory;
  directory.write("docker-compose.yml", "services:\n  shop:\n    image: shop\n    environment: {PORT: '1'}\n");
  const auto lines = [](const Arguments& words) {
    Arguments all{doctor_binary, "__complete", "--"};
    all.insert(all.end(), words.begin(), words.end());
    const auto result = run(all);
    CHECK(result.exit == 0);
    return result.out;
  };
  CHECK(lines({"check", "--only", "web"}).starts_with("websocket\t"));
  CHECK(lines({"explain", "redis-auth-f"}).starts_with("redis-auth-failed\t"));
  CHECK(lines({"check", directory.path(), "--set", ""}).find("shop.PORT=") != std::string::npos);
  CHECK(lines({"check", "--color", "n"}) == "never\n:\n");
  CHECK(lines({"diff", "before.json", ""}) == ":file\n");
}

/// What a shell really offers after `line`.
std::string in_bash(const std::string& line) {
  const auto script =
      "source <(\"$1\" completion bash); complete -p doctor >/dev/null || exit 9\n"
      "COMP_LINE=\"" +
      line +
      "\"; read -ra COMP_WORDS <<<\"$COMP_LINE\"\n"
      "[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')\n"
      "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_WORDS[0]=$1; compopt() { :; }\n"
      "_doctor; printf '%s\\n' \"${COMPREPLY[@]}\"";
  return run({"/bin/bash", "--norc", "-c", script, "bash", doctor_binary}).out;
}

TEST_CASE("bash completes commands, options and values") {
  CHECK(in_bash("doctor expl") == "explain\n");
  CHECK(in_bash("doctor check --only webs") == "websocket\n");
  CHECK(in_bash("doctor check --color ne") == "never\n");
}

TEST_CASE("every shell has a script, and no other name has one") {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto result = run({doctor_binary, "completion", shell});
    CHECK(result.exit == 0);
    CHECK(result.out.find("__complete --") != std::string::npos);
  }
  CHECK(run({doctor_binary, "completion", "tcsh"}).exit == 2);
}

TEST_CASE("zsh and fish accept their scripts, and fish completes with it") {
  const Directory directory;
  directory.write("_doctor", *doctor::cli::completion_script("zsh"));
  directory.write("doctor.fish", *doctor::cli::completion_script("fish"));
  const auto zsh = run({"/usr/bin/env", "zsh", "-n", directory.path() + "/_doctor"});
  INFO(zsh.err);
  CHECK(zsh.exit == 0);
  const auto at_fish = [&](const std::string& line) {
    const auto script = "set -x PATH " + doctor::test::binary_path("") + " $PATH; source " + directory.path() +
                        "/doctor.fish; complete -C '" + line + "'";
    const auto result = run({"/usr/bin/env", "fish", "--no-config", "-c", script});
    INFO(result.err);
    CHECK(result.exit == 0);
    return result.out;
  };
  CHECK(at_fish("doctor expl").starts_with("explain\t"));
  CHECK(at_fish("doctor check --only webs").starts_with("websocket\t"));
}

}  // namespace
