#include "lab/nginx.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace doctor::lab {
namespace {

using namespace std::chrono_literals;

std::string program() {
  for (const auto* place :
       {"/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/usr/local/nginx/sbin/nginx"})
    if (::access(place, X_OK) == 0) return place;
  return {};
}

/// Everything that nginx would otherwise put where it was built for lies in its own directory.
std::string configuration(const std::string& directory, std::uint16_t port, const std::string& server,
                          const NginxOptions& options) {
  std::string text = "daemon off;\nuser root;\nworker_processes 1;\npid " + directory + "/nginx.pid;\nerror_log " +
                     directory + "/error.log info;\n";
  if (!options.master) text += "master_process off;\n";
  text += "events { worker_connections 256; }\nhttp {\n  access_log off;\n";
  for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += std::string{"  "} + kind + "_temp_path " + directory + "/" + kind + ";\n";
  if (!options.http.empty()) text += options.http + "\n";
  text += "  server {\n    listen 127.0.0.1:" + std::to_string(port) + (options.certificate ? " ssl" : "") + ";\n";
  if (options.certificate)
    text += "    ssl_certificate " + directory + "/cert.pem;\n    ssl_certificate_key " + directory + "/key.pem;\n";
  return text + server + "\n  }\n}\n";
}

}  // namespace

bool Nginx::installed() {
  return !program().empty();
}

Nginx::Nginx(const std::string& server, const NginxOptions& options)
    : directory_{"nginx"}, port_{free_port()}, tls_{options.certificate.has_value()} {
  if (options.certificate) {
    directory_.write("cert.pem", options.certificate->certificate);
    directory_.write("key.pem", options.certificate->key, 0600);
  }
  directory_.write("nginx.conf", configuration(directory_.path(), port_, server, options));
  const Arguments argv{program(), "-p", directory_.path(), "-e", directory_.path("error.log"), "-c", config_path()};
  auto test = argv;
  test.emplace_back("-t");
  run_or_throw(test);
  CommandOptions quiet;
  quiet.output = directory_.path("output.log");
  process_ = std::make_unique<Child>(argv, quiet);
  for (int attempt = 0; attempt < 250; ++attempt) {
    if (test::accepts(port_)) return;
    if (!process_->alive()) break;
    std::this_thread::sleep_for(20ms);
  }
  throw std::runtime_error("nginx does not listen: " + log());
}

std::string Nginx::url() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

std::string Nginx::config_path() const {
  return directory_.path("nginx.conf");
}

std::string Nginx::config() const {
  return directory_.read("nginx.conf");
}

std::string Nginx::log() const {
  return directory_.exists("error.log") ? directory_.read("error.log") : std::string{};
}

std::string nginx_locations(std::uint16_t upstream) {
  const auto target = "proxy_pass http://127.0.0.1:" + std::to_string(upstream) + ";\n";
  const std::string headers =
      "      proxy_set_header Host $http_host;\n"
      "      proxy_set_header X-Real-IP $remote_addr;\n"
      "      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
      "      proxy_set_header X-Forwarded-Proto $scheme;\n";
  return "    client_max_body_size 110M;\n"
         "    location / {\n      " +
         target + headers +
         "    }\n"
         "    location /ws {\n      " +
         target + headers +
         "      proxy_http_version 1.1;\n"
         "      proxy_set_header Upgrade $http_upgrade;\n"
         "      proxy_set_header Connection \"upgrade\";\n"
         "      proxy_read_timeout 86400s;\n"
         "      proxy_send_timeout 86400s;\n"
         "    }\n";
}

}  // namespace doctor::lab
