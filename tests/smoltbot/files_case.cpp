#include "smoltbot/files_case.hpp"

#include "lab/env_file.hpp"

#include <ctime>
#include <sstream>
#include <stdexcept>

#include "lab/smoltbot_lab.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

constexpr const char* dotenv = "deploy/docker/.env";
constexpr const char* compose_file = "deploy/docker/docker-compose.yml";
constexpr std::time_t year = 365L * 24 * 60 * 60;

std::string license() {
  return token({{"license_id", "lic_" + random_hex(8)}, {"plan_id", "team"}, {"exp", std::time(nullptr) + year}});
}

std::string service_key() {
  return token({{"iss", "supabase"},
                {"ref", "abcdefghijklmnopqrst"},
                {"role", "service_role"},
                {"exp", std::time(nullptr) + 10 * year}});
}

}  // namespace

SmoltbotFiles::SmoltbotFiles() {
  directory_.write(compose_file, smoltbot_file("docker-compose.yml"));
  directory_.write("deploy/docker/.env.example", smoltbot_file(".env.example"));
  directory_.write("deploy/docker/Dockerfile.gateway", smoltbot_file("Dockerfile.gateway"));
  for (const auto* path : {"package.json", "package-lock.json", "deploy/runtime/package.json", "gateway/package.json",
                           "observer/package.json", "api/package.json"})
    directory_.write(path, "{}\n");
  directory_.write(dotenv, "LOG_LEVEL=info\nPORT=8787\n", 0600);
  for (const auto& [name, value] : {std::pair{std::string{"POSTGRES_PASSWORD"}, random_alphanumeric(32)},
                                    {"SUPABASE_KEY", service_key()},
                                    {"ANTHROPIC_API_KEY", "sk-ant-api03-" + random_alphanumeric(40)},
                                    {"MNEMOM_LICENSE_JWT", license()}}) {
    secrets_.add(value);
    set(name, value);
  }
  const auto secret = random_alphanumeric(40);
  secrets_.add(secret);
  for (const auto* name : {"gateway", "observer"})
    give(name, "SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co");
  give("observer", "SUPABASE_JWT_SECRET", secret);
  add("postgres", "ports: !override ['127.0.0.1:5432:5432']\n");
  add("redis", "ports: !override ['127.0.0.1:6379:6379']\n");
}

SmoltbotFiles& SmoltbotFiles::set(const std::string& name, const std::string& value) {
  env_file::set(directory_, name, value, dotenv);
  return *this;
}

SmoltbotFiles& SmoltbotFiles::unset(const std::string& name) {
  env_file::unset(directory_, name, dotenv);
  return *this;
}

SmoltbotFiles::Service& SmoltbotFiles::service(const std::string& name) {
  for (auto& known : services_)
    if (known.name == name) return known;
  return services_.emplace_back(Service{name, "", ""});
}

SmoltbotFiles& SmoltbotFiles::give(const std::string& name, const std::string& variable, const std::string& value) {
  auto& environment = service(name).environment;
  const auto line = "      " + variable + ": ";
  if (const auto at = environment.find(line); at != std::string::npos)
    environment.erase(at, environment.find('\n', at) + 1 - at);
  environment += line + "\"" + value + "\"\n";
  return *this;
}

SmoltbotFiles& SmoltbotFiles::add(const std::string& name, const std::string& yaml) {
  std::istringstream lines{yaml};
  for (std::string line; std::getline(lines, line);) service(name).keys += "    " + line + "\n";
  return *this;
}

SmoltbotFiles& SmoltbotFiles::edit_compose(const std::string& from, const std::string& to) {
  auto text = directory_.read(compose_file);
  replace(text, from, to);
  directory_.write(compose_file, text);
  return *this;
}

std::string SmoltbotFiles::override_file() const {
  std::string text = "services:\n";
  for (const auto& one : services_) {
    text += "  " + one.name + ":\n" + one.keys;
    if (!one.environment.empty()) text += "    environment:\n" + one.environment;
  }
  return text;
}

void SmoltbotFiles::save() const {
  directory_.write("deploy/docker/docker-compose.override.yml", override_file());
}

Result SmoltbotFiles::check(Arguments arguments) {
  save();
  return lab::check(directory_.path("deploy/docker"), secrets_, arguments);
}

std::string smoltbot_file(const std::string& name) {
  return read_file(doctor::test::source_path("tests/smoltbot/project/" + name));
}

}  // namespace doctor::lab
