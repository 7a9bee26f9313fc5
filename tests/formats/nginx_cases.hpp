#pragma once

#include <string>
#include <vector>

/// Small configurations, and whether nginx takes them.
namespace doctor::test {

struct NginxCase {
  std::string name;
  std::string text;
  bool accepted = true;
};

inline std::string in_http(const std::string& inner) {
  return "events {}\nhttp {\n" + inner + "}\n";
}
inline std::string in_server(const std::string& inner) {
  return in_http("server {\nlisten 127.0.0.1:18080;\n" + inner + "}\n");
}
inline std::string in_location(const std::string& inner) {
  return in_server("location / {\n" + inner + "}\n");
}

const std::vector<NginxCase>& nginx_cases();

}  // namespace doctor::test
