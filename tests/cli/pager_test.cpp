// The pager of `explain` and `config`.

#include <csignal>

#include "cli/pseudo_terminal.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr auto code = "database-auth-failed";

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// Programs in place of a pager, and what they were given.
struct Pagers {
  Directory directory{"pagers"};
  std::string log = directory.path("log");

  /// A pager that notes its arguments, what LESS says, and the text.
  std::string noting(const std::string& name = "pager") const {
    directory.write(name,
                    "#!/bin/sh\n{ echo \"" + name +
                        "\"; for word; do echo \"<$word>\"; done; echo \"LESS=$LESS\"; cat; } >" + log + "\n",
                    0755);
    return directory.path(name);
  }
  std::string noted() const { return directory.exists("log") ? directory.read("log") : std::string{}; }
};

struct Shown {
  int exit = -1;
  std::string terminal;
};

Shown shown(const Arguments& arguments, const Environment& environment) {
  Arguments all{doctor_binary()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Terminal terminal{all, {environment}};
  const int exit = terminal.wait();
  return {exit, terminal.seen()};
}

}  // namespace

TEST_CASE("explain goes through the pager on a terminal", "[pager]") {
  const Pagers pagers;
  const auto result = shown({"explain", code}, {{"PAGER", pagers.noting() + " --flag 'two words'"}});
  CHECK(result.exit == 0);
  CHECK(result.terminal.empty());
  const auto noted = pagers.noted();
  INFO(noted);
  CHECK(noted.starts_with("pager\n<--flag>\n<two words>\nLESS=FRX\n"));
  CHECK(says(noted, code));
  CHECK(says(noted, "\x1b["));  // it is told to show colours
}

TEST_CASE("config goes through the pager, too, for people only", "[pager]") {
  const FilesCase files;
  const Pagers pagers;
  const Environment environment{{"PAGER", pagers.noting()}};
  CHECK(shown({"config", files.directory().path()}, environment).exit == 0);
  CHECK(says(pagers.noted(), "TOTP_ENCRYPTION_KEY"));
  pagers.directory.remove("log");
  CHECK(shown({"config", "--options", files.directory().path()}, environment).exit == 0);
  CHECK(says(pagers.noted(), "fail-on"));
  pagers.directory.remove("log");
  CHECK(says(shown({"config", files.directory().path(), "--format", "json"}, environment).terminal, "{"));
  CHECK(pagers.noted().empty());
}

TEST_CASE("which pager it is", "[pager]") {
  const Pagers pagers;
  const auto one = pagers.noting("one");
  const auto two = pagers.noting("two");
  pagers.noting("less");
  const auto pager_of = [&](Environment environment) {
    if (pagers.directory.exists("log")) pagers.directory.remove("log");
    environment.emplace_back("PATH", pagers.directory.path() + ":/usr/bin:/bin");
    const auto result = shown({"explain", code}, environment);
    CHECK(result.exit == 0);
    const auto noted = pagers.noted();
    CHECK(says(noted.empty() ? result.terminal : noted, code));
    return noted.substr(0, noted.find('\n'));
  };
  CHECK(pager_of({{"PAGER", one}}) == "one");
  CHECK(pager_of({{"DOCTOR_PAGER", two}, {"PAGER", one}}) == "two");
  CHECK(pager_of({}) == "less");
  CHECK(pager_of({{"PAGER", ""}}).empty());
  CHECK(pager_of({{"DOCTOR_PAGER", ""}, {"PAGER", one}}).empty());
  CHECK(pager_of({{"PAGER", "one 'two"}}).empty());  // a quote without an end
  CHECK(pager_of({{"PAGER", one}, {"TERM", "dumb"}}).empty());
  CHECK(pager_of({{"PAGER", one}, {"DOCTOR_NO_PAGER", "true"}}).empty());
  CHECK(pager_of({{"LESS", "R"}, {"PAGER", one}}) == "one");
  CHECK(says(pagers.noted(), "LESS=R\n"));
}

TEST_CASE("no pager is started where nobody reads it", "[pager]") {
  const Pagers pagers;
  const Environment environment{{"PAGER", pagers.noting()}};
  CHECK(says(shown({"explain", code, "--no-pager"}, environment).terminal, code));
  CHECK(shown({"explain", code, "--output", pagers.directory.path("text")}, environment).exit == 0);
  CHECK(says(pagers.directory.read("text"), code));
  CommandOptions piped;
  piped.environment = Environment{{"PATH", "/usr/bin:/bin"}, {"TERM", "xterm"}, {"PAGER", pagers.noting()}};
  CHECK(says(run({doctor_binary(), "explain", code}, piped).out, code));
  CHECK(pagers.noted().empty());
}

TEST_CASE("nothing of PAGER goes through a shell", "[pager]") {
  const Pagers pagers;
  const auto file = pagers.directory.path("made");
  for (const auto& pager : {pagers.noting() + "; touch " + file, "$(touch " + file + ")", "touch\t" + file + ";x"}) {
    const auto result = shown({"explain", code}, {{"PAGER", pager}});
    INFO(pager);
    CHECK(result.exit == 0);
    CHECK_FALSE(pagers.directory.exists("made"));
  }
  CHECK(says(shown({"explain", code}, {{"PAGER", "/nowhere/pager -R"}}).terminal, code));
}

TEST_CASE("a pager that dies or leaves early is no error", "[pager]") {
  const FilesCase files;
  const Pagers pagers;
  pagers.directory.write("killed", "#!/bin/sh\nkill -KILL $$\n", 0755);
  for (const auto& pager : {std::string{"false"}, std::string{"head -n 1"}, pagers.directory.path("killed")}) {
    INFO(pager);
    CHECK(shown({"explain", code}, {{"PAGER", pager}}).exit == 0);
    CHECK(shown({"config", files.directory().path()}, {{"PAGER", pager}}).exit == 0);
  }
}

TEST_CASE("Ctrl-C in a pager is a key like any other", "[pager][signal]") {
  const FilesCase files;
  const Pagers pagers;
  pagers.directory.write("pager",
                         "#!/bin/sh\ncat >/dev/null\ntrap 'caught=$((caught+1))' INT\necho paging\n"
                         "while [ \"${caught:-0}\" -lt 2 ]; do sleep 0.05; echo now; done\necho left\n",
                         0755);
  for (const auto& arguments : {Arguments{"explain", code}, Arguments{"config", files.directory().path()}}) {
    Arguments all{doctor_binary()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Terminal terminal{all, {{{"PAGER", pagers.directory.path("pager")}}}};
    terminal.read_until("paging");
    terminal.type("\x03");
    terminal.read_until("now", 4);
    terminal.type("\x03");
    INFO(terminal.seen());
    CHECK(terminal.wait() == 0);
    CHECK(says(terminal.seen(), "left"));
  }
}

}  // namespace doctor::lab
