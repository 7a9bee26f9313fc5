#include "diagnosis/causes.hpp"

#include "support/catch.hpp"

using doctor::Deployment;
using doctor::diagnosis::causes;
using doctor::diagnosis::Node;
using doctor::guides::Entry;

namespace {

Entry entry(std::string code, std::string severity) {
  Entry made;
  made.code = std::move(code);
  made.severity = std::move(severity);
  return made;
}

/// endpoint:app:80 -> service:app -> endpoint:db:5432, setting:app/URL -> setting:compose/PASSWORD -> file:.env
Deployment deployment() {
  Deployment made;
  made.edges = {{"endpoint:app:80", "service:app"},
                {"service:app", "endpoint:db:5432"},
                {"service:app", "setting:app/URL"},
                {"setting:app/URL", "setting:compose/PASSWORD"},
                {"setting:compose/PASSWORD", "file:.env"}};
  return made;
}

using Roots = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE("an error leads to what depends on its subject, through every step between") {
  const auto refused = entry("database-refused", "error");
  const auto degraded = entry("health-body-unexpected", "error");
  const std::vector<Node> nodes{{"database-refused", "endpoint:db:5432", &refused, 1},
                                {"health-body-unexpected", "endpoint:app:80", &degraded, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}});
}

TEST_CASE("of a chain only the root is named") {
  const auto file = entry("env-file-missing", "error");
  const auto missing = entry("env-required-missing", "error");
  const auto degraded = entry("health-body-unexpected", "error");
  const std::vector<Node> nodes{{"env-required-missing", "setting:compose/PASSWORD", &missing, 0},
                                {"env-file-missing", "file:.env", &file, 0},
                                {"health-body-unexpected", "endpoint:app:80", &degraded, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{1}, {}, {1}});
}

TEST_CASE("a consequence may have two roots") {
  const auto refused = entry("database-refused", "error");
  const auto missing = entry("env-required-missing", "error");
  const auto degraded = entry("health-body-unexpected", "error");
  const std::vector<Node> nodes{{"env-required-missing", "setting:compose/PASSWORD", &missing, 0},
                                {"database-refused", "endpoint:db:5432", &refused, 1},
                                {"health-body-unexpected", "endpoint:app:80", &degraded, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {}, {0, 1}});
}

TEST_CASE("a warning leads to nothing unless its entry says so") {
  auto weak = entry("env-example-value", "warning");
  const auto auth = entry("database-auth-failed", "error");
  const std::vector<Node> nodes{{"env-example-value", "setting:compose/PASSWORD", &weak, 0},
                                {"database-auth-failed", "setting:app/URL", &auth, 1}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {}});
  weak.leads_to = {"database-auth-failed"};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}});
}

TEST_CASE("leads-to narrows what an error leads to, by code or by entry") {
  auto refused = entry("database-refused", "error");
  refused.leads_to = {"app-health-degraded"};
  const auto degraded = entry("app-health-degraded", "error");
  const auto slow = entry("health-slow", "warning");
  const std::vector<Node> nodes{{"database-refused", "endpoint:db:5432", &refused, 1},
                                {"health-body-unexpected", "endpoint:app:80", &degraded, 2},
                                {"health-slow", "endpoint:app:80", &slow, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}, {}});
}

TEST_CASE("on one subject only an entry that names the other leads to it") {
  auto first = entry("a", "error");
  const auto second = entry("b", "error");
  const std::vector<Node> nodes{{"a", "service:app", &first, 0}, {"b", "service:app", &second, 1}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {}});
  first.leads_to = {"b"};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}});
}

TEST_CASE("what a later check finds never explains what an earlier one read") {
  const auto refused = entry("database-refused", "error");
  const auto duplicated = entry("compose-port-duplicated", "warning");
  const std::vector<Node> nodes{{"compose-port-duplicated", "service:app", &duplicated, 0},
                                {"database-refused", "endpoint:db:5432", &refused, 1}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {}});
}

TEST_CASE("a circle of dependencies leaves a root") {
  auto circle = deployment();
  circle.edges.push_back({"endpoint:db:5432", "service:app"});
  const auto a = entry("a", "error");
  const auto b = entry("b", "error");
  const std::vector<Node> nodes{{"a", "service:app", &a, 1}, {"b", "endpoint:db:5432", &b, 1}};
  CHECK(causes(nodes, circle) == Roots{{}, {0}});
}

TEST_CASE("an effect follows from what a later check found") {
  auto restarting = entry("container-restarting", "error");
  const auto auth = entry("database-auth-failed", "error");
  const std::vector<Node> nodes{{"container-restarting", "service:app", &restarting, 1},
                                {"database-auth-failed", "setting:app/URL", &auth, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {}});
  restarting.effect = true;
  CHECK(causes(nodes, deployment()) == Roots{{1}, {}});
}

TEST_CASE("an effect upstream is the cause of what depends on it, not the other way round") {
  auto exited = entry("container-exited", "error");
  exited.effect = true;
  const auto degraded = entry("health-body-unexpected", "error");
  const std::vector<Node> nodes{{"container-exited", "service:app", &exited, 1},
                                {"health-body-unexpected", "endpoint:app:80", &degraded, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}});
}

TEST_CASE("on one subject an error leads to an effect") {
  auto restarting = entry("container-restarting", "error");
  restarting.effect = true;
  const auto log = entry("app-key-unreadable", "error");
  const std::vector<Node> nodes{{"container-restarting", "service:app", &restarting, 1},
                                {"log-signature", "service:app", &log, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{1}, {}});
}

TEST_CASE("a fault of an endpoint leads to its service only by name") {
  auto taken = entry("port-in-use", "error");
  auto created = entry("container-not-started", "error");
  created.effect = true;
  const std::vector<Node> nodes{{"port-in-use", "endpoint:app:80", &taken, 1},
                                {"container-not-started", "service:app", &created, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {}});
  taken.leads_to = {"container-not-started"};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}});
}

TEST_CASE("what runs does not explain what is written in a file") {
  const auto exited = entry("container-exited", "error");
  const auto limit = entry("limit-upload-proxy-smaller", "error");
  std::vector<Node> nodes{{"container-exited", "endpoint:db:5432", &exited, 1},
                          {"limit-upload-proxy-smaller", "service:app", &limit, 2}};
  CHECK(causes(nodes, deployment()) == Roots{{}, {0}});
  nodes[1].is_about_files = true;
  CHECK(causes(nodes, deployment()) == Roots{{}, {}});
}
