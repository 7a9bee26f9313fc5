#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"

/// The doctor.yaml that `doctor init` writes, before it is text.
namespace doctor::cli {

struct DraftService {
  std::string name;
  std::uint16_t port = 0;       ///< 0: not known
  std::string port_source;      ///< "docker-compose.yml:7"
  std::string health;           ///< path; empty: not known
  std::string health_source;    ///< "its health check"
  std::uint16_t published = 0;  ///< port of the host that leads to `port`; 0: none
  std::vector<SettingRule> settings;
};

struct Draft {
  std::string name;
  std::string known_system;  ///< of an application that doctor knows already; nothing else is filled then
  std::vector<DraftService> services;
  std::vector<std::string> left_out;  ///< databases, proxies and the like, with their images
};

/// What discovery can tell. Values of settings are not looked at, but for whether there is one and the port in PORT.
Draft draft_of(const Deployment& deployment);

/// The file, with comments that say what to do with it. guides::read_project_file() accepts it.
std::string text_of(const Draft& draft);

/// `text` as the name of a system: a-z, 0-9 and -.
std::string system_name(const std::string& text);

}  // namespace doctor::cli
