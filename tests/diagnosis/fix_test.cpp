#include "diagnosis/fix.hpp"

#include "support/catch.hpp"

using doctor::Deployment;
using doctor::diagnosis::fix_steps;
using doctor::diagnosis::Names;
using doctor::diagnosis::verification;
using doctor::guides::Entry;
using doctor::guides::Step;

namespace {

Step step(std::string kind, std::string text, std::string when = {}) {
  Step made;
  made.kind = std::move(kind);
  made.text = std::move(text);
  made.when = std::move(when);
  return made;
}

Entry entry(std::vector<Step> steps) {
  Entry made;
  made.fix = std::move(steps);
  return made;
}

Deployment with_compose() {
  Deployment made;
  made.compose_file = "docker-compose.yml";
  return made;
}

}  // namespace

TEST_CASE("prose leads to the step that follows it") {
  const auto steps = fix_steps(entry({step("text", "Look:"), step("command", "ls {path}")}), {}, {{"path", "a b"}}, {});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].text == "Look:");
  CHECK(steps[0].command == "ls 'a b'");
}

TEST_CASE("a step without its value goes, and its prose with it") {
  const auto steps =
      fix_steps(entry({step("text", "Gone:"), step("command", "ls {path}"), step("command", "ls")}), {}, {}, {});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].text.empty());
  CHECK(steps[0].command == "ls");
}

TEST_CASE("when no step is left the prose remains as a note") {
  const auto steps = fix_steps(entry({step("text", "Restore {path}."), step("command", "cp x {path}")}), {}, {}, {});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].kind == "note");
  CHECK(steps[0].text == "Restore <path>.");
}

TEST_CASE("a step is offered only to the kind of deployment that it is for") {
  const auto both =
      entry({step("command", "docker compose up -d", "compose"), step("command", "systemctl restart x", "process")});
  REQUIRE(fix_steps(both, {}, {}, with_compose()).size() == 1);
  CHECK(fix_steps(both, {}, {}, with_compose())[0].command == "docker compose up -d");
  REQUIRE(fix_steps(both, {}, {}, {}).size() == 1);
  CHECK(fix_steps(both, {}, {}, {})[0].command == "systemctl restart x");
  const auto cluster =
      entry({step("command", "docker compose up -d", "compose"), step("command", "systemctl restart x", "process"),
             step("command", "kubectl rollout restart x", "kubernetes")});
  doctor::Deployment manifests;
  manifests.manifests = {{"rendered.yaml", "manifests"}};
  REQUIRE(fix_steps(cluster, {}, {}, manifests).size() == 1);
  CHECK(fix_steps(cluster, {}, {}, manifests)[0].command == "kubectl rollout restart x");
  CHECK(fix_steps(cluster, {}, {}, with_compose())[0].command == "docker compose up -d");
}

TEST_CASE("an edit of .env that no process would see is not effective and says what to edit") {
  auto deployment = with_compose();
  doctor::Setting pinned;
  pinned.service = "app";
  pinned.name = "LIMIT";
  pinned.reach = doctor::Reach::pinned;
  pinned.passed_at = doctor::Place{"docker-compose.yml", 14, 0};
  deployment.settings = {pinned};
  auto edit = step("edit", "LIMIT=5");
  edit.language = "env";
  edit.file = ".env";
  const auto steps = fix_steps(entry({edit}), {}, {}, deployment);
  REQUIRE(steps.size() == 1);
  CHECK_FALSE(steps[0].effective);
  CHECK(steps[0].instead.find("docker-compose.yml:14") != std::string::npos);
  const auto instead =
      fix_steps(entry({edit}), {}, {{"override_file", "o.yml"}, {"service", "app"}}, deployment)[0].instead;
  CHECK(instead.find("LIMIT: '5'") != std::string::npos);
}

TEST_CASE("a command for a reverse proxy is said to the one that is there") {
  const std::string nginx = "sudo nginx -t && sudo systemctl reload nginx";
  const std::string caddy = "caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy";
  const auto commands = [](std::vector<std::string> written, const std::vector<doctor::Proxy>& proxies,
                           const std::string& subject = {}, const Names& names = {}) {
    std::vector<Step> steps;
    for (auto& command : written) steps.push_back(step("command", std::move(command)));
    auto deployment = with_compose();
    deployment.proxies = proxies;
    std::vector<std::string> offered;
    for (const auto& one : fix_steps(entry(std::move(steps)), subject, names, deployment))
      offered.push_back(one.command);
    return offered;
  };
  using All = std::vector<std::string>;
  const doctor::Proxy host{"nginx", "", "/etc/nginx/nginx.conf", "file:/etc/nginx/nginx.conf"};
  const doctor::Proxy web{"nginx", "web", "/etc/nginx/nginx.conf", "service:web"};
  const doctor::Proxy caddy_host{"caddy", "", "/etc/caddy/Caddyfile", "file:/etc/caddy/Caddyfile"};
  const doctor::Proxy edge{"caddy", "edge", "/config/Caddyfile", "service:edge"};
  const doctor::Proxy balancer{"haproxy", "lb", "/usr/local/etc/haproxy/haproxy.cfg", "service:lb"};
  const doctor::Proxy traefik{"traefik", "", "", "file:docker-compose.yml"};

  SECTION("as it is written where no proxy is known, or where it runs on the host") {
    CHECK(commands({nginx}, {}) == All{nginx});
    CHECK(commands({nginx}, {host}) == All{nginx});
  }
  SECTION("in a container") {
    const std::string inside = "docker compose exec web nginx -t && docker compose exec web nginx -s reload";
    CHECK(commands({nginx}, {web}) == All{inside});
    CHECK(commands({"sudo nginx -t\nsudo systemctl reload nginx"}, {web}) ==
          All{"docker compose exec web nginx -t\ndocker compose exec web nginx -s reload"});
    CHECK(commands({"sudo nginx -T | grep -n listen"}, {web}) ==
          All{"docker compose exec web nginx -T | grep -n listen"});
    CHECK(commands({"certbot renew && nginx -t && nginx -s reload"}, {web}) == All{"certbot renew && " + inside});
    CHECK(commands({caddy}, {edge}) == All{"docker compose exec edge caddy validate --config /config/Caddyfile && "
                                           "docker compose exec edge caddy reload --config /config/Caddyfile"});
  }
  SECTION("another program") {
    CHECK(commands({nginx}, {caddy_host}) ==
          All{"sudo caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy"});
    CHECK(commands({nginx}, {balancer}) ==
          All{"docker compose exec lb haproxy -c -f /usr/local/etc/haproxy/haproxy.cfg && "
              "docker compose kill -s HUP lb"});
    CHECK(commands({"sudo nginx -t"}, {caddy_host}) == All{"sudo caddy validate --config /etc/caddy/Caddyfile"});
    CHECK(commands({"sudo nginx -T | grep -n listen"}, {caddy_host}).empty());
    CHECK(commands({nginx}, {traefik}).empty());
  }
  SECTION("where the guide has a step for each, that of the proxy which is there") {
    CHECK(commands({nginx, caddy}, {host}) == All{nginx});
    CHECK(commands({nginx, caddy}, {caddy_host}) == All{caddy});
  }
  SECTION("of several, the one that the finding is about") {
    CHECK(commands({nginx}, {host, web}) == All{nginx});
    CHECK(commands({nginx}, {host, web}, "service:web") ==
          All{"docker compose exec web nginx -t && docker compose exec web nginx -s reload"});
    CHECK(commands({nginx, caddy}, {host, caddy_host}, "endpoint:app:public", {{"proxy", "caddy"}}) == All{caddy});
  }
  SECTION("paths, options and Docker's own commands are no words to a proxy") {
    const All untouched{"grep -rn 'localhost' /etc/nginx /etc/caddy", "certbot --nginx",
                        "docker compose exec nginx nginx -s reload"};
    CHECK(commands(untouched, {edge}) == untouched);
  }
}

TEST_CASE("how to verify fits the kind of deployment") {
  const auto verified = [](const std::string& command, const Deployment& deployment, const Names& names = {}) {
    Entry made;
    made.verify = command;
    return verification(made, "logs", names, deployment);
  };
  Deployment cluster;
  cluster.manifests.push_back({"app.yaml", "manifests"});
  const std::string own = "doctor check --only logs";
  CHECK(verified("docker compose logs web", with_compose()) == "docker compose logs web");
  CHECK(verified("docker compose logs web", {}) == own);
  CHECK(verified("docker compose logs web", cluster) == own);
  CHECK(verified("kubectl get pods", cluster) == "kubectl get pods");
  CHECK(verified("helm test x", with_compose()) == own);
  CHECK(verified("curl -s {url}", {}, {{"url", "http://x"}}) == "curl -s http://x");
  CHECK(verified("curl -s {url}", {}) == own);
}
