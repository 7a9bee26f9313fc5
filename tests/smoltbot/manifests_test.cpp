// The project's Helm chart, rendered: as it is shipped, corrected, and with one fault at a time.
#include <algorithm>

#include "lab/command.hpp"
#include "lab/smoltbot_lab.hpp"
#include "smoltbot/helm_case.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

constexpr int healthy = 0;
constexpr int warnings = 0;
constexpr int errors = 1;

const Root no_jwt_secret{"smoltbot-supabase-jwt-secret-missing", "env-required-missing", "env",
                         "setting:observer/SUPABASE_JWT_SECRET"};
const Root observer_probes{"smoltbot-observer-probes-fail", "manifest-probe-without-server", "manifests",
                           "service:observer"};
const Root hook_too_early{"smoltbot-migrate-hook-too-early", "manifest-hook-too-early", "manifests", "service:migrate"};
const Root no_command{"smoltbot-migrate-command-missing", "manifest-command-missing", "manifests", "service:migrate"};
const Root values_ignored{"smoltbot-helm-values-ignored", "manifest-values-ignored", "manifests", "file:values.yaml"};
const Root test_blocked{"smoltbot-helm-test-blocked", "manifest-test-blocked", "manifests", "file:rendered.yaml"};

Root blocked(const std::string& setting) {
  return {"smoltbot-network-policy-blocks-egress", "manifest-egress-blocked", "manifests",
          "setting:gateway/" + setting};
}

Root at_gateway(const std::string& entry, const std::string& code) {
  return {entry, code, "manifests", "service:gateway"};
}

void expect_one(const HelmCase& chart, const Root& root, int exit) {
  const auto result = chart.check();
  expect_roots(result, {root}, exit);
  expect_finding(result, root);
}

std::string ingress(const std::string& annotations, const std::string& path) {
  return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: smoltbot-mnemom-gateway\n  "
         "annotations:\n" +
         annotations +
         "spec:\n  ingressClassName: nginx\n  rules:\n    - host: gateway.example.org\n      http:\n        paths:\n"
         "          - path: " +
         path +
         "\n            pathType: Prefix\n            backend:\n              service:\n"
         "                name: smoltbot-mnemom-gateway\n                port:\n                  number: 8787\n";
}

const std::string body = "    nginx.ingress.kubernetes.io/proxy-body-size: 10m\n";
const std::string timeout = "    nginx.ingress.kubernetes.io/proxy-read-timeout: \"300\"\n";

const std::string job =
    "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: smoltbot-mnemom-gateway-migrate\nspec:\n  template:\n"
    "    metadata:\n      labels:\n        app.kubernetes.io/component: migration\n    spec:\n      containers:\n"
    "        - name: migrate\n          image: \"IMAGE\"\n          args: [\"migrate\"]\n";

std::string job_of(const std::string& image) {
  auto text = job;
  replace(text, "IMAGE", image);
  return text;
}

}  // namespace

TEST_CASE("the chart as it is shipped cannot work, and every reason is told", "[manifests]") {
  const auto result = HelmCase{}.check();
  const std::vector<Root> roots{no_jwt_secret, observer_probes, hook_too_early,
                                no_command,    values_ignored,  test_blocked};
  expect_roots(result, roots, errors);
  for (const auto& root : roots) expect_finding(result, root);
  CHECK(result.report.at("deployment").at("system") == "smoltbot");
  CHECK(result.evidence("smoltbot-migrate-hook-too-early", "missing") ==
        "ServiceAccount smoltbot-mnemom-gateway, ConfigMap smoltbot-mnemom-gateway, Secret smoltbot-mnemom-gateway");
}

TEST_CASE("the chart, corrected, gives no finding", "[manifests]") {
  const auto result = HelmCase{}.corrected().check();
  CHECK(result.roots().empty());
  CHECK(result.run.exit == healthy);
}

TEST_CASE("a port that the chart's policy does not let out", "[manifests]") {
  SECTION("the guide's own example of Redis with TLS") {
    expect_one(HelmCase{}.corrected().secret("REDIS_URL", "rediss://smoltbot-redis:6380"), blocked("REDIS_URL"),
               errors);
  }
  SECTION("PostgREST") {
    expect_one(HelmCase{}.corrected().secret("SUPABASE_URL", "http://rest.example.com:3000"), blocked("SUPABASE_URL"),
               errors);
  }
  SECTION("a collector") {
    HelmCase chart;
    chart.corrected();
    chart.edit("  LOG_LEVEL: \"info\"\n",
               "  LOG_LEVEL: \"info\"\n  OTLP_ENDPOINT: \"http://collector.example.com:4318\"\n");
    expect_one(chart, blocked("OTLP_ENDPOINT"), errors);
  }
  SECTION("an IPv6 address") {
    expect_one(HelmCase{}.corrected().secret("SUPABASE_URL", "https://[2001:db8::7]"), blocked("SUPABASE_URL"), errors);
  }
}

TEST_CASE("PORT moves the server away from Service and probes", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit("  PORT: \"8787\"\n", "  PORT: \"9090\"\n");
  const auto result = chart.check();
  CHECK(result.roots() == std::vector<std::string>{"smoltbot-port-mismatch setting:gateway/PORT"});
  CHECK(result.run.exit == errors);
  CHECK(result.evidence("smoltbot-port-mismatch", "value") == "9090");
}

TEST_CASE("a heap from the common ConfigMap is larger than the observer's limit", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit("  LOG_LEVEL: \"info\"\n", "  LOG_LEVEL: \"info\"\n  NODE_OPTIONS: \"--max-old-space-size=384\"\n");
  const Root root{"smoltbot-observer-heap-oversized", "memory-heap-exceeds-limit", "memory",
                  "setting:observer/NODE_OPTIONS"};
  expect_one(chart, root, errors);
}

TEST_CASE("the disruption budget lets nobody go", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit("replicas: 2", "replicas: 1");
  expect_one(chart, at_gateway("smoltbot-pdb-blocks-drain", "manifest-drain-blocked"), warnings);
}

TEST_CASE("an autoscaler without anything to measure against", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.add(
      "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: smoltbot-mnemom-gateway-gateway\n"
      "spec:\n  scaleTargetRef: {kind: Deployment, name: smoltbot-mnemom-gateway-gateway}\n  minReplicas: 2\n"
      "  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n"
      "        target: {type: Utilization, averageUtilization: 70}\n");
  CHECK(chart.check().roots().empty());
  chart.edit("              cpu: \"1\"\n", "").edit("              cpu: 100m\n", "");
  expect_one(chart, at_gateway("manifest-autoscaler-blind", "manifest-autoscaler-blind"), warnings);
}

TEST_CASE("two observers run each job twice", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit("replicas: 1", "replicas: 2");
  expect_one(chart, {"smoltbot-scheduler-duplicated", "service-duplicated", "compose", "service:observer"}, warnings);
}

TEST_CASE("the job of migrations", "[manifests]") {
  SECTION("with the image of the gateway") {
    expect_one(HelmCase{}.corrected().add(job_of("ghcr.io/mnemom/gateway:1.0.0")), no_command, errors);
  }
  SECTION("with the image of old") {
    expect_one(HelmCase{}.corrected().add(job_of("ghcr.io/mnemom/migrate:0.9.0")),
               {"smoltbot-migrate-image-incompatible", "manifest-argument-unknown", "manifests", "service:migrate"},
               errors);
  }
  SECTION("as a hook before the objects that it needs") {
    HelmCase chart;
    chart.corrected();
    auto text = job_of("registry.example.com/tools/schema:1");
    replace(text, "metadata:\n  name: smoltbot-mnemom-gateway-migrate\n",
            "metadata:\n  name: smoltbot-mnemom-gateway-migrate\n  annotations: {helm.sh/hook: pre-install}\n");
    chart.add(text + "          envFrom: [{secretRef: {name: smoltbot-mnemom-gateway}}]\n");
    expect_one(chart, hook_too_early, errors);
  }
}

TEST_CASE("values of the chart that deploy nothing", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit_values("redis:\n  enabled: false", "redis:\n  enabled: true");
  expect_one(chart, values_ignored, warnings);
}

TEST_CASE("probes of the observer, which has no server", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit_behind(
      "- name: observer\n", "          resources:\n",
      "          livenessProbe:\n            httpGet: {path: /health/live, port: http}\n          resources:\n");
  expect_one(chart, observer_probes, errors);
}

TEST_CASE("the test pod is kept out", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit("    # The release's own pods\n    - ports:\n        - protocol: TCP\n          port: 8787\n", "");
  expect_one(chart, test_blocked, healthy);
}

TEST_CASE("an Ingress in front of the gateway", "[manifests]") {
  SECTION("that fits") {
    CHECK(HelmCase{}.corrected().add(ingress(body + timeout, "/anthropic")).check().roots().empty());
  }
  SECTION("on the whole host") {
    expect_one(HelmCase{}.corrected().add(ingress(body + timeout, "/")),
               at_gateway("smoltbot-metrics-exposed", "manifest-path-exposed"), warnings);
  }
  SECTION("with the default size of bodies") {
    expect_one(HelmCase{}.corrected().add(ingress(timeout, "/anthropic")),
               at_gateway("smoltbot-upload-limit-proxy", "manifest-body-limit-small"), warnings);
  }
  SECTION("with the default timeout") {
    expect_one(HelmCase{}.corrected().add(ingress(body, "/anthropic")),
               at_gateway("smoltbot-proxy-read-timeout", "manifest-read-timeout-short"), warnings);
  }
  SECTION("that buffers") {
    expect_one(HelmCase{}.corrected().add(
                   ingress(body + timeout + "    nginx.ingress.kubernetes.io/proxy-buffering: \"on\"\n", "/anthropic")),
               at_gateway("smoltbot-proxy-buffering-sse", "manifest-stream-buffered"), warnings);
  }
}

TEST_CASE("a manifest that Kubernetes refuses", "[manifests]") {
  SECTION("a number in the place of a text") {
    HelmCase chart;
    chart.corrected();
    chart.edit("  PORT: \"8787\"\n", "  PORT: 8787\n");
    expect_one(chart, {"manifest-file-invalid", "manifest-file-invalid", "manifests", "file:rendered.yaml"}, errors);
  }
  SECTION("a document that is no YAML, and the rest is judged") {
    HelmCase chart;
    chart.corrected();
    chart.edit("replicas: 1", "replicas: 2").add("kind: [\n");
    expect_finding(chart.check(),
                   {"manifest-file-invalid", "manifest-file-invalid", "manifests", "file:rendered.yaml"});
    expect_finding(chart.check(),
                   {"smoltbot-scheduler-duplicated", "service-duplicated", "compose", "service:observer"});
  }
}

TEST_CASE("a Secret that exists already is not called missing", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.edit("kind: Secret\nmetadata:\n  name: smoltbot-mnemom-gateway", "kind: Secret\nmetadata:\n  name: other");
  const auto result = chart.check();
  CHECK(result.roots().empty());
  const auto unseen = result.unexamined();
  CHECK(std::find(unseen.begin(), unseen.end(), "service:gateway") != unseen.end());
}

TEST_CASE("a Secret that holds base64 of base64", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.secret("SUPABASE_JWT_SECRET", "dGhlLXNlY3JldC10aGF0LXNpZ25zLWV2ZXJ5dGhpbmc=");
  expect_one(
      chart,
      {"manifest-secret-malformed", "manifest-secret-malformed", "manifests", "setting:gateway/SUPABASE_JWT_SECRET"},
      errors);
}

TEST_CASE("a variable that the role requires is not in the Secret", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  chart.secret("SUPABASE_JWT_SECRET", "");
  expect_one(chart, no_jwt_secret, errors);
}

TEST_CASE("settings of pods are judged as those of a compose file", "[manifests]") {
  HelmCase chart;
  chart.corrected();
  SECTION("the port of PostgreSQL") {
    chart.secret("SUPABASE_URL", "http://db.example.com:5432");
    expect_one(chart,
               {"smoltbot-supabase-url-raw-postgres", "env-value-refused", "env", "setting:gateway/SUPABASE_URL"},
               errors);
  }
  SECTION("a documented example") {
    chart.secret("ANTHROPIC_API_KEY", "sk-ant-...");
    expect_one(chart, {"smoltbot-placeholder-secret", "env-example-value", "env", "setting:gateway/ANTHROPIC_API_KEY"},
               warnings);
  }
  SECTION("no Redis") {
    chart.secret("REDIS_URL", "");
    const Root gateway{"smoltbot-cache-in-memory", "env-recommended-missing", "env", "setting:gateway/REDIS_URL"};
    const Root observer{"smoltbot-cache-in-memory", "env-recommended-missing", "env", "setting:observer/REDIS_URL"};
    const auto result = chart.check();
    expect_roots(result, {gateway, observer}, warnings);
    expect_finding(result, gateway);
  }
  SECTION("a role that nobody knows") {
    chart.edit("value: \"scheduler\"", "value: \"worker\"");
    expect_finding(chart.check(),
                   {"smoltbot-role-unknown", "env-value-not-allowed", "env", "setting:observer/SMOLTBOT_ROLE"});
  }
  SECTION("a licence that has expired") {
    chart.secret("MNEMOM_LICENSE_JWT", token({{"license_id", "lic_1"}, {"exp", 1700000000}}));
    expect_one(chart, {"smoltbot-license-expired", "license-expired", "license", "setting:gateway/MNEMOM_LICENSE_JWT"},
               errors);
  }
  SECTION("where the value stands is told, and nothing else of it") {
    chart.secret("SUPABASE_URL", "");
    const auto result = chart.check();
    CHECK(result.evidence("smoltbot-env-required-missing", "where").starts_with("rendered.yaml:"));
  }
}

TEST_CASE("YAML that is something else is left alone", "[manifests]") {
  const Directory directory{"smoltbot"};
  directory.write("notes.yaml", "a: [1, 2\n");
  directory.write("list.yml", "- apiVersion\n- kind\n");
  const auto result = run({doctor_binary(), "check", directory.path()});
  CHECK(result.exit == 2);
}

TEST_CASE("values alone say that nothing was rendered", "[manifests]") {
  const Directory directory{"smoltbot"};
  directory.write("Chart.yaml", read_file(doctor::test::source_path("tests/smoltbot/helm/Chart.yaml")));
  directory.write("values.yaml", read_file(doctor::test::source_path("tests/smoltbot/helm/values.yaml")));
  directory.write("templates/deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ .x }}\n");
  const auto result = check(directory.path(), {});
  CHECK(result.roots().empty());
  CHECK(result.unexamined() == std::vector<std::string>{"file:values.yaml"});
}

}  // namespace doctor::lab
