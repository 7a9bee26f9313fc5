#include "deployment/compose.hpp"

#include <ctime>

#include "support/catch.hpp"
#include "tests/deployment/compose_support.hpp"

using namespace doctor;
using namespace doctor::deployment;
using test::Files;
using test::problem_of;
using test::project_of;
using test::service_of;
using test::variable_of;

namespace {

using Evidence = std::map<std::string, std::string>;

bool has_code(const ComposeProject& project, const std::string& code) {
  return problem_of(project.problems, code) != nullptr;
}

}  // namespace

TEST_CASE("compose: no file, no project") {
  ComposeOptions options;
  options.directory = "/srv/app";
  options.read = test::memory_reader({});
  CHECK(!read_compose(options));
}

TEST_CASE("compose: labels, health check, limits and jobs") {
  const auto project = project_of(
      "services:\n"
      "  web:\n"
      "    image: x\n"
      "    restart: unless-stopped\n"
      "    labels: [traefik.enable=true, bare]\n"
      "    healthcheck: {test: [CMD, curl, -f, localhost]}\n"
      "    deploy: {replicas: 2, resources: {limits: {memory: 1.5G}}}\n"
      "    depends_on: {setup: {condition: service_completed_successfully}}\n"
      "  setup:\n"
      "    image: x\n"
      "    scale: 0\n"
      "    mem_limit: 512m\n"
      "    labels: {a.b: c}\n");
  CHECK(project.loads);
  const auto& web = service_of(project, "web").service;
  CHECK(web.labels == std::map<std::string, std::string>{{"traefik.enable", "true"}, {"bare", ""}});
  CHECK(web.healthcheck == "CMD curl -f localhost");
  CHECK(web.restart == "unless-stopped");
  CHECK(web.memory_limit == 1536ULL * 1024 * 1024);
  CHECK(web.replicas == 2);
  CHECK_FALSE(web.completes);
  const auto& setup = service_of(project, "setup").service;
  CHECK(setup.labels.at("a.b") == "c");
  CHECK(setup.memory_limit == 512ULL * 1024 * 1024);
  CHECK(setup.replicas == 0);
  CHECK(setup.completes);
}

TEST_CASE("compose: a variable knows where it comes from") {
  const auto project = project_of(Files{{"docker-compose.yml",
                                         "services:\n"
                                         "  web:\n"
                                         "    image: x\n"
                                         "    env_file: web.env\n"
                                         "    environment:\n"
                                         "      URL: http://${HOST}:${PORT:-80}\n"
                                         "      FIXED: \"1\"\n"
                                         "      PASSED:\n"
                                         "  list:\n"
                                         "    image: x\n"
                                         "    environment:\n"
                                         "      - URL=http://$HOST\n"
                                         "      - ABSENT\n"},
                                        {".env", "HOST=h\nPASSED=p\n"},
                                        {"web.env", "# c\nFROM_FILE=${HOST}!\nFIXED=0\n"}});
  CHECK(project.loads);
  CHECK(project.problems.empty());
  const auto& web = service_of(project, "web");
  const auto& url = variable_of(web, "URL");
  CHECK(url.value == "http://h:80");
  CHECK(url.kind == "interpolation");
  CHECK(url.expression == "http://${HOST}:${PORT:-80}");
  CHECK(url.variables == std::vector<std::string>{"HOST", "PORT"});
  CHECK(url.defaulted);
  CHECK(url.place == Place{"docker-compose.yml", 6, 7});
  CHECK(variable_of(web, "FIXED").kind == "literal");
  CHECK(variable_of(web, "FIXED").value == "1");
  CHECK(variable_of(web, "PASSED").kind == "pass-through");
  CHECK(variable_of(web, "PASSED").value == "p");
  CHECK(variable_of(web, "FROM_FILE").kind == "env-file");
  CHECK(variable_of(web, "FROM_FILE").value == "h!");
  CHECK(variable_of(web, "FROM_FILE").place == Place{"web.env", 2, 1});
  CHECK(web.env_files == std::vector<std::string>{"/srv/app/web.env"});
  const auto& list = service_of(project, "list");
  CHECK(variable_of(list, "URL").expression == "http://$HOST");
  CHECK(variable_of(list, "URL").place.line == 12);
  CHECK(!variable_of(list, "ABSENT").value);
  REQUIRE(project.uses.size() == 3);
  CHECK(project.uses[0].path == "services.web.environment.URL");
  CHECK(project.uses[1].operation == ":-");
  CHECK(!project.uses[1].set);
  CHECK(project.uses[2].path == "services.list.environment.URL");
}

TEST_CASE("compose: a merged environment keeps the places of its parts") {
  const auto project = project_of(
      Files{{"compose.yaml", "services:\n  web:\n    image: x\n    environment:\n      A: ${X:-1}\n      B: 2\n"},
            {"compose.override.yaml", "services:\n  web:\n    environment:\n      - B=${X:-3}\n"}});
  const auto& web = service_of(project, "web");
  CHECK(variable_of(web, "A").place == Place{"compose.yaml", 5, 7});
  CHECK(variable_of(web, "A").expression == "${X:-1}");
  CHECK(variable_of(web, "B").place.file == "compose.override.yaml");
  CHECK(variable_of(web, "B").expression == "${X:-3}");
  CHECK(variable_of(web, "B").value == "3");
}

TEST_CASE("compose: mounts, secrets, ports, networks") {
  const auto project = project_of(
      "name: shop\n"
      "services:\n"
      "  web:\n"
      "    build: .\n"
      "    ports: ['127.0.0.1:8080:80', '53/udp']\n"
      "    volumes: ['./data:/data:ro', 'cache:/cache']\n"
      "    secrets: [key]\n"
      "    networks: [back]\n"
      "  lone: {image: x}\n"
      "  host: {image: x, network_mode: host}\n"
      "networks: {back: {internal: true}, far: {external: true}}\n"
      "volumes: {cache: }\n"
      "secrets: {key: {file: ./key.pem}}\n");
  CHECK(project.loads);
  CHECK(project.name == "shop");
  const auto& web = service_of(project, "web").service;
  CHECK(web.build == "/srv/app");
  REQUIRE(web.ports.size() == 2);
  CHECK(web.ports[0].address == "127.0.0.1");
  CHECK(web.ports[0].published == 8080);
  CHECK(web.ports[0].target == 80);
  CHECK(web.ports[0].place.line == 5);
  CHECK(web.ports[1].published == 0);
  CHECK(web.ports[1].protocol == "udp");
  REQUIRE(web.mounts.size() == 3);
  CHECK(web.mounts[0].kind == "bind");
  CHECK(web.mounts[0].source == "/srv/app/data");
  CHECK(web.mounts[0].read_only);
  CHECK(web.mounts[1].kind == "volume");
  CHECK(web.mounts[2].kind == "secret");
  CHECK(web.mounts[2].source == "/srv/app/key.pem");
  CHECK(web.mounts[2].target == "/run/secrets/key");
  CHECK(service_of(project, "lone").service.networks == std::vector<std::string>{"default"});
  CHECK(service_of(project, "host").service.networks.empty());
  REQUIRE(project.networks.size() == 3);
  CHECK(project.networks[0].real_name == "shop_back");
  CHECK(project.networks[0].internal);
  CHECK(project.networks[1].real_name == "far");
  CHECK(project.networks[2].real_name == "shop_default");
  CHECK(project.volumes.at(0).real_name == "shop_cache");
}

TEST_CASE("compose: evidence of each problem") {
  struct Row {
    std::string name;
    std::string compose;
    std::string code;
    std::string subject;
    Evidence evidence;
  };
  const std::string file = "docker-compose.yml";
  const std::vector<Row> rows{
      {"duplicate key",
       "services:\n  web:\n    image: x\n    image: y\n",
       "compose-key-duplicated",
       "file:" + file,
       {{"key", "image"}, {"file", file}, {"where", file + ":4"}, {"first", file + ":3"}}},
      {"required",
       "services:\n  web:\n    image: x:${TAG:?say which}\n",
       "compose-variable-required",
       "setting:compose/TAG",
       {{"variable", "TAG"}, {"where", file + ":3"}, {"message", "say which"}}},
      {"undefined dependency",
       "services:\n  web:\n    image: x\n    depends_on:\n      - db\n",
       "compose-dependency-undefined",
       "service:web",
       {{"service", "web"}, {"dependency", "db"}, {"where", file + ":5"}, {"state", "undefined"}}},
      {"disabled dependency",
       "services:\n  web:\n    image: x\n    depends_on: [db]\n  db: {image: x, profiles: [p]}\n",
       "compose-dependency-undefined",
       "service:web",
       {{"service", "web"}, {"dependency", "db"}, {"where", file + ":4"}, {"state", "disabled"}}},
      {"network",
       "services:\n  web:\n    image: x\n    networks: [front]\n",
       "compose-network-undefined",
       "service:web",
       {{"service", "web"}, {"network", "front"}, {"where", file + ":4"}}},
      {"volume",
       "services:\n  web:\n    image: x\n    volumes:\n      - data:/d\n",
       "compose-reference-undefined",
       "service:web",
       {{"service", "web"}, {"kind", "volume"}, {"name", "data"}, {"where", file + ":5"}}},
      {"volumes_from",
       "services:\n  web:\n    image: x\n    volumes_from: [db]\n",
       "compose-reference-undefined",
       "service:web",
       {{"service", "web"}, {"kind", "volumes_from"}, {"name", "db"}, {"where", file + ":4"}}},
      {"missing env_file",
       "services:\n  web:\n    image: x\n    env_file: a.env\n",
       "compose-file-missing",
       "file:a.env",
       {{"file", "a.env"}, {"where", file + ":4"}}},
      {"port twice",
       "services:\n  web:\n    image: x\n    ports:\n      - 8080:80\n      - 3000:80\n",
       "compose-port-duplicated",
       "service:web",
       {{"service", "web"}, {"port", "80"}, {"ports", "8080, 3000"}, {"where", file + ":6"}}},
      {"port conflict",
       "services:\n  a: {image: x, ports: ['80:80']}\n  b: {image: x, ports: ['80:81']}\n",
       "compose-port-conflict",
       "service:b",
       {{"service", "b"}, {"port", "80"}, {"other", "a"}, {"where", file + ":3"}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto project = project_of(row.compose);
    const FileProblem* problem = problem_of(project.problems, row.code);
    REQUIRE(problem != nullptr);
    CHECK(project.problems.size() == 1);
    CHECK(problem->subject == row.subject);
    CHECK(problem->evidence == row.evidence);
    const bool harmless = row.code.compare(0, 13, "compose-port-") == 0;
    CHECK(project.loads == harmless);
  }
}

TEST_CASE("compose: ports that do not meet are no conflict") {
  const auto project = project_of(
      "services:\n"
      "  a: {image: x, ports: ['127.0.0.1:80:80', '53:53/udp', '80']}\n"
      "  b: {image: x, ports: ['127.0.0.2:80:80', '53:53/tcp', '80']}\n"
      "  c: {image: x, ports: ['127.0.0.1:80:80'], profiles: [other]}\n"
      "  d: {image: x, ports: ['8080:8080/tcp', '8080:8080/udp', '[::1]:9:9', '127.0.0.1:9:9']}\n");
  CHECK(project.loads);
  CHECK(project.problems.empty());
}

TEST_CASE("compose: what does not load still gives what can be understood") {
  const auto project = project_of(
      "services:\n"
      "  web:\n"
      "    image: x\n"
      "    environment: {A: \"${A:-1}\", B: \"${\"}\n"
      "    prots: ['80:80']\n"
      "  db:\n"
      "    image: y\n"
      "   broken: here\n"
      "  never: {image: z}\n");
  CHECK(!project.loads);
  CHECK(has_code(project, "compose-file-invalid"));
  CHECK(variable_of(service_of(project, "web"), "A").value == "1");
  CHECK(service_of(project, "db").service.image == "y");
}

TEST_CASE("compose: remote files are named, never fetched") {
  std::vector<std::string> asked;
  ComposeOptions options;
  options.directory = "/srv/app";
  options.read = [&](const std::string& path) -> Outcome<std::string> {
    asked.push_back(path);
    return test::memory_reader({{"/srv/app/compose.yaml",
                                 "include: ['https://example.org/repo.git', 'oci://example.org/x']\n"
                                 "services: {a: {image: x, extends: {file: 'git@example.org:x.git', service: a}}}\n"}})(
        path);
  };
  const auto project = read_compose(options);
  REQUIRE(project);
  CHECK(!project->loads);
  for (const auto& path : asked) CHECK(path.compare(0, 9, "/srv/app/") == 0);
  for (const auto& path : asked) CHECK(path.find("example") == std::string::npos);
}

TEST_CASE("compose: profiles") {
  ComposeOptions options;
  options.directory = "/srv/app";
  options.read = test::memory_reader(
      {{"/srv/app/compose.yaml", "services:\n  a: {image: x, profiles: [p]}\n  b: {image: x, profiles: [q]}\n"}});
  options.profiles = {"q"};
  const auto project = read_compose(options);
  REQUIRE(project);
  CHECK(!service_of(*project, "a").service.enabled);
  CHECK(service_of(*project, "b").service.enabled);
}

TEST_CASE("compose: file names of a system description come last") {
  ComposeOptions options;
  options.directory = "/srv/app";
  options.extra_names = {"deploy/stack.yml"};
  options.read =
      test::memory_reader({{"/srv/app/deploy/stack.yml", "services: {a: {image: x, volumes: ['./d:/d']}}\n"}});
  const auto project = read_compose(options);
  REQUIRE(project);
  CHECK(project->files == std::vector<std::string>{"/srv/app/deploy/stack.yml"});
  CHECK(project->name == "deploy");
  CHECK(service_of(*project, "a").service.mounts.at(0).source == "/srv/app/deploy/d");
  CHECK(service_of(*project, "a").service.place.file == "deploy/stack.yml");
}

TEST_CASE("compose: a file that may not be read") {
  ComposeOptions options;
  options.directory = "/srv/app";
  options.read = [](const std::string& path) -> Outcome<std::string> {
    ProbeFailure failure;
    const bool main = path == "/srv/app/docker-compose.yml";
    failure.kind = main ? FailureKind::permission_denied : FailureKind::not_found;
    return Failed{failure};
  };
  const auto project = read_compose(options);
  REQUIRE(project);
  CHECK(!project->loads);
  const FileProblem* problem = problem_of(project->problems, "compose-file-unreadable");
  REQUIRE(problem != nullptr);
  CHECK(problem->subject == "file:docker-compose.yml");
  CHECK(problem->evidence.count("reason") == 1);
}

TEST_CASE("compose: hostile projects end soon", "[hostile]") {
  const std::clock_t start = std::clock();  // CPU time: the machine may be busy
  const auto many = [](int count, auto&& line) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line(i);
    return text;
  };
  const std::vector<std::string> texts{
      "services:\n  web:\n    image: x\n    environment:\n" +
          many(45'000, [](int i) { return "      K" + std::to_string(i) + ": v\n"; }),
      "services:\n" + many(20'000, [](int i) { return "  s" + std::to_string(i) + ": {image: x}\n"; }),
      "services:\n  web:\n    image: x\n    depends_on:\n" +
          many(90'000, [](int i) { return "      - s" + std::to_string(i) + "\n"; }),
      "services:\n  web:\n    image: x\n    ports:\n" + many(50'000, [](int) { return "      - 1-65535:1-65535\n"; }),
      "services:\n  web:\n    image: x\n    volumes:\n" +
          many(90'000, [](int i) { return "      - v" + std::to_string(i) + ":/" + std::to_string(i) + "\n"; }),
      "services:\n  web:\n    image: x\n    command: \"" + many(400'000, [](int) { return "${A:-"; }) + "\"\n",
      "services:\n  web:\n    image: x\n    command: '" + many(400'000, [](int) { return "${A:-x}"; }) + "'\n",
      many(90'000, [](int i) { return "k" + std::to_string(i % 10) + ": 1\n"; }),
      "services:\n" +
          many(1'000,
               [](int i) { return "  s" + std::to_string(i) + ": {extends: s" + std::to_string(i + 1) + "}\n"; }),
      "services:\n  b: {image: x, environment: {" +
          many(1'000, [](int i) { return "a" + std::to_string(i) + ": 1, "; }) + "}}\n" +
          many(15'000, [](int i) { return "  s" + std::to_string(i) + ": {extends: b}\n"; }),
      many(40'000, [](int i) { return "---\nx-" + std::to_string(i) + ": 1\n"; }),
      "include: [" + many(10'000, [](int) { return "docker-compose.yml, "; }) + "]\n",
      std::string(5'000'000, 'a'),
      std::string("services:\0", 10),
      "services: \xff\xfe\n",
  };
  for (const auto& text : texts) {
    CAPTURE(text.substr(0, 80));
    const auto project = project_of(text);
    CHECK(project.problems.size() <= 500);
    CHECK(project.uses.size() <= 10'000);
  }
  // A debug build under a sanitizer on a busy machine needs a small part of this; quadratic work needs hours.
  CHECK((std::clock() - start) / CLOCKS_PER_SEC < 60);
}

TEST_CASE("compose: what aliases, extends and files make of a little text is bounded", "[hostile]") {
  const auto repeated = [](int count, auto&& part) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part(i);
    return text;
  };
  const auto refused = [](const ComposeProject& project) {
    return !project.loads && has_code(project, "compose-file-invalid");
  };
  const std::string shared =
      "x-a: &a {" + repeated(950, [](int i) { return "k" + std::to_string(i) + ": v, "; }) + "}\nservices:\n";
  const auto service = [](int i) { return "  s" + std::to_string(i) + ": {image: x, environment: *a}\n"; };
  CHECK(project_of(shared + repeated(100, service)).loads);
  CHECK(refused(project_of(shared + repeated(170, service))));
  const auto variables = project_of(shared + repeated(120, service));
  CHECK(refused(variables));
  std::size_t count = 0;
  for (const auto& one : variables.services) count += one.environment.size();
  CHECK(count == 100'000);

  const std::string base = "services:\n  b: {image: x, labels: [" + std::string(1'000'000, 'x') + "]}\n";
  const auto extending = [](int i) { return "  s" + std::to_string(i) + ": {extends: b}\n"; };
  CHECK(project_of(base + repeated(10, extending)).loads);
  CHECK(refused(project_of(base + repeated(20, extending))));

  const std::string key(4'097, 'k');
  CHECK(refused(project_of("services:\n  " + key + ": {image: x}\n")));
  const auto used =
      project_of("services: {a: {image: x, command: \"" + repeated(5'000, [](int) { return "$A"; }) + "\"}}\n");
  CHECK(used.loads);
  CHECK(used.uses.size() == 1'000);
}

TEST_CASE("compose: naming a file again and again costs little", "[hostile]") {
  const std::string big = "services: {a: {image: x}}\n" + std::string(3'000'000, '#') + "\n";
  std::size_t reads = 0;
  ComposeOptions options;
  options.directory = "/srv/app";
  options.files.assign(20'000, "big.yml");
  options.read = [&](const std::string&) -> Outcome<std::string> {
    ++reads;
    return big;
  };
  const auto project = read_compose(options).value();
  CHECK(reads == 1);
  CHECK(project.files.size() == 500);
  CHECK(!project.loads);
  const auto* problem = problem_of(project.problems, "compose-file-invalid");
  REQUIRE(problem != nullptr);

  options.files.clear();
  for (int i = 0; i < 100; ++i) options.files.push_back("big" + std::to_string(i) + ".yml");
  reads = 0;
  const auto many = read_compose(options).value();
  CHECK(reads == 100);
  CHECK(!many.loads);
}

TEST_CASE("compose: the last name of the files is the project's") {
  const auto name_of = [](const std::string& last) {
    return project_of(Files{{".env", "COMPOSE_FILE=a.yml:b.yml:a.yml:c.yml\n"},
                            {"a.yml", "name: first\nservices: {a: {image: x}}\n"},
                            {"b.yml", "name: second\n---\nname: third\n"},
                            {"c.yml", last}})
        .name;
  };
  CHECK(name_of("services: {}\n") == "first");
  CHECK(name_of("name: fourth\n") == "fourth");
}

TEST_CASE("compose: how a service is built, started, stopped and logged") {
  const auto project = project_of(
      "services:\n"
      "  web:\n"
      "    build: {context: ../.., dockerfile: deploy/Dockerfile.web}\n"
      "    entrypoint: [tini, --]\n"
      "    command: sh -c \"run > log\"\n"
      "    logging: {driver: syslog}\n"
      "    stop_grace_period: 1m20.5s\n"
      "  plain:\n"
      "    build: .\n"
      "    entrypoint: /run  it\n"
      "  early:\n"
      "    build: {context: ., target: test}\n"
      "  inline:\n"
      "    build: {dockerfile_inline: FROM x}\n"
      "  far:\n"
      "    build: https://example.org/repository.git\n");
  CHECK(project.loads);
  const auto& web = service_of(project, "web").service;
  CHECK(web.build == "/");
  CHECK(web.dockerfile == "/deploy/Dockerfile.web");
  CHECK(web.entrypoint == std::vector<std::string>{"tini", "--"});
  CHECK(web.command == std::vector<std::string>{"sh", "-c", "\"run", ">", "log\""});
  CHECK(web.log_driver == "syslog");
  CHECK(web.stop_grace == std::chrono::milliseconds{80500});
  const auto& plain = service_of(project, "plain").service;
  CHECK(plain.dockerfile == "/srv/app/Dockerfile");
  CHECK(plain.entrypoint == std::vector<std::string>{"/run", "it"});
  CHECK(plain.log_driver.empty());
  CHECK(plain.stop_grace.count() == 0);
  for (const auto* name : {"early", "inline", "far"}) CHECK(service_of(project, name).service.dockerfile.empty());
}
