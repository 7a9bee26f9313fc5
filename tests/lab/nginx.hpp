#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lab/command.hpp"
#include "lab/files.hpp"
#include "support/certificate.hpp"

namespace doctor::lab {

/// What else the configuration of an Nginx holds.
struct NginxOptions {
  std::string http{};  ///< directives of http { } before the server, such as map or upstream
  std::optional<test::Certificate> certificate{};  ///< the server speaks TLS with it
  bool master = false;  ///< a master and a worker, as nginx runs in production; otherwise one process
};

/// The real nginx on a free port of 127.0.0.1: a directory, a configuration and a process of its own, all gone at the
/// end. The file lies in DIRECTORY/nginx.conf and holds one server, whose body is given:
///   Nginx proxy{"location / { proxy_pass http://127.0.0.1:8080; }"};
/// The listen directive is written before it; $server_port is the port.
class Nginx {
 public:
  /// Throws std::runtime_error with nginx's words when it refuses the configuration (`nginx -t`).
  explicit Nginx(const std::string& server, const NginxOptions& options = {});

  /// Whether there is an nginx here.
  static bool installed();

  std::uint16_t port() const { return port_; }
  std::string url() const;          ///< "http://127.0.0.1:PORT", or https://
  std::string config_path() const;  ///< of nginx.conf
  std::string config() const;       ///< its text
  std::string log() const;          ///< what it has written to its error log
  const Directory& directory() const { return directory_; }
  pid_t pid() const { return process_->pid(); }

 private:
  Directory directory_;
  std::uint16_t port_;
  bool tls_;
  std::unique_ptr<Child> process_;
};

/// The locations of a proxy that passes Chatalot on as it should be: upgrade headers, HTTP/1.1, long read timeout.
std::string nginx_locations(std::uint16_t upstream);

}  // namespace doctor::lab
