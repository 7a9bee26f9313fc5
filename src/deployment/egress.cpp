#include "deployment/egress.hpp"

#include <algorithm>

#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

constexpr std::string_view proxy_role = "egress-proxy";
constexpr std::string_view authorities_role = "extra-authorities";

/// What the process has, or would get; the rule's fallback when it is not set. May be secret.
std::string text_of(const Setting& setting) {
  const auto& value = setting.value();
  return util::trim(value ? SecretReader::reveal(*value) : setting.rule.fallback);
}

std::string text_of(const Deployment& deployment, const std::string& service, const std::string& name) {
  const auto* setting = deployment.setting(service, name);
  return setting == nullptr ? std::string{} : text_of(*setting);
}

std::string without_dot(const std::string& host) {
  return util::lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
}

/// One entry of NO_PROXY, as undici (Node.js) and most others read it: a name stands for itself alone, what begins with
/// a dot or an asterisk for all that end so.
bool covers(std::string entry, const std::string& host, std::uint16_t port) {
  const auto colon = entry.rfind(':');
  const bool has_port = colon != std::string::npos && entry.find(':') == colon && colon + 1 < entry.size() &&
                        entry.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  if (has_port) {
    if (entry.substr(colon + 1) != std::to_string(port)) return false;
    entry = entry.substr(0, colon);
  }
  if (entry == "*") return true;
  if (entry.starts_with('*')) entry = entry.substr(1);
  return entry.starts_with('.') ? host.ends_with(entry) : host == entry;
}

bool is_bypassed(const Deployment& deployment, const std::string& service, const std::string& host,
                 std::uint16_t port) {
  auto list = text_of(deployment, service, "NO_PROXY");
  if (list.empty()) list = text_of(deployment, service, "no_proxy");
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == ' ' || c == '\t'; }, ',');
  const auto entries = util::split(util::lower(list), ',');
  return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
    return !entry.empty() && covers(entry, without_dot(host), port);
  });
}

bool is_for(const Setting& setting, bool tls) {
  const auto name = util::lower(setting.name);
  if (name.starts_with("https_")) return tls;
  return !name.starts_with("http_") || !tls;
}

bool is_authority(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_word || std::string_view{".-_:[]"}.find(c) != std::string_view::npos;
  });
}

/// The proxy of a URL such as http://proxy.lan:3128. No part of the text gets into the note.
Egress by_proxy(const Setting& setting, std::string text) {
  Egress egress;
  const auto scheme_end = text.find("://");
  const auto scheme = scheme_end == std::string::npos ? "http" : util::lower(text.substr(0, scheme_end));
  if (scheme_end != std::string::npos) text = text.substr(scheme_end + 3);
  // A password may hold the very characters that end the authority.
  const bool has_login = text.find('@') != std::string::npos;
  text = text.substr(0, text.find_first_of("/?#"));
  const auto bracket = text.rfind(']');
  const bool has_port = text.find(':', bracket == std::string::npos ? 0 : bracket) != std::string::npos;
  if (scheme != "http")
    egress.note = "the proxy of " + setting.name + " is not spoken to over plain HTTP, and doctor knows no other way";
  else if (has_login)
    egress.note = "the proxy of " + setting.name + " wants a login, which doctor does not send";
  else if (text.empty() || !is_authority(text))
    egress.note = "the address of the proxy in " + setting.name + " cannot be read";
  else
    egress.proxy = has_port ? text : text + ":80";
  return egress;
}

const Setting* proxy_setting(const Deployment& deployment, const Service& service, bool tls) {
  for (const auto* setting : deployment.with_role(proxy_role)) {
    if (setting->service != service.name || !is_for(*setting, tls) || text_of(*setting).empty()) continue;
    if (!setting->rule.needs || is_fulfilled(deployment, service.name, *setting->rule.needs)) return setting;
  }
  return nullptr;
}

/// The file of certificates of the service, or in `note` why it cannot be found.
std::string authorities_of(const Deployment& deployment, const Service& service, std::string& note) {
  for (const auto* setting : deployment.with_role(authorities_role)) {
    if (setting->service != service.name) continue;
    const auto path = text_of(*setting);
    if (path.empty() || path.starts_with('/')) return path;
    if (service.process && !service.process->directory.empty()) return service.process->directory + "/" + path;
    note = setting->name + " is a relative path, and the working directory of " + service.name + " is not known";
    return {};
  }
  return {};
}

}  // namespace

bool is_fulfilled(const Deployment& deployment, const std::string& service, const SettingCondition& condition) {
  const auto text = util::lower(text_of(deployment, service, condition.setting));
  return std::any_of(condition.is.begin(), condition.is.end(),
                     [&](const std::string& value) { return util::lower(value) == text; });
}

Egress egress_to(const Deployment& deployment, const Service& service, const std::string& host, std::uint16_t port,
                 bool tls) {
  Egress egress;
  if (const auto* setting = proxy_setting(deployment, service, tls))
    if (!is_bypassed(deployment, service.name, host, port)) egress = by_proxy(*setting, text_of(*setting));
  if (tls && egress.note.empty()) egress.authorities = authorities_of(deployment, service, egress.note);
  return egress;
}

std::vector<std::string> egress_settings(const Deployment& deployment, const std::string& service) {
  std::vector<std::string> subjects;
  for (const auto role : {proxy_role, authorities_role})
    for (const auto* setting : deployment.with_role(role)) {
      if (setting->service != service) continue;
      subjects.push_back(setting->subject());
      if (!setting->rule.needs) continue;
      if (const auto* needed = deployment.setting(service, setting->rule.needs->setting))
        subjects.push_back(needed->subject());
    }
  return subjects;
}

}  // namespace doctor::deployment
