#pragma once

#include <map>
#include <string>
#include <vector>

#include "deployment/data_source.hpp"
#include "doctor/deployment.hpp"

/// Where the services answer HTTP.
namespace doctor::deployment {

/// A base URL given on the command line.
struct BaseUrl {
  std::string url;  ///< without a slash at the end
  std::string host;
  std::uint16_t port = 0;
};

/// Reads an http or https URL without user information. `problem` is set when it is none; it holds no part of the text.
BaseUrl parse_base_url(const std::string& text, std::string& problem);

/// The HTTP bases of all described services that have a port, and of the services in `given` (by name).
std::vector<HttpBase> find_http(const Deployment& deployment, const EngineView& engine,
                                const std::map<std::string, BaseUrl>& given);

/// The service that an address without a name is meant for: the first that is described with HTTP, else the first
/// described, else the first with a published port, else the first; "" when there is none.
std::string main_service(const Deployment& deployment);

}  // namespace doctor::deployment
