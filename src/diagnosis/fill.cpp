#include "diagnosis/fill.hpp"

#include "guides/placeholder.hpp"
#include "util/text.hpp"

namespace doctor::diagnosis {
namespace {

/// The service that a subject speaks of: setting:SERVICE/NAME, service:SERVICE, endpoint:SERVICE:PORT.
std::string service_of(const std::string& subject) {
  const auto colon = subject.find(':');
  const auto kind = subject.substr(0, colon);
  if (colon == std::string::npos || (kind != "setting" && kind != "service" && kind != "endpoint")) return {};
  const auto rest = subject.substr(colon + 1);
  return rest.substr(0, rest.find_first_of("/:"));
}

/// The service that a fix is about: the one named, else the application's own (the first that is described).
const Service* concerned(const Deployment& deployment, const std::string& name) {
  if (const auto* service = deployment.service(name)) return service;
  for (const auto& service : deployment.services)
    if (service.described()) return &service;
  return deployment.services.empty() ? nullptr : &deployment.services.front();
}

std::string container_of(const Deployment& deployment, const Service& service) {
  if (service.container) return service.container->name;
  if (!service.container_name.empty()) return service.container_name;
  return deployment.project.empty() ? std::string{} : deployment.project + "-" + service.name + "-1";
}

/// docker-compose.yml -> docker-compose.override.yml
std::string override_of(const std::string& compose_file) {
  const auto dot = compose_file.rfind('.');
  if (dot == std::string::npos || compose_file.find(".override.") != std::string::npos) return compose_file;
  return compose_file.substr(0, dot) + ".override" + compose_file.substr(dot);
}

/// The address that the service's users have, or one that nobody takes for his own.
std::string public_url_of(const Deployment& deployment, const Service* service) {
  for (const auto& one : deployment.public_urls)
    if (service == nullptr || one.service == service->name) return one.url;
  return deployment.public_urls.empty() ? "https://app.example.com" : deployment.public_urls.front().url;
}

}  // namespace

Names names_for(const Deployment& deployment, const std::string& subject, const std::vector<Evidence>& evidence) {
  Names names;
  for (const auto& item : evidence)
    if (!item.value.empty()) names.emplace(item.name, item.value);
  const auto named = names.find("service");
  const auto* service = concerned(deployment, named != names.end() ? named->second : service_of(subject));
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) names.emplace(key, value);
  };
  if (service != nullptr) {
    // Evidence may say "compose", which is no service that a command could name.
    if (named != names.end() && deployment.service(named->second) == nullptr) names.erase("service");
    add("service", service->name);
    if (!deployment.compose_file.empty()) add("container", container_of(deployment, *service));
  }
  add("project", deployment.project);
  add("env_file", deployment.env_file);
  add("compose_file", deployment.compose_file);
  if (!deployment.compose_file.empty()) add("override_file", override_of(deployment.compose_file));
  add("directory", deployment.directory);
  add("public_url", public_url_of(deployment, service));
  return names;
}

std::optional<std::string> fill(std::string_view text, const Names& names, Quoting quoting) {
  std::string out;
  for (const auto& piece : guides::pieces(text)) {
    if (!piece.is_name) {
      out += piece.text;
      continue;
    }
    const auto value = names.find(piece.text);
    if (value == names.end()) return std::nullopt;
    const auto safe = util::shown(value->second, 400);
    out += quoting == Quoting::shell ? util::shell_quoted(safe) : safe;
  }
  return out;
}

std::string fill_prose(std::string_view text, const Names& names) {
  std::string out;
  for (const auto& piece : guides::pieces(text)) {
    const auto value = piece.is_name ? names.find(piece.text) : names.end();
    if (!piece.is_name)
      out += piece.text;
    else
      out += value == names.end() ? "<" + piece.text + ">" : util::shown(value->second, 400);
  }
  return out;
}

}  // namespace doctor::diagnosis
