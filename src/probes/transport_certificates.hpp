#pragma once

#include <string>

namespace doctor::probes {

/// The file of trusted authorities: SSL_CERT_FILE, else the first of the places where distributions keep it. A binary
/// that was moved cannot rely on the place its libraries were built with. Empty: none found.
std::string ca_bundle();

}  // namespace doctor::probes
