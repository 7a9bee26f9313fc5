#pragma once

#include <map>
#include <string>
#include <vector>

#include "deployment/discover.hpp"
#include "deployment/discover_http.hpp"
#include "deployment/settings.hpp"

/// Reading what the command line says about the deployment. All of these are doctor's own input: wrong ones end the
/// run.
namespace doctor::deployment {

template <class T>
using Read = tl::expected<T, CannotStart>;

/// `text` of --set: [SERVICE.]NAME=VALUE.
Read<Override> parse_override(const std::string& text);

/// --url: URL (for `main_service`) or SERVICE=URL, by service.
Read<std::map<std::string, BaseUrl>> parse_urls(const std::vector<std::string>& texts, const std::string& main_service,
                                                const std::vector<Service>& services);

/// That every override names a service of the deployment, or none.
Read<std::vector<Override>> parse_overrides(const std::vector<std::string>& texts,
                                            const std::vector<Service>& services);

/// "unknown KIND 'x' (did you mean y?)"
CannotStart unknown(const std::string& kind, const std::string& name, const std::vector<std::string>& known);

}  // namespace doctor::deployment
