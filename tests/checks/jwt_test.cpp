#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string private_file = "/srv/app/secrets/private.pem";
const std::string public_file = "/srv/app/secrets/public.pem";

void key(World& world, const std::string& path, const std::string& kind, const std::string& fingerprint = "aa",
         const std::string& algorithm = "Ed25519", const std::string& problem = {}) {
  KeyAnswer answer;
  answer.kind = kind;
  answer.algorithm = algorithm;
  answer.fingerprint = fingerprint;
  answer.problem = problem;
  world.fakes.on<KeyQuestion>().answer(KeyQuestion{path}, answer);
}

void kind(World& world, const std::string& path, const std::string& what) {
  FileAnswer answer;
  answer.kind = what;
  world.fakes.on<FileQuestion>().answer(FileQuestion{path}, answer);
}

Mount secret_mount(const std::string& source, const std::string& target) {
  Mount mount;
  mount.kind = "secret";
  mount.source = source;
  mount.target = target;
  return mount;
}

/// A container with both keys as compose secrets, owned by its user.
void healthy(World& world) {
  world.service("web").mounts = {secret_mount(private_file, "/run/secrets/private"),
                                 secret_mount(public_file, "/run/secrets/public")};
  world.container("web");
  auto& first = world.plain("web", "PRIVATE_PATH", "/run/secrets/private");
  first.rule.role = "jwt-private-key-path";
  first.rule.algorithm = "Ed25519";
  auto& second = world.plain("web", "PUBLIC_PATH", "/run/secrets/public");
  second.rule.role = "jwt-public-key-path";
  second.rule.algorithm = "Ed25519";
  world.file(private_file, 0600, 999);
  world.file(public_file, 0644, 0);
  key(world, private_file, "private");
  key(world, public_file, "public");
}

const std::string private_subject = "file:secrets/private.pem";
const std::string public_subject = "file:secrets/public.pem";

const bool added = add_scenarios(
    "jwt", {
               {"a healthy pair is silent", healthy, {}, {}},
               {"no keys at all", [](World& world) { world.service("web"); }, {}, {}},
               {"a switched-off service needs no keys",
                [](World& world) {
                  healthy(world);
                  kind(world, private_file, "missing");
                  world.service("web").enabled = false;
                },
                {},
                {}},
               {"missing",
                [](World& world) {
                  healthy(world);
                  kind(world, private_file, "missing");
                },
                {"jwt-key-missing " + private_subject},
                {}},
               {"a bare process reads the default path below its directory",
                [](World& world) {
                  world.process("web");
                  auto& setting = world.setting("web", "PUBLIC_PATH");
                  setting.rule.role = "jwt-public-key-path";
                  setting.rule.fallback = "./secrets/public.pem";
                  kind(world, "/opt/app/secrets/public.pem", "missing");
                },
                {"jwt-key-missing file:/opt/app/secrets/public.pem"},
                {}},
               {"a directory that Docker made",
                [](World& world) {
                  healthy(world);
                  kind(world, public_file, "directory");
                },
                {"jwt-key-not-a-file " + public_subject},
                {}},
               {"owned by somebody else",
                [](World& world) {
                  healthy(world);
                  world.file(private_file, 0600, 1000);
                },
                {"jwt-key-unreadable " + private_subject},
                {}},
               {"a bare process stopped by a directory on the way",
                [](World& world) {
                  world.process("web");
                  auto& setting = world.plain("web", "PUBLIC_PATH", "/root/public.pem");
                  setting.rule.role = "jwt-public-key-path";
                  world.file("/root/public.pem", 0644);
                  key(world, "/root/public.pem", "public");
                  AccessAnswer denied;
                  denied.reason = "mode";
                  denied.blocked_at = "/root";
                  denied.mode = 0700;
                  world.fakes.on<AccessQuestion>().answer_all(denied);
                },
                {"jwt-key-unreadable file:/root/public.pem"},
                {}},
               {"not a key",
                [](World& world) {
                  healthy(world);
                  key(world, private_file, "", "", "", "no PEM block");
                },
                {"jwt-key-invalid " + private_subject},
                {}},
               {"the two files are swapped",
                [](World& world) {
                  healthy(world);
                  key(world, private_file, "public");
                  key(world, public_file, "private");
                },
                {"jwt-key-invalid " + private_subject, "jwt-key-invalid " + public_subject},
                {}},
               {"far too large",
                [](World& world) {
                  healthy(world);
                  world.fakes.on<KeyQuestion>().answer(KeyQuestion{public_file}, failed(FailureKind::too_large));
                },
                {"jwt-key-invalid " + public_subject},
                {}},
               {"another algorithm",
                [](World& world) {
                  healthy(world);
                  key(world, private_file, "private", "aa", "RSA");
                },
                {"jwt-key-algorithm-unexpected " + private_subject},
                {}},
               {"any algorithm when the description asks for none",
                [](World& world) {
                  healthy(world);
                  world.setting("web", "PRIVATE_PATH").rule.algorithm = "";
                  key(world, private_file, "private", "aa", "RSA");
                },
                {},
                {}},
               {"two halves of different pairs",
                [](World& world) {
                  healthy(world);
                  key(world, public_file, "public", "bb");
                },
                {"jwt-key-mismatch " + public_subject},
                {}},
               {"everybody may read the private key",
                [](World& world) {
                  healthy(world);
                  world.file(private_file, 0644, 999);
                },
                {"jwt-key-exposed " + private_subject},
                {}},
               {"the service's own group may read it",
                [](World& world) {
                  healthy(world);
                  world.file(private_file, 0640, 999);
                },
                {},
                {}},
               {"replaced after the start",
                [](World& world) {
                  healthy(world);
                  world.file(public_file, 0644, 0, World::now - 60);
                },
                {"jwt-key-not-reloaded " + public_subject},
                {}},
               {"doctor may not read the key",
                [](World& world) {
                  healthy(world);
                  world.fakes.on<KeyQuestion>().answer(KeyQuestion{private_file},
                                                       failed(FailureKind::permission_denied, "EACCES"));
                },
                {},
                {private_subject}},
               {"a key in the image cannot be seen",
                [](World& world) {
                  healthy(world);
                  world.plain("web", "PRIVATE_PATH", "/app/private.pem");
                },
                {},
                {"setting:web/PRIVATE_PATH"}},
           });

TEST_CASE("jwt judges the keys", "[jwt]") {
  expect_scenarios("jwt");
}

TEST_CASE("jwt says who cannot read, and where", "[jwt]") {
  World world;
  healthy(world);
  world.file(private_file, 0600, 1000);
  const auto judgement = run_check(check_named("jwt"), world);
  CHECK(evidence_of(judgement, "jwt-key-unreadable", "user") == "999");
  CHECK(evidence_of(judgement, "jwt-key-unreadable", "mode") == "0600");
  CHECK(evidence_of(judgement, "jwt-key-unreadable", "owner") == "1000:1000");
  CHECK(evidence_of(judgement, "jwt-key-unreadable", "blocked_at") == private_file);
}

TEST_CASE("jwt shows what it found", "[jwt]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("jwt"), world);
  REQUIRE(judgement.healthy.size() == 2);
  CHECK(judgement.healthy.front().figure == "Ed25519 private key, readable by uid 999");
}

}  // namespace
}  // namespace doctor::test
