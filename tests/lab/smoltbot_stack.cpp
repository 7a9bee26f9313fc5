#include "lab/smoltbot_stack.hpp"

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "lab/smoltbot_schema.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

using std::chrono::milliseconds;

void import_image(const DockerEngine& engine, const std::string& root, const std::string& name,
                  const std::vector<std::string>& changes) {
  std::string line = "tar -C " + root + " -c . | docker -H " + engine.host() + " import";
  for (const auto& change : changes) line += " --change '" + change + "'";
  run_or_throw({"sh", "-c", line + " - " + name});
}

/// Once for an Engine.
void make_images(const DockerEngine& engine) {
  if (!engine.docker({"images", "-q", "doctor-test/smoltbot"}).empty()) return;
  const Directory directory{"root"};
  run_or_throw({doctor::test::source_path("tests/engine/make-smoltbot-root.sh"), directory.path(),
                lab_program("smoltbot/node"), lab_program("smoltbot/postgrest")});
  import_image(engine, directory.path(), "doctor-test/smoltbot",
               {"USER 65534:65534", "WORKDIR /app", "ENV NODE_ENV=production PORT=8787", "EXPOSE 8787",
                "HEALTHCHECK --interval=1s --timeout=5s --start-period=1s --retries=3 CMD wget -q -O /dev/null "
                "http://127.0.0.1:8787/health/live",
                R"(CMD ["node","dist/entrypoint.js"])"});
  import_image(engine, directory.path(), "doctor-test/postgrest", {"USER 65534:65534", R"(CMD ["postgrest"])"});
}

template <class Condition>
bool wait_until(Condition holds) {
  for (int tries = 0; tries < 600; ++tries) {
    if (holds()) return true;
    std::this_thread::sleep_for(milliseconds{50});
  }
  return false;
}

}  // namespace

SmoltbotStack::SmoltbotStack(const std::string& observer, DockerEngine& engine)
    : engine_(engine), password_(random_alphanumeric(24)) {
  make_images(engine_);
  files_.secrets().add(password_);
  files_.set("MNEMOM_LICENSE_JWT", "");
  const auto redis_url = "redis://:" + password_ + "@redis:6379";
  for (const auto* service : {"gateway", "observer"}) {
    files_.add(service, "image: doctor-test/smoltbot\n");
    files_.give(service, "SUPABASE_URL", "http://rest:3000");
    files_.give(service, "REDIS_URL", redis_url);
    for (const auto* module : {"GATEWAY", "OBSERVER", "API"}) {
      std::string file = module;
      for (auto& c : file) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      files_.give(service, std::string{module} + "_WORKER_PATH", "./" + file + "-worker.js");
    }
  }
  files_.add("observer", observer);
  files_.add("postgres", "image: doctor-test/postgres\nhealthcheck: {interval: 1s, retries: 30}\n");
  files_.add("redis", "image: doctor-test/redis\nuser: root\ncommand: redis-server --save '' --requirepass " +
                          password_ + "\nhealthcheck: {interval: 1s, retries: 30}\n");
  files_.add(
      "rest",
      "image: doctor-test/postgrest\nrestart: unless-stopped\ndepends_on:\n  postgres: {condition: service_healthy}\n");
  files_.give("rest", "PGRST_DB_URI", "postgres://smoltbot:${POSTGRES_PASSWORD}@postgres:5432/smoltbot");
  files_.give("rest", "SERVICE_KEY", "${SUPABASE_KEY}");
}

SmoltbotStack::~SmoltbotStack() {
  compose({"down", "-v", "-t", "0", "--remove-orphans"});
}

CommandOptions SmoltbotStack::options() const {
  CommandOptions options;
  options.environment =
      Environment{{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin"}, {"HOME", "/"}, {"DOCKER_HOST", engine_.host()}};
  options.directory = files_.directory().path("deploy/docker");
  return options;
}

CommandResult SmoltbotStack::compose(Arguments arguments) const {
  arguments.insert(arguments.begin(), compose_program());
  return run(arguments, options());
}

SmoltbotStack& SmoltbotStack::up_anyway() {
  files_.save();
  compose({"up", "-d", "--no-build"});
  return *this;
}

SmoltbotStack& SmoltbotStack::up() {
  files_.save();
  const auto result = compose({"up", "-d", "--no-build"});
  if (result.exit != 0) throw std::runtime_error("docker compose up failed: " + result.err);
  add_migrations();
  for (const auto* service : {"gateway", "observer"})
    if (!wait_until([&] { return logs(service).find("Startup complete") != std::string::npos; }))
      throw std::runtime_error(std::string{service} + " does not start: " + logs(service));
  return *this;
}

SmoltbotStack& SmoltbotStack::replace(const std::string& service) {
  files_.save();
  compose({"up", "-d", "--no-build", "--no-deps", "-t", "0", service});
  return *this;
}

void SmoltbotStack::add_migrations() const {
  std::string sql = migrations_table();
  for (const auto& file : smoltbot_migrations()) {
    files_.directory().write("deploy/docker/database/migrations/" + file.name, file.sql);
    sql += file.sql + migration_row(file.name);
  }
  files_.directory().write("schema.sql", sql);
  const auto shell = "docker -H " + engine_.host() + " exec -i " + container("postgres") +
                     " psql -q -U smoltbot -d smoltbot < " + files_.directory().path("schema.sql");
  run_or_throw({"sh", "-c", shell});
}

std::string SmoltbotStack::container(const std::string& service) const {
  const auto filter = "label=com.docker.compose.service=" + service;
  return engine_.docker({"ps", "-a", "--filter", filter, "--format", "{{.Names}}"});
}

std::string SmoltbotStack::inspect(const std::string& service, const std::string& format) const {
  return engine_.docker({"inspect", "--format", format, container(service)});
}

std::string SmoltbotStack::logs(const std::string& service) const {
  return run_or_throw({"sh", "-c", "docker -H " + engine_.host() + " logs " + container(service) + " 2>&1"});
}

void SmoltbotStack::expect_state(const std::string& service, const std::string& format,
                                 const std::string& wanted) const {
  INFO(service << " " << format << ", now " << inspect(service, format));
  REQUIRE(wait_until([&] { return inspect(service, format) == wanted; }));
}

void SmoltbotStack::expect_restarts(const std::string& service, int least) const {
  REQUIRE(wait_until([&] { return std::atoi(inspect(service, "{{.RestartCount}}").c_str()) >= least; }));
}

Result SmoltbotStack::check(Arguments arguments) {
  arguments.emplace_back("--offline");
  return lab::check(files_.directory().path("deploy/docker"), files_.secrets(), arguments, options());
}

}  // namespace doctor::lab
