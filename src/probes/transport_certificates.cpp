#include "probes/transport_certificates.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace doctor::probes {

std::string ca_bundle() {
  if (const char* named = std::getenv("SSL_CERT_FILE"); named != nullptr && *named != '\0') return named;
  constexpr std::array places{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                              "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
  for (const char* place : places)
    if (access(place, R_OK) == 0) return place;
  return {};
}

}  // namespace doctor::probes
