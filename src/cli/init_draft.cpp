#include "cli/init_draft.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// Programs that nobody describes as an application of his own: the end of their image's name.
constexpr std::array<std::string_view, 24> infrastructure{
    "postgres", "postgresql", "pgvector", "timescaledb", "mysql",   "mariadb",  "mongo",    "redis",
    "valkey",   "memcached",  "nginx",    "caddy",       "traefik", "haproxy",  "rabbitmq", "minio",
    "coturn",   "prometheus", "grafana",  "loki",        "adminer", "pgadmin4", "mailhog",  "mailpit"};

/// "postgres" of "docker.io/library/postgres:17@sha256:...".
std::string program_of(const std::string& image) {
  auto name = image.substr(0, image.find('@'));
  name = name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
  return name.substr(0, name.find(':'));
}

bool is_infrastructure(const Service& service) {
  return std::find(infrastructure.begin(), infrastructure.end(), program_of(service.image)) != infrastructure.end();
}

std::uint16_t port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() ? port : std::uint16_t{0};
}

/// What stands behind http:// in the health check of a service: "localhost:3000/health".
std::string address_in(const std::string& healthcheck) {
  constexpr std::string_view scheme = "http://";
  const auto begin = healthcheck.find(scheme);
  if (begin == std::string::npos) return {};
  const auto rest = healthcheck.substr(begin + scheme.size());
  return rest.substr(0, rest.find_first_of(" \t'\"|;&)>,]"));
}

void read_healthcheck(const Service& service, DraftService& draft) {
  const auto address = address_in(service.healthcheck);
  if (address.empty()) return;
  const auto slash = std::min(address.find('/'), address.size());
  const auto colon = address.rfind(':', slash);
  const auto port =
      colon == std::string::npos ? std::uint16_t{80} : port_from(address.substr(colon + 1, slash - colon - 1));
  if (port == 0) return;
  draft.port = port;
  draft.port_source = draft.health_source = "its health check";
  if (slash < address.size()) draft.health = address.substr(slash, address.find_first_of("?#", slash) - slash);
}

void read_ports(const Service& service, DraftService& draft) {
  for (const auto& port : service.ports) {
    if (port.protocol != "tcp" || port.target == 0) continue;
    if (draft.port == 0) {
      draft.port = port.target;
      draft.port_source = port.place.text();
    }
    if (draft.port == port.target && draft.published == 0) draft.published = port.published;
  }
}

SettingRule rule_of(const Setting& setting) {
  SettingRule rule;
  rule.name = setting.name;
  rule.role = setting.rule.role;
  rule.secret = setting.rule.secret || (setting.value() && setting.value()->is_secret());
  const auto& value = setting.value();
  const bool is_set = value && (value->is_secret() || !value->text().empty());
  rule.required = is_set && (rule.secret || !rule.role.empty());
  return rule;
}

void read_settings(const Deployment& deployment, const std::string& service, DraftService& draft) {
  for (const auto& setting : deployment.settings) {
    if (setting.service != service) continue;
    draft.settings.push_back(rule_of(setting));
    const auto& value = setting.value();
    if (draft.port == 0 && setting.name == "PORT" && value && !value->is_secret()) {
      draft.port = port_from(value->text());
      draft.port_source = setting.where();
    }
  }
}

std::string service_list(const std::vector<std::string>& items) {
  std::vector<std::string> shown;
  for (const auto& item : items) shown.push_back(util::shown(item, 80));
  return util::join(shown, ", ");
}

/// A YAML scalar that is certainly a string.
std::string quoted(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '/' || c == '.';
  };
  static const std::set<std::string> words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const bool is_word =
      !text.empty() && std::all_of(text.begin(), text.end(), is_plain) && words.count(util::lower(text)) == 0;
  if (is_word && text.find_first_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/") == 0) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"''"} : std::string{c};
  return out + "'";
}

/// What cannot be written on one line of YAML is left out.
bool is_writable(const std::string& name) {
  return !name.empty() && name.size() <= 200 && util::shown(name, 300) == name;
}

std::string keys_of(const SettingRule& rule) {
  std::vector<std::string> keys;
  if (!rule.role.empty()) keys.push_back("role: " + rule.role);
  if (rule.required) keys.emplace_back("required: true");
  if (rule.secret) keys.emplace_back("secret: true");
  if (rule.role == "database-url") keys.emplace_back("form: url, schemes: [postgres, postgresql]");
  if (rule.role == "redis-url") keys.emplace_back("form: url, schemes: [redis, rediss]");
  return "{" + util::join(keys, ", ") + "}";
}

std::string expectation_text(const DraftService& service) {
  if (!service.health.empty())
    return "      expect:                     # from " + service.health_source +
           "\n        - {http: " + quoted(service.health) + ", status: [200]}\n";
  if (service.port == 0) return {};
  return "      # expect:                   # what a healthy answer looks like\n"
         "      #   - {http: /health, status: [200], type: application/json, json: {/status: ok}}\n";
}

std::string service_text(const DraftService& service) {
  std::string text = "    " + quoted(service.name) + ":\n";
  if (service.port != 0)
    text += "      port: " + std::to_string(service.port) + "   # where it listens, by " +
            util::shown(service.port_source, 100) + "\n";
  else
    text += "      # port: 3000              # where it listens\n";
  if (!service.settings.empty()) text += "      settings:\n";
  for (const auto& rule : service.settings)
    if (is_writable(rule.name)) text += "        " + quoted(rule.name) + ": " + keys_of(rule) + "\n";
  return text + expectation_text(service);
}

constexpr const char* head =
    "# What doctor is told about this deployment: `doctor check` reads it here and in the directories below.\n"
    "# docs/adding-a-system.md explains every key. A mistake is named with its line.\n\n";

constexpr const char* tail =
    "\n# Pages of your own, which say what helps when something of it is wrong: files NAME.md, by the name above.\n"
    "# guides: [guides]\n"
    "\n# Doctor's own options, by their long names; `doctor config --options` shows which value is from where.\n"
    "# options:\n"
    "#   fail-on: warning\n"
    "#   skip: [clock]\n";

}  // namespace

std::string system_name(const std::string& text) {
  std::string name;
  for (const char c : util::lower(text)) {
    const bool is_letter = c >= 'a' && c <= 'z';
    const bool is_other = (c >= '0' && c <= '9') || c == '-';
    if (is_letter || (is_other && !name.empty() && !(c == '-' && name.back() == '-'))) name += c;
    if (!is_letter && !is_other && !name.empty() && name.back() != '-') name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "application" : name.substr(0, 60);
}

Draft draft_of(const Deployment& deployment) {
  Draft draft;
  draft.known_system = deployment.system;
  const auto folder = deployment.directory.substr(deployment.directory.rfind('/') + 1);
  draft.name = system_name(deployment.project.empty() ? folder : deployment.project);
  if (!draft.known_system.empty()) return draft;
  for (const auto& service : deployment.services) {
    if (is_infrastructure(service)) {
      draft.left_out.push_back(service.name + " (" + service.image + ")");
      continue;
    }
    DraftService made;
    made.name = service.name;
    read_healthcheck(service, made);
    read_ports(service, made);
    read_settings(deployment, service.name, made);
    if (is_writable(made.name)) draft.services.push_back(std::move(made));
  }
  return draft;
}

std::string text_of(const Draft& draft) {
  std::string text = head;
  if (!draft.known_system.empty())
    return text + "# This is " + draft.known_system + ", which doctor knows: there is nothing to describe.\n" + tail +
           "options: {}\n";
  text += "system:\n  name: " + quoted(draft.name) + "\n";
  if (draft.services.empty())
    text +=
        "  # services:                  # what it consists of: names as in the compose file\n"
        "  #   web:\n"
        "  #     port: 3000\n"
        "  #     process: {exe: web-server}   # how it is found without containers\n";
  else
    text += "  services:\n";
  for (const auto& service : draft.services) text += service_text(service);
  if (!draft.left_out.empty())
    text += "    # Not described, since doctor knows their kind: " + service_list(draft.left_out) + "\n";
  return text + tail;
}

}  // namespace doctor::cli
