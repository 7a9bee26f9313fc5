#include <nlohmann/json.hpp>

#include "plugins/protocol.hpp"

namespace doctor::plugins {
namespace {

using Json = nlohmann::ordered_json;

Json container_json(const Container& container) {
  return {{"name", container.name},       {"status", container.status},      {"health", container.health},
          {"pid", container.pid},         {"image", container.image},        {"restarts", container.restarts},
          {"started", container.started}, {"addresses", container.addresses}};
}

Json service_json(const Service& service) {
  Json json{{"name", service.name}, {"subject", service.subject()}, {"image", service.image}};
  json["container"] = service.container ? container_json(*service.container) : Json{};
  json["process"] = service.process ? Json{{"pid", service.process->pid}, {"exe", service.process->exe}} : Json{};
  return json;
}

Json source_json(const DataSource& source) {
  return {{"subject", source.endpoint}, {"service", source.service},   {"kind", source.role},
          {"scheme", source.scheme},    {"host", source.dial.host},    {"port", source.dial.port},
          {"user", source.user},        {"database", source.database}, {"vantage", source.dial.vantage}};
}

Json http_json(const HttpBase& base) {
  return {{"subject", base.endpoint},
          {"service", base.service},
          {"kind", "http"},
          {"url", base.url},
          {"host", base.dial.host},
          {"port", base.dial.port},
          {"vantage", base.dial.vantage}};
}

Json public_json(const PublicUrl& url) {
  return {{"subject", url.endpoint}, {"service", url.service}, {"kind", "public-url"},
          {"url", url.url},          {"host", url.host},       {"port", url.port}};
}

/// A value that is not known to be harmless stays out: of an unknown application every secret is a guess.
Json settings_json(const Deployment& deployment) {
  Json settings = Json::array();
  for (const auto& setting : deployment.settings) {
    const auto& value = setting.value();
    if (setting.rule.secret || (value && value->is_secret())) continue;
    settings.push_back({{"subject", setting.subject()},
                        {"service", setting.service},
                        {"name", setting.name},
                        {"role", setting.rule.role},
                        {"value", value ? Json(value->text()) : Json{}}});
  }
  return settings;
}

}  // namespace

std::string input_for(const Deployment& deployment) {
  Json services = Json::array();
  for (const auto& service : deployment.services)
    if (service.enabled) services.push_back(service_json(service));
  Json endpoints = Json::array();
  for (const auto& source : deployment.data_sources) endpoints.push_back(source_json(source));
  for (const auto& source : deployment.redis) endpoints.push_back(source_json(source));
  for (const auto& base : deployment.http) endpoints.push_back(http_json(base));
  for (const auto& url : deployment.public_urls) endpoints.push_back(public_json(url));
  const Json input{{"schema", "doctor-plugin/v1"},
                   {"deployment",
                    {{"directory", deployment.directory},
                     {"project", deployment.project},
                     {"system", deployment.system},
                     {"offline", deployment.offline},
                     {"services", services},
                     {"endpoints", endpoints},
                     {"settings", settings_json(deployment)}}}};
  return input.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace doctor::plugins
