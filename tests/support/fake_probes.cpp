#include "support/fake_probes.hpp"

namespace doctor::test {

Failed failed(FailureKind kind, std::string code, std::string address, std::string detail,
              std::chrono::milliseconds waited) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.address = std::move(address);
  failure.detail = std::move(detail);
  failure.waited = waited;
  return Failed{failure};
}

World::World() {
  deployment.directory = "/srv/app";
  deployment.project = "app";
  deployment.compose_file = "docker-compose.yml";
  deployment.env_file = ".env";
  deployment.sources = {"docker-compose.yml", ".env"};
  fakes.on<ClockQuestion>().answer_all(ClockAnswer{now});
}

Service& World::service(const std::string& name) {
  for (auto& known : deployment.services)
    if (known.name == name) return known;
  Service added;
  added.name = name;
  added.image = name + ":1";
  added.networks = {"default"};
  added.place = {"docker-compose.yml", static_cast<int>(10 * (deployment.services.size() + 1)), 3};
  deployment.services.push_back(std::move(added));
  return deployment.services.back();
}

Container& World::container(const std::string& name) {
  Container added;
  added.id = "c0ffee" + name;
  added.name = deployment.project + "-" + name + "-1";
  added.status = "running";
  added.started = now - 3600;
  added.created = now - 3600;
  added.pid = 4711;
  added.user = "999:999";
  auto& owner = service(name);
  added.mounts = owner.mounts;
  return owner.container.emplace(std::move(added));
}

Process& World::process(const std::string& name) {
  Process added;
  added.pid = 4711;
  added.exe = "/opt/app/bin/" + name;
  added.directory = "/opt/app";
  added.uid = 999;
  added.gids = {999};
  added.started = now - 3600;
  return service(name).process.emplace(std::move(added));
}

Setting& World::setting(const std::string& service_name, const std::string& name) {
  for (auto& known : deployment.settings)
    if (known.service == service_name && known.name == name) return known;
  Setting added;
  added.service = service_name;
  added.name = name;
  added.rule.name = name;
  added.described = true;
  deployment.settings.push_back(std::move(added));
  return deployment.settings.back();
}

Setting& World::plain(const std::string& service_name, const std::string& name, const std::string& value) {
  auto& added = setting(service_name, name);
  added.configured = Value::plain(value);
  return added;
}

Setting& World::secret(const std::string& service_name, const std::string& name, const std::string& value) {
  auto& added = setting(service_name, name);
  added.rule.secret = true;
  added.configured = Value::secret(value);
  return added;
}

void World::says(const Setting& setting, const std::string& predicate, bool holds, const std::string& reason) {
  fakes.on<SecretQuestion>().answer_if(
      [subject = setting.subject(), predicate](const SecretQuestion& question) {
        return question.setting == subject && question.predicate == predicate;
      },
      SecretAnswer{holds, reason});
}

void World::secrets_are_well() {
  fakes.on<SecretQuestion>().reply_if([](const SecretQuestion&) { return true; },
                                      [](const SecretQuestion& question) -> Outcome<SecretAnswer> {
                                        const bool bad_when_true = question.predicate == "empty" ||
                                                                   question.predicate == "example" ||
                                                                   question.predicate == "refused";
                                        return SecretAnswer{!bad_when_true, {}};
                                      });
}

void World::file(const std::string& path, std::uint32_t mode, std::uint32_t uid, std::int64_t modified) {
  FileAnswer answer;
  answer.kind = "file";
  answer.mode = mode;
  answer.uid = uid;
  answer.gid = uid;
  answer.size = 100;
  answer.modified = modified;
  fakes.on<FileQuestion>().answer(FileQuestion{path}, answer);
}

void World::text(const std::string& path, const std::string& content) {
  file(path, 0644);
  fakes.on<TextQuestion>().answer_if([path](const TextQuestion& question) { return question.path == path; },
                                     TextAnswer{content});
}

}  // namespace doctor::test
