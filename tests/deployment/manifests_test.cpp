// A directory with Kubernetes manifests.
#include "deployment/discover_manifests.hpp"

#include <algorithm>

#include "deployment/project.hpp"
#include "support/catch.hpp"

namespace doctor::deployment::test {
namespace {

const std::string manifests = R"(apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data:
  RUST_LOG: info
---
apiVersion: v1
kind: Secret
metadata: {name: app}
stringData:
  TOTP_ENCRYPTION_KEY: "$hidden-word"
  OTHER: other-hidden-word
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  replicas: 2
  template:
    metadata: {labels: {app.kubernetes.io/component: chatalot}}
    spec:
      containers:
        - name: main
          image: ghcr.io/purpleneutral/chatalot:1
          envFrom: [{configMapRef: {name: app}}, {secretRef: {name: app}}]
          env:
            - {name: DATABASE_URL, valueFrom: {secretKeyRef: {name: existing, key: url}}}
            - {name: LISTEN_ADDR, value: "0.0.0.0:8080"}
          resources: {limits: {memory: 256Mi}}
)";

struct Files {
  std::map<std::string, std::string> files;

  Sources sources() const {
    Sources made;
    made.read = [this](const std::string& path) -> Outcome<std::string> {
      const auto found = files.find(path);
      if (found != files.end()) return found->second;
      ProbeFailure failure;
      failure.kind = FailureKind::not_found;
      return Failed{failure};
    };
    made.kind = [this](const std::string& path) -> std::string {
      if (files.count(path) > 0) return "file";
      const bool directory =
          std::any_of(files.begin(), files.end(), [&](const auto& one) { return one.first.starts_with(path + "/"); });
      return directory ? "directory" : "missing";
    };
    made.list = [this](const std::string& directory) -> Outcome<std::vector<std::string>> {
      std::vector<std::string> names;
      for (const auto& [path, text] : files)
        if (path.starts_with(directory + "/") && path.find('/', directory.size() + 1) == std::string::npos)
          names.push_back(path.substr(directory.size() + 1));
      return names;
    };
    return made;
  }

  Discovery discover() const {
    DiscoverOptions options;
    options.directory = "/srv/app";
    return deployment::discover(options, sources(), {description()});
  }
};

}  // namespace

TEST_CASE("a directory of manifests is examined", "[discover]") {
  const Files files{{{"/srv/app/rendered.yaml", manifests}}};
  const auto found = files.discover();
  REQUIRE(found);
  const auto& deployment = **found;
  CHECK(deployment.system == "chatalot");
  REQUIRE(deployment.manifests.size() == 1);
  CHECK(deployment.manifests.front().path == "rendered.yaml");
  CHECK(deployment.sources == std::vector<std::string>{"rendered.yaml"});
  const auto* service = deployment.service("chatalot");
  REQUIRE(service != nullptr);
  CHECK(service->described());
  CHECK(service->replicas == 2);
  CHECK(service->memory_limit == 256ULL * 1024 * 1024);
  CHECK(service->place.text() == "rendered.yaml:23");
  CHECK(service->vantage.empty());
  CHECK(service->vantage_note == in_cluster);
}

TEST_CASE("settings of pods know where they are written, and secrets stay secret", "[discover]") {
  const Files files{{{"/srv/app/rendered.yaml", manifests}}};
  const auto found = files.discover();
  REQUIRE(found);
  const auto& deployment = **found;
  const auto* log = deployment.setting("chatalot", "RUST_LOG");
  REQUIRE(log != nullptr);
  REQUIRE(log->configured);
  CHECK(log->configured->text() == "info");
  CHECK(log->where() == "rendered.yaml:5");
  for (const auto* name : {"TOTP_ENCRYPTION_KEY", "OTHER"}) {
    const auto* setting = deployment.setting("chatalot", name);
    REQUIRE(setting != nullptr);
    REQUIRE(setting->configured);
    CHECK(setting->configured->is_secret());
    for (const auto& hop : setting->chain) CHECK(hop.expression.find("hidden-word") == std::string::npos);
  }
  CHECK(deployment.setting("chatalot", "DATABASE_URL") == nullptr);  // only the cluster knows
  REQUIRE(!deployment.http.empty());
  CHECK(deployment.http.front().dial.reason == in_cluster);
}

TEST_CASE("manifests beside other files count only when they are about the same application", "[discover]") {
  Files files{{{"/srv/app/rendered.yaml", manifests}, {"/srv/app/.env", "TOTP_ENCRYPTION_KEY=00\n"}}};
  auto found = files.discover();
  REQUIRE(found);
  CHECK((*found)->manifests.size() == 1);
  CHECK((*found)->setting("chatalot", "RUST_LOG")->configured == std::nullopt);
  files.files["/srv/app/rendered.yaml"] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n";
  found = files.discover();
  REQUIRE(found);
  CHECK((*found)->manifests.empty());
}

TEST_CASE("other YAML, and templates of a chart, are no manifests", "[discover]") {
  Files files{
      {{"/srv/app/notes.yaml", "a: 1\n"}, {"/srv/app/templates/x.yaml", manifests}, {"/srv/app/Chart.yaml", "a: 1\n"}}};
  CHECK_FALSE(files.discover());
  files.files.erase("/srv/app/Chart.yaml");
  const auto found = files.discover();
  REQUIRE(found);
  CHECK((*found)->manifests.front().path == "templates/x.yaml");
}

TEST_CASE("files beyond the bounds are left alone", "[discover]") {
  Files files;
  for (std::size_t i = 0; i < 300; ++i) files.files["/srv/app/m" + std::to_string(1000 + i) + ".yaml"] = manifests;
  const auto found = find_manifests("/srv/app", files.sources(), true);
  CHECK(found.files.size() == formats::most_manifest_files);
}

}  // namespace doctor::deployment::test
