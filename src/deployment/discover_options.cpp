#include "deployment/discover_options.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

using Wrong = tl::unexpected<CannotStart>;

bool is_name(const std::string& text) {
  const auto legal = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), legal) && !(text.front() >= '0' && text.front() <= '9');
}

std::vector<std::string> names_of(const std::vector<Service>& services) {
  std::vector<std::string> names;
  for (const auto& service : services) names.push_back(service.name);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

CannotStart unknown(const std::string& kind, const std::string& name, const std::vector<std::string>& known) {
  const auto near = util::nearest(name, known);
  const auto hint = near.empty() ? (known.empty() ? "" : " (known: " + util::join(known, ", ") + ")")
                                 : " (did you mean " + near + "?)";
  return {"unknown " + kind + " " + util::shown(name, 60) + hint};
}

Read<Override> parse_override(const std::string& text) {
  // The value may be a secret and is never repeated.
  const auto equals = text.find('=');
  if (equals == std::string::npos) return Wrong{CannotStart{"--set needs [SERVICE.]NAME=VALUE"}};
  Override change;
  change.name = text.substr(0, equals);
  change.value = text.substr(equals + 1);
  if (const auto dot = change.name.rfind('.'); dot != std::string::npos) {
    change.service = change.name.substr(0, dot);
    change.name.erase(0, dot + 1);
  }
  if (is_name(change.name)) return change;
  return Wrong{CannotStart{"--set needs [SERVICE.]NAME=VALUE; the name may hold letters, digits and _ only"}};
}

Read<std::vector<Override>> parse_overrides(const std::vector<std::string>& texts,
                                            const std::vector<Service>& services) {
  const auto names = names_of(services);
  std::vector<Override> overrides;
  for (const auto& text : texts) {
    auto change = parse_override(text);
    if (!change) return Wrong{change.error()};
    if (!change->service.empty() && change->service != compose_service && !has(names, change->service))
      return Wrong{unknown("service in --set:", change->service, names)};
    overrides.push_back(std::move(*change));
  }
  return overrides;
}

Read<std::map<std::string, BaseUrl>> parse_urls(const std::vector<std::string>& texts, const std::string& main_service,
                                                const std::vector<Service>& services) {
  const auto names = names_of(services);
  std::map<std::string, BaseUrl> urls;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    const bool named = equals != std::string::npos && equals < text.find("://");
    const auto service = named ? text.substr(0, equals) : main_service;
    if (!has(names, service)) return Wrong{unknown("service in --url:", service, names)};
    std::string problem;
    auto url = parse_base_url(named ? text.substr(equals + 1) : text, problem);
    if (!problem.empty()) return Wrong{CannotStart{"--url cannot be used: " + problem}};
    urls[service] = std::move(url);
  }
  return urls;
}

}  // namespace doctor::deployment
