#include <ostream>

#include <nlohmann/json.hpp>

#include "doctor/reach.hpp"
#include "render/config.hpp"

namespace doctor::render {
namespace {

using Json = nlohmann::ordered_json;

Json shown(const std::optional<Value>& value) {
  return value ? Json(value->shown()) : Json();
}

Json place(const std::optional<Place>& where) {
  return where ? Json(where->text()) : Json();
}

Json setting_json(const Setting& setting) {
  Json chain = Json::array();
  for (const auto& hop : setting.chain)
    chain.push_back({{"kind", hop.kind}, {"where", hop.where}, {"expression", hop.expression}});
  return {{"name", setting.name},
          {"value", shown(setting.value())},
          {"configured", shown(setting.configured)},
          {"running", shown(setting.running)},
          {"secret", setting.rule.secret},
          {"described", setting.described},
          {"reach", to_string(setting.reach)},
          {"written_at", place(setting.written_at)},
          {"passed_at", place(setting.passed_at)},
          {"built_from", setting.built_from},
          {"chain", std::move(chain)}};
}

Json settings_of(const Deployment& deployment, const std::string& service) {
  Json settings = Json::array();
  for (const auto& setting : deployment.settings)
    if (setting.service == service) settings.push_back(setting_json(setting));
  return settings;
}

Json ports_json(const std::vector<PublishedPort>& ports) {
  Json array = Json::array();
  for (const auto& port : ports)
    array.push_back({{"address", port.address},
                     {"published", port.published},
                     {"target", port.target},
                     {"protocol", port.protocol}});
  return array;
}

Json service_json(const Deployment& deployment, const Service& service) {
  Json json{{"name", service.name}, {"enabled", service.enabled}, {"image", service.image}};
  json["container"] =
      service.container ? Json{{"name", service.container->name}, {"status", service.container->status}} : Json();
  json["process"] = service.process ? Json{{"pid", service.process->pid}, {"exe", service.process->exe}} : Json();
  json["ports"] = ports_json(service.ports);
  json["settings"] = settings_of(deployment, service.name);
  return json;
}

Json dial_json(const Dial& dial) {
  return {
      {"host", dial.host}, {"port", dial.port}, {"vantage", dial.vantage}, {"how", dial.how}, {"reason", dial.reason}};
}

Json source_json(const DataSource& source) {
  return {{"setting", source.setting},     {"endpoint", source.endpoint}, {"scheme", source.scheme},
          {"user", source.user},           {"host", source.host},         {"port", source.port},
          {"database", source.database},   {"tls_mode", source.tls_mode}, {"problem", source.problem},
          {"dial", dial_json(source.dial)}};
}

}  // namespace

void config_json(const Deployment& deployment, std::ostream& out) {
  Json document{{"schema", "doctor-config/v1"},
                {"deployment",
                 {{"system", deployment.system},
                  {"directory", deployment.directory},
                  {"project", deployment.project},
                  {"env_file", deployment.env_file},
                  {"compose_file", deployment.compose_file},
                  {"sources", deployment.sources}}}};
  Json services = Json::array();
  for (const auto& service : deployment.services) services.push_back(service_json(deployment, service));
  document["services"] = std::move(services);
  document["compose"] = settings_of(deployment, "compose");
  Json sources = Json::array();
  for (const auto& source : deployment.data_sources) sources.push_back(source_json(source));
  document["data_sources"] = std::move(sources);
  Json bases = Json::array();
  for (const auto& base : deployment.http)
    bases.push_back(
        {{"service", base.service}, {"endpoint", base.endpoint}, {"url", base.url}, {"dial", dial_json(base.dial)}});
  document["http"] = std::move(bases);
  // Files may hold bytes that are not UTF-8; they must not stop the output.
  out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace doctor::render
