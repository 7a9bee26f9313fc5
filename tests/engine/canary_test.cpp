// A secret of its own in every place of containers, and a search for all of them in everything that doctor writes.

#include <algorithm>
#include <fstream>
#include <optional>

#include "canary/outputs.hpp"
#include "lab/docker_engine.hpp"
#include "lab/env_file.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"
#include "support/disguise.hpp"

namespace doctor::lab {
namespace {

class Nest {
 public:
  Nest() {
    const auto password = made("password of the database");
    stack_.files().password(password);
    stack_.change(of_chatalot(), of_postgres());
    stack_.up();
    const auto address = stack_.inspect("postgres", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    session_.emplace("postgres://chatalot:" + password + "@" + address.substr(0, address.find('\n')) + "/chatalot");
    fail("ALTER ROLE nobody PASSWORD '" + made("statement in a log") + "'");
    for (const auto& [name, text] : test::disguises(password)) fail("SELECT 1 /* " + text + " */ FROM nowhere");
    std::ofstream{stack_.directory().path(".env"), std::ios::app}
        << "# OLD_TOKEN=" << made("comment in .env") << "\nMAIL_PASSWORD=" << made("entry that nothing uses") << "\n";
  }

  DockerStack& stack() { return stack_; }
  const std::vector<canary::Canary>& canaries() const { return canaries_; }

 private:
  std::string made(const std::string& place) {
    canaries_.push_back({place, "cnry" + random_alphanumeric(20) + "7"});
    return canaries_.back().secret;
  }

  std::string of_chatalot() {
    return "    environment:\n      EXTRA_API_TOKEN: " + made("environment of a container") +
           "\n      AMQP_URL: amqp://app:" + made("URL in the environment of a container") +
           "@queue:5672/\n    labels:\n      com.acme.api-key: " + made("label of a container") +
           "\n      com.acme.hook: https://hook:" + made("URL in a label") +
           "@hooks.acme-corp.de/x\n    healthcheck:\n      test: [\"CMD-SHELL\", \"true --token " +
           made("health check") + "\"]\n      interval: 1s\n";
  }

  /// What stands on the command line is in the Engine's answers and in /proc.
  std::string of_postgres() {
    return "    command: [\"database\", \"-c\", \"primary_conninfo=host=standby password=" +
           made("argument of a process") +
           "\"]\n    environment:\n      PGPASSWORD: " + made("environment of another container") + "\n";
  }

  void fail(const std::string& sql) { CHECK_THROWS(session_->execute(sql)); }

  DockerStack stack_;
  std::vector<canary::Canary> canaries_;
  std::optional<Session> session_;
};

}  // namespace

TEST_CASE("no secret of containers can be read from anything that doctor writes", "[engine][canary]") {
  Nest nest;
  const auto outputs = canary::all_outputs(nest.stack().directory().path(), {},
                                           [&](const Arguments& words) { return nest.stack().doctor(words); });
  const auto found = canary::leaks(outputs, nest.canaries());
  for (const auto& one : found) {
    INFO(one);
    CHECK(one.empty());
  }
  // They were there to be found.
  for (const std::string part : {"containers/chatalot", "logs/postgres.log", "host/processes/postgres.txt"}) {
    CAPTURE(part);
    const auto output = std::find_if(outputs.begin(), outputs.end(), [&](const canary::Output& one) {
      return one.name.find("one.tar.gz: " + part) == 0 && one.bytes.find("[redacted:") != std::string::npos;
    });
    CHECK((output != outputs.end()));
  }
}

}  // namespace doctor::lab
