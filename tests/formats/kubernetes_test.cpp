// Kubernetes objects and Helm values as files hold them.
#include "doctor/format/kubernetes.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace formats;

const std::string rendered = R"(---
# Source: app/templates/configmap.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: app
data:
  LOG_LEVEL: "info"
  PORT: "8787"
---
apiVersion: v1
kind: Secret
metadata: {name: app}
data:
  REDIS_URL: cmVkaXNzOi8vOnB3QHJlZGlzLmV4YW1wbGUuY29tOjYzODA=
  TWICE: WTJoaGJtZGxiV1UxTWpNPQ==
  BREAK: YWJjCg==
  WRONG: "%%%"
stringData:
  PLAIN: https://x.supabase.co
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-gateway
  labels: {app.kubernetes.io/name: app}
spec:
  replicas: 2
  template:
    metadata:
      labels:
        app.kubernetes.io/component: gateway
    spec:
      serviceAccountName: app
      securityContext: {runAsUser: 65534, runAsGroup: 65534}
      initContainers:
        - name: wait
          image: busybox
      containers:
        - name: main
          image: "ghcr.io/x/app:1"
          args: ["serve"]
          envFrom:
            - configMapRef: {name: app}
            - secretRef: {name: app}
            - secretRef: {name: absent}
          env:
            - name: ROLE
              value: gateway
            - name: LOG_LEVEL
              value: debug
            - name: KEY
              valueFrom: {secretKeyRef: {name: app, key: NOT_THERE}}
          ports:
            - {name: http, containerPort: 8787}
          livenessProbe:
            httpGet: {path: /health/live, port: http}
          readinessProbe:
            tcpSocket: {port: 9090}
          resources:
            limits: {cpu: "1", memory: 512Mi}
)";

const KubeResolved* named(const std::vector<KubeResolved>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const KubeResolved& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a file of manifests is read object by object, with places", "[kubernetes]") {
  const auto read = read_manifests(rendered, "rendered.yaml");
  CHECK(read.faults.empty());
  REQUIRE(read.objects.size() == 3);
  REQUIRE(read.workloads.size() == 1);
  const auto& workload = read.workloads.front();
  CHECK(workload.replicas == 2);
  CHECK(workload.replicas_place.text() == "rendered.yaml:28");
  CHECK(workload.account == "app");
  REQUIRE(workload.containers.size() == 2);
  CHECK(workload.containers[0].init);
  const auto& container = workload.containers[1];
  CHECK(container.args == std::vector<std::string>{"serve"});
  CHECK(container.user == "65534:65534");
  CHECK(container.memory_limit == 512ULL * 1024 * 1024);
  CHECK(container.cpu_request);
  REQUIRE(container.probes.size() == 2);
  CHECK(container.probes[0].port_name == "http");
  CHECK(container.probes[1].port == 9090);
  CHECK(component_of(workload, container, {}) == "gateway");
  CHECK(component_of(workload, container, {"main"}) == "main");
  CHECK(component_of(workload, workload.containers[0], {}) == "wait");
}

TEST_CASE("an environment is put together as the kubelet does it", "[kubernetes]") {
  const auto read = read_manifests(rendered, "rendered.yaml");
  const auto all = resolve_environment(read, read.workloads.front().containers[1]);
  REQUIRE(named(all, "LOG_LEVEL") != nullptr);
  CHECK(named(all, "LOG_LEVEL")->value->text() == "debug");
  CHECK(named(all, "PORT")->number == 8787);
  CHECK(named(all, "PORT")->written.text() == "rendered.yaml:9");
  CHECK(named(all, "KEY")->missing == "key NOT_THERE of Secret app");
  REQUIRE(named(all, "") != nullptr);
  CHECK(named(all, "")->missing == "Secret absent");
  const auto* redis = named(all, "REDIS_URL");
  CHECK(redis->value->is_secret());
  CHECK(*redis->destination == Destination{"rediss", "redis.example.com", 6380});
  CHECK(named(all, "TWICE")->encoded_twice);
  CHECK_FALSE(redis->encoded_twice);
  CHECK(named(all, "BREAK")->ends_with_break);
  CHECK(named(all, "WRONG")->undecodable);
  CHECK(named(all, "PLAIN")->value->is_secret());
  CHECK(*named(all, "PLAIN")->destination == Destination{"https", "x.supabase.co", 443});
}

TEST_CASE("a broken document does not take the others with it", "[kubernetes]") {
  const std::string good = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n";
  const auto read = read_manifests(good + "---\nkind: [\n---\r\n" + good + "---\nkind: x\nkind: y\n", "m.yaml");
  CHECK(read.objects.size() == 2);
  REQUIRE(read.faults.size() == 2);
  CHECK(read.faults[0].place.line >= 5);
  CHECK(read.faults[0].place.line <= 7);
  CHECK(read.faults[1].place.text() == "m.yaml:12");
}

TEST_CASE("what the API server would refuse is told", "[kubernetes]") {
  const auto config =
      read_manifests("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  PORT: 8787\n", "m.yaml");
  REQUIRE(config.faults.size() == 1);
  CHECK(config.faults[0].place.text() == "m.yaml:5");
}

TEST_CASE("policies, budgets, autoscalers, ingresses and lists are read", "[kubernetes]") {
  const auto read = read_manifests(R"(apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: p}
    spec:
      podSelector:
        matchExpressions: [{key: tier, operator: In, values: [web]}]
      policyTypes: [Egress]
      egress:
        - ports: [{protocol: UDP, port: 53}, {port: 53}]
        - to: [{ipBlock: {cidr: 0.0.0.0/0}}]
          ports: [{port: 443}]
  - apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: b}
    spec: {minAvailable: 50%}
  - apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: h}
    spec:
      scaleTargetRef: {kind: Deployment, name: app}
      minReplicas: 2
      metrics:
        - type: Resource
          resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
  - apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: i, annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 10m}}
    spec:
      ingressClassName: nginx
      rules:
        - host: a.example.com
          http:
            paths:
              - {path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}
  - apiVersion: v1
    kind: Pod
    metadata: {name: t, annotations: {helm.sh/hook: "test, post-install", helm.sh/hook-weight: "-5"}}
    spec: {containers: [{name: c, image: i}]}
)",
                                   "list.yaml");
  CHECK(read.faults.empty());
  REQUIRE(read.policies.size() == 1);
  const auto& policy = read.policies[0];
  CHECK(policy.restricts_egress);
  CHECK_FALSE(policy.restricts_ingress);
  CHECK(policy.pods.matches({{"tier", "web"}}));
  CHECK_FALSE(policy.pods.matches({{"tier", "db"}}));
  REQUIRE(policy.egress.size() == 2);
  CHECK(policy.egress[0].anyone);
  CHECK(policy.egress[0].ports[0].protocol == "UDP");
  CHECK(policy.egress[1].blocks == std::vector<std::string>{"0.0.0.0/0"});
  REQUIRE(read.budgets.size() == 1);
  CHECK(read.budgets[0].percent);
  CHECK(read.budgets[0].count == 50);
  REQUIRE(read.autoscalers.size() == 1);
  CHECK(read.autoscalers[0].utilization == std::vector<std::string>{"cpu"});
  REQUIRE(read.ingresses.size() == 1);
  CHECK(read.ingresses[0].controller == "nginx");
  CHECK(read.ingresses[0].paths[0].port == 80);
  REQUIRE(read.workloads.size() == 1);
  CHECK(read.workloads[0].object.has_hook("post-install"));
  CHECK(read.workloads[0].object.hook_weight == -5);
}

TEST_CASE("manifests are told from other YAML", "[kubernetes]") {
  CHECK(looks_like_manifests(rendered));
  CHECK_FALSE(looks_like_manifests("services:\n  web:\n    image: x\n"));
  CHECK_FALSE(looks_like_manifests("apiVersion: 1\n---\nkind: x\n"));
  CHECK(read_manifests("services:\n  web:\n    image: x\n", "x.yaml").empty());
}

TEST_CASE("quantities of memory", "[kubernetes]") {
  CHECK(memory_quantity("256Mi") == 268435456ULL);
  CHECK(memory_quantity("1G") == 1000000000ULL);
  CHECK(memory_quantity("1.5Gi") == 1610612736ULL);
  CHECK(memory_quantity("1e9") == 1000000000ULL);
  CHECK(memory_quantity("2E") == 2000000000000000000ULL);
  CHECK(memory_quantity("134217728") == 134217728ULL);
  for (const auto* wrong : {"", "Mi", "12MB", "-1", "1 Gi", "99999E"}) CHECK_FALSE(memory_quantity(wrong));
}

TEST_CASE("where a URL leads", "[kubernetes]") {
  CHECK(*destination_of("redis://:p%40w@redis") == Destination{"redis", "redis", 6379});
  CHECK(*destination_of("HTTP://u:p@h.example:3000/rest") == Destination{"http", "h.example", 3000});
  CHECK(*destination_of("https://[2001:db8::1]:8443/x") == Destination{"https", "2001:db8::1", 8443});
  for (const auto* wrong : {"", "redis", "x://h", "http://", "http://h:0", "http://h:70000", "http://a b/", "://h:1"})
    CHECK_FALSE(destination_of(wrong));
}

TEST_CASE("values of a Helm chart", "[kubernetes]") {
  const auto read = read_helm_values(
      "redis:\n  enabled: true\n  auth: {password: hunter22}\n  externalUrl: redis://r:1\n"
      "list: [1, 2]\n",
      "values.yaml");
  REQUIRE(read.values.size() == 3);
  CHECK(read.values[0].path == "redis.enabled");
  CHECK(read.values[0].text == "true");
  CHECK(read.values[0].place.text() == "values.yaml:2");
  CHECK(read.values[1].text.empty());
  CHECK_FALSE(read.values[1].empty);
  CHECK(read.values[2].destination->port == 1);
  CHECK(read_helm_values("a: [\n", "values.yaml").faults.size() == 1);
}

TEST_CASE("bounds of manifests hold", "[kubernetes]") {
  CHECK(read_manifests(std::string(most_manifest_bytes + 1, 'a'), "m").faults.size() == 1);
  std::string many;
  for (std::size_t i = 0; i <= most_manifest_documents; ++i) many += "---\na: 1\n";
  CHECK(read_manifests(many, "m").faults.size() == 1);
  std::string faults;
  for (int i = 0; i < 500; ++i) faults += "---\na: [\n";
  CHECK(read_manifests(faults, "m").faults.size() == 100);
  std::string list = "apiVersion: v1\nkind: List\nitems:\n";
  for (std::size_t i = 0; i < most_manifest_objects + 10; ++i) list += "  - {kind: X, apiVersion: v1}\n";
  auto full = read_manifests(list, "m");
  CHECK(full.objects.size() == most_manifest_objects);
  CHECK(full.faults.size() == 1);
  full.append(read_manifests("apiVersion: v1\nkind: X\n", "n"));
  CHECK(full.objects.size() == most_manifest_objects);
  CHECK(full.faults.size() == 2);
  std::string pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n";
  for (std::size_t i = 0; i < most_pod_containers + 10; ++i) pod += "    - {name: c}\n";
  CHECK(read_manifests(pod, "m").workloads.front().containers.size() == most_pod_containers);
  const auto hostile = read_manifests("apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: [1]\n---\n\xff\n", "m");
  CHECK(hostile.objects.size() == 1);
  CHECK(hostile.faults.size() == 1);
}

}  // namespace doctor::test
