// The project as it is shipped: what its own files have wrong, and nothing else.

#include <ctime>

#include "lab/smoltbot_lab.hpp"
#include "smoltbot/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr const char* env_file = "deploy/docker/.env";

/// What `git clone` and `cp .env.example .env` make; the directory api is not public.
class Shipped {
 public:
  Shipped() {
    for (const auto* name : {"docker-compose.yml", ".env.example", "Dockerfile.gateway"})
      directory_.write(std::string{"deploy/docker/"} + name, smoltbot_file(name));
    for (const auto* path : {"package.json", "package-lock.json", "deploy/runtime/package.json", "gateway/package.json",
                             "observer/package.json"})
      directory_.write(path, "{}\n");
    directory_.write(env_file, smoltbot_file(".env.example"), 0600);
  }

  Shipped& fill_in(const std::string& name, const std::string& value) {
    auto text = directory_.read(env_file);
    replace(text, "\n" + name + "=\n", "\n" + name + "=" + value + "\n");
    directory_.write(env_file, text, 0600);
    secrets_.add(value);
    return *this;
  }

  Result check() const { return lab::check(directory_.path("deploy/docker"), secrets_, {"--allow-incomplete"}); }

 private:
  Directory directory_{"smoltbot"};
  Secrets secrets_;
};

/// What nobody can avoid who follows the project's instructions.
std::vector<Root> shipped_faults() {
  return {
      {"smoltbot-supabase-url-raw-postgres", "env-value-refused", "env", "setting:gateway/SUPABASE_URL"},
      {"smoltbot-supabase-jwt-secret-missing", "env-required-missing", "env", "setting:observer/SUPABASE_JWT_SECRET"},
      {"smoltbot-default-credentials", "env-example-value", "env", "setting:compose/POSTGRES_PASSWORD"},
      {"smoltbot-services-exposed", "port-exposed", "ports", "endpoint:postgres:5432"},
      {"smoltbot-services-exposed", "port-exposed", "ports", "endpoint:redis:6379"},
      {"smoltbot-image-build-failed", "compose-build-source-missing", "compose", "file:Dockerfile.gateway"}};
}

}  // namespace

TEST_CASE("the project as it is shipped, its keys filled in", "[shipped]") {
  Shipped shipped;
  shipped.fill_in("SUPABASE_KEY", token({{"role", "service_role"}, {"exp", std::time(nullptr) + 100000000}}));
  shipped.fill_in("ANTHROPIC_API_KEY", "sk-ant-api03-" + random_alphanumeric(40));
  const auto result = shipped.check();
  expect_roots(result, shipped_faults(), 1);
  CHECK(result.consequences().empty());
  CHECK(result.evidence("smoltbot-services-exposed", "where").starts_with("docker-compose.yml:"));
}

TEST_CASE("the project as it is shipped, with the .env of the example", "[shipped]") {
  const auto result = Shipped{}.check();
  auto faults = shipped_faults();
  for (const auto* name : {"SUPABASE_KEY", "ANTHROPIC_API_KEY"})
    faults.push_back(
        {"smoltbot-env-required-missing", "env-required-empty", "env", std::string{"setting:gateway/"} + name});
  expect_roots(result, faults, 1);
  CHECK(result.consequences().empty());
}

TEST_CASE("the project with all that corrected", "[shipped]") {
  SmoltbotFiles files;
  const auto result = files.check({"--allow-incomplete", "--fail-on", "info"});
  CHECK(result.report.at("findings").empty());
  CHECK(result.run.exit == 0);
}

}  // namespace doctor::lab
