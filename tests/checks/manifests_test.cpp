// Worlds of the check `manifests`: files of Kubernetes, and what must be said about them.
#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

SettingRule rule(const std::string& name, const std::string& role = {}, const std::string& fallback = {}) {
  SettingRule made;
  made.name = name;
  made.role = role;
  made.fallback = fallback;
  return made;
}

/// A program in two roles, with a server in one of them.
SystemDescription system() {
  SystemDescription made;
  made.name = "relay";
  made.recognise.images = {"*example/relay*"};
  ServiceRule server;
  server.name = "relay";
  server.port = 8787;
  server.process = {"node", "", "dist/main.js", {}};
  auto proxy = rule("HTTPS_PROXY", "egress-proxy");
  proxy.needs = SettingCondition{"USE_PROXY", {"1"}};
  server.settings = {rule("REDIS_URL", "redis-url"), rule("API_URL"), rule("PORT", "listen-address", "8787"), proxy,
                     rule("PUBLIC_URL", "public-url")};
  UpstreamRule provider;
  provider.id = "provider";
  provider.url = "https://api.provider.example/v1";
  server.upstreams = {provider};
  server.proxy = ProxyNeeds{{"/stream"}, std::chrono::seconds{300}, {}, {"/metrics", "/ready"}};
  LimitRule limit;
  limit.id = "prompt";
  limit.path = "/stream";
  limit.constant = 10 * 1024 * 1024;
  server.limits = {limit};
  ServiceRule worker;
  worker.name = "worker";
  worker.optional = true;
  worker.process = server.process;
  worker.settings = {rule("API_URL")};
  ServiceRule cache;
  cache.name = "redis";
  cache.optional = true;
  ServiceRule migrate;
  migrate.name = "migrate";
  migrate.optional = true;
  made.services = {server, worker, cache, migrate};
  return made;
}

constexpr const char* file = "rendered.yaml";

void cluster(World& world, const std::string& manifests, const std::string& values = {}) {
  world.deployment.description = system();
  world.deployment.manifests = {{file, "manifests"}};
  world.text("/srv/app/rendered.yaml", manifests);
  if (values.empty()) return;
  world.deployment.manifests.push_back({"values.yaml", "values"});
  world.text("/srv/app/values.yaml", values);
}

std::string indented(const std::string& text, std::size_t by) {
  std::string out = std::string(by, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out.append(by, ' ');
  }
  return out.ends_with('\n') || text.empty() ? out : out + "\n";
}

/// A workload with one container called as its component. `spec` is put into the container.
std::string workload(const std::string& kind, const std::string& component, const std::string& container,
                     const std::string& spec = {}, const std::string& annotations = {}) {
  const bool job = kind == "Job";
  return "---\napiVersion: apps/v1\nkind: " + kind + "\nmetadata:\n  name: app-" + component + "\n  annotations: {" +
         annotations + "}\nspec:\n" + (spec.empty() ? "" : indented(spec, 2)) + "  template:\n    metadata:\n" +
         "      labels: {app.kubernetes.io/name: app, app.kubernetes.io/component: " + component + "}\n    spec:\n" +
         (job ? "      serviceAccountName: app\n" : "") + "      containers:\n        - name: " + component +
         "\n          image: ghcr.io/example/relay:1\n" + indented(container, 10);
}

const std::string config =
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata:\n  API_URL: http://api.example.com:3000\n";
const std::string from_config = "envFrom:\n  - configMapRef: {name: app}\n";
const std::string account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: app}\n";
const std::string service =
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec:\n  selector: {app.kubernetes.io/component: "
    "relay}\n"
    "  ports:\n    - {port: 80, targetPort: http}\n";
const std::string ports = "ports:\n  - {name: http, containerPort: 8787}\n";
const std::string probes = "livenessProbe:\n  httpGet: {path: /live, port: 8787}\n";

/// Lets out DNS, 443 to IPv4, and one port.
std::string policy(const std::string& port) {
  return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: allow}\nspec:\n"
         "  podSelector: {matchLabels: {app.kubernetes.io/name: app}}\n  policyTypes: [Ingress, Egress]\n  egress:\n"
         "    - ports: [{protocol: UDP, port: 53}]\n    - ports: [{port: " +
         port + "}]\n    - to: [{ipBlock: {cidr: 0.0.0.0/0}}]\n      ports: [{port: 443}]\n";
}

std::string ingress(const std::string& annotations, const std::string& paths) {
  return "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: front\n  annotations: {" +
         annotations + "}\nspec:\n  ingressClassName: nginx\n  rules:\n    - http:\n        paths:\n" + paths;
}

std::string path(const std::string& prefix, const std::string& to = "app", const std::string& type = "Prefix") {
  return "          - {path: " + prefix + ", pathType: " + type + ", backend: {service: {name: " + to +
         ", port: {number: 80}}}}\n";
}

const std::string good_annotations =
    "nginx.ingress.kubernetes.io/proxy-body-size: 10m, nginx.ingress.kubernetes.io/proxy-read-timeout: '300'";

std::string budget(const std::string& what) {
  return "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: app}\nspec:\n  " + what +
         "\n  selector: {matchLabels: {app.kubernetes.io/component: relay}}\n";
}

const std::string autoscaler =
    "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: app}\nspec:\n"
    "  scaleTargetRef: {kind: Deployment, name: app-relay}\n  minReplicas: 2\n  metrics:\n"
    "    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}\n";

std::string test_pod(const std::string& port) {
  return "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: app-test\n  labels: {app.kubernetes.io/name: app}\n"
         "  annotations: {helm.sh/hook: test}\nspec:\n  containers:\n    - name: curl\n      image: curl\n"
         "      command: [sh, -c]\n      args: ['curl --fail http://app:" +
         port + "/live']\n";
}

const std::string hook = "helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-weight: '-5'";
const std::string early = "helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-weight: '-10'";

std::string relay(const std::string& more = {}) {
  return workload("Deployment", "relay", ports + probes + from_config + more);
}

Scenario said(const std::string& name, const std::string& manifests, const std::vector<std::string>& findings,
              const std::vector<std::string>& unexamined = {}) {
  return {name, [manifests](World& world) { cluster(world, manifests); }, findings, unexamined};
}

Scenario with_values(const std::string& name, const std::string& manifests, const std::string& values,
                     const std::vector<std::string>& findings, const std::vector<std::string>& unexamined = {}) {
  return {name, [manifests, values](World& world) { cluster(world, manifests, values); }, findings, unexamined};
}

const bool added = add_scenarios(
    "manifests",
    {
        {"no manifests at all", [](World&) {}, {}, {}},
        said("an autoscaler that has no request to measure against",
             config + account + service + relay() + workload("Deployment", "worker", from_config) +
                 ingress(good_annotations, path("/stream")) + policy("3000") + budget("minAvailable: 1") + autoscaler +
                 workload("Deployment", "other", "resources: {requests: {cpu: 1}}"),
             {"manifest-autoscaler-blind service:relay"}),
        said("a deployment in which everything fits",
             config + account + service + relay("resources: {requests: {cpu: 100m}}\n") +
                 workload("Deployment", "worker", from_config) + ingress(good_annotations, path("/stream")) +
                 policy("3000") + budget("minAvailable: 1") + autoscaler,
             {}),
        {"the file may not be read",
         [](World& world) {
           cluster(world, "");
           world.fakes.on<TextQuestion>().answer_all(failed(FailureKind::permission_denied));
         },
         {},
         {"file:rendered.yaml"}},

        // Files
        said("a document is broken, and the rest is read", "kind: [\n" + config + service + relay("env: [{name: K, valueFrom: {configMapKeyRef: {name: app, key: NONE}}}]\n"),
             {"manifest-file-invalid file:rendered.yaml", "manifest-key-missing setting:relay/K"}),
        said("a number where a text must stand", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {PORT: 8787}\n",
             {"manifest-file-invalid file:rendered.yaml"}),
        with_values("values that are no YAML", config + service + relay(), "a: [\n", {"manifest-file-invalid file:values.yaml"}),
        {"values of which nothing is rendered",
         [](World& world) {
           cluster(world, "");
           world.deployment.manifests = {{"values.yaml", "values"}};
           world.text("/srv/app/values.yaml", "redis: {enabled: true}\n");
         },
         {},
         {"file:values.yaml"}},

        // Values
        said("a Secret that only the cluster knows",
             config + relay("env: [{name: K, valueFrom: {secretKeyRef: {name: existing, key: a}}}]\n"), {},
             {"setting:relay/K"}),
        said("a reference that may be empty",
             config + relay("env: [{name: K, valueFrom: {secretKeyRef: {name: existing, key: a, optional: true}}}]\n"), {}),
        said("a value that is encoded twice",
             config + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {K: WTJoaGJtZGxiV1UxTWpNPQ==}\n" +
                 relay("env: [{name: K, valueFrom: {secretKeyRef: {name: s, key: K}}}]\n"),
             {"manifest-secret-malformed setting:relay/K"}),

        // Probes and ports
        said("a role without a server is probed", config + workload("Deployment", "worker", probes),
             {"manifest-probe-without-server service:worker"}),
        said("a role without a server is probed by a command",
             workload("Deployment", "worker", "livenessProbe: {exec: {command: [\"true\"]}}\n"), {}),
        said("Redis, which the description knows no program of, is probed",
             workload("StatefulSet", "redis", "readinessProbe: {tcpSocket: {port: 6379}}\n"), {}),
        said("the program moves to another port than probes and Service",
             config + service + relay("env: [{name: PORT, value: '9090'}]\n"), {"manifest-port-mismatch setting:relay/PORT"}),
        said("the program moves, and all follow",
             config + service +
                 workload("Deployment", "relay", "ports: [{name: http, containerPort: 9090}]\nenv: [{name: PORT, value: '9090'}]\n"
                                                 "livenessProbe: {tcpSocket: {port: http}}\n"),
             {}),
        said("the default port is not what is probed",
             workload("Deployment", "relay", "livenessProbe: {tcpSocket: {port: 80}}\n"), {"manifest-port-mismatch setting:relay/PORT"}),

        // Policies
        said("a port that the policy does not know", config + relay() + policy("6379"),
             {"manifest-egress-blocked setting:relay/API_URL"}),
        said("a range of ports", config + relay() + policy("2000, endPort: 4000"), {}),
        said("two roles with the same setting are told once",
             config + relay() + workload("Deployment", "worker", from_config) + policy("6379"),
             {"manifest-egress-blocked setting:relay/API_URL"}),
        said("an IPv6 address behind a rule for IPv4",
             config + relay("env: [{name: API_URL, value: 'https://[2001:db8::1]'}]\n") + policy("1"),
             {"manifest-egress-blocked setting:relay/API_URL"}),
        said("names cannot be asked for, and the provider is out of reach",
             relay() + config +
                 "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec:\n"
                 "  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: 3000}]}]\n",
             {"manifest-egress-blocked endpoint:relay:provider", "manifest-egress-blocked service:relay"}),
        said("a proxy that is used takes the rest",
             config + relay("env: [{name: HTTPS_PROXY, value: 'http://proxy:3128'}, {name: USE_PROXY, value: '1'}]\n") +
                 policy("3128"),
             {}),
        said("a proxy that is used, and not allowed",
             config + relay("env: [{name: HTTPS_PROXY, value: 'http://proxy:3128'}, {name: USE_PROXY, value: '1'}]\n") +
                 policy("3000"),
             {"manifest-egress-blocked setting:relay/HTTPS_PROXY"}),
        said("behind a Service it is the port of the pods that counts",
             config + service + relay("env: [{name: API_URL, value: 'http://app'}]\n") + policy("8787"), {}),
        said("a policy for other pods", config + workload("Deployment", "relay", from_config) +
                 "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec:\n"
                 "  podSelector: {matchLabels: {app: else}}\n  policyTypes: [Egress]\n",
             {}),
        said("the test pod is kept from the service", config + service + relay() + policy("3000") + test_pod("80"),
             {"manifest-test-blocked file:rendered.yaml"}),
        said("the test pod may pass", config + service + relay() + policy("3000, endPort: 9000") + test_pod("80"), {}),

        // Budgets, autoscalers, values
        said("nobody may go", config + relay() + budget("minAvailable: 1"), {"manifest-drain-blocked service:relay"}),
        said("nobody may go, in other words", config + relay() + budget("maxUnavailable: 0"), {"manifest-drain-blocked service:relay"}),
        said("one of two may go", config + workload("Deployment", "relay", from_config, "replicas: 2") + budget("minAvailable: 50%"), {}),
        said("all of two must stay", config + workload("Deployment", "relay", from_config, "replicas: 2") + budget("minAvailable: 51%"),
             {"manifest-drain-blocked service:relay"}),
        with_values("values that deploy nothing", config + relay(), "redis: {enabled: true}\n", {"manifest-values-ignored file:values.yaml"}),
        with_values("values that deploy something", config + relay() + workload("StatefulSet", "redis", "args: []\n"),
                    "redis: {enabled: true}\ningress: {enabled: true}\n", {}),
        with_values("values that are switched off", config + relay(), "redis: {enabled: false}\n", {}),

        // Jobs
        said("a hook comes before its account and its ConfigMap",
             config + account + relay() + workload("Job", "migrate", "command: [/migrate]\n" + from_config, {}, hook),
             {"manifest-hook-too-early service:migrate"}),
        said("a hook with what it needs",
             "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: app, annotations: {" + early + "}}\n" +
                 workload("Job", "migrate", "command: [/migrate]\n", {}, hook),
             {}),
        said("a job that comes afterwards",
             config + account + workload("Job", "migrate", "command: [/migrate]\n" + from_config, {}, "helm.sh/hook: post-install"), {}),
        said("a job starts a command that the image of the program lacks",
             workload("Job", "migrate", "args: [migrate]\n"), {"manifest-command-missing service:migrate"}),
        said("a job starts the program itself", workload("Job", "migrate", "args: [node, dist/migrate.js]\n"), {}),
        {"a job with an image of its own that takes no argument",
         [](World& world) {
           auto text = workload("Job", "migrate", "args: [migrate]\n");
           const std::string image = "ghcr.io/example/relay:1";
           text.replace(text.find(image), image.size(), "ghcr.io/example/migrate:1");
           cluster(world, text);
         },
         {"manifest-argument-unknown service:migrate"},
         {}},

        // Ingress
        said("the whole host is public", config + service + relay() + ingress(good_annotations, path("/")),
             {"manifest-path-exposed service:relay"}),
        said("what is hidden leads elsewhere",
             config + service + relay() +
                 ingress(good_annotations, path("/") + path("/metrics", "none", "Exact") + path("/ready", "none")),
             {}),
        said("a snippet hides it",
             config + service + relay() +
                 ingress(good_annotations + ", nginx.ingress.kubernetes.io/server-snippet: 'location ~ /metrics { return 404; } /ready'", path("/")),
             {}),
        said("the defaults of ingress-nginx", config + service + relay() + ingress("", path("/stream")),
             {"manifest-body-limit-small service:relay", "manifest-read-timeout-short service:relay"}),
        said("annotations that are too small",
             config + service + relay() +
                 ingress("nginx.ingress.kubernetes.io/proxy-body-size: 512k, nginx.ingress.kubernetes.io/proxy-read-timeout: '120'", path("/stream")),
             {"manifest-body-limit-small service:relay", "manifest-read-timeout-short service:relay"}),
        said("no limit", config + service + relay() +
                 ingress("nginx.ingress.kubernetes.io/proxy-body-size: '0', nginx.ingress.kubernetes.io/proxy-read-timeout: '600'", path("/stream")),
             {}),
        said("buffering is switched on",
             config + service + relay() + ingress(good_annotations + ", nginx.ingress.kubernetes.io/proxy-buffering: 'on'", path("/stream")),
             {"manifest-stream-buffered service:relay"}),
    });

}  // namespace

TEST_CASE("manifests judges the files of Kubernetes", "[manifests]") {
  REQUIRE(added);
  expect_scenarios("manifests");
}

TEST_CASE("manifests says where, and never a secret", "[manifests]") {
  World world;
  cluster(world, config +
                     "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  REDIS_URL: "
                     "rediss://:hidden-word@cache.example.com:6380\n" +
                     workload("Deployment", "relay", "envFrom: [{secretRef: {name: s}}]\n") + policy("6379"));
  const auto judgement = run_check(check_named("manifests"), world);
  CHECK(codes_and_subjects(judgement) == std::vector<std::string>{"manifest-egress-blocked setting:relay/REDIS_URL"});
  CHECK(evidence_of(judgement, "manifest-egress-blocked", "destination") == "cache.example.com:6380");
  CHECK(evidence_of(judgement, "manifest-egress-blocked", "port") == "6380");
  CHECK(evidence_of(judgement, "manifest-egress-blocked", "policy") == "allow");
  for (const auto& finding : judgement.findings)
    for (const auto& one : finding.evidence) CHECK(one.value.find("hidden-word") == std::string::npos);
}

}  // namespace doctor::test
