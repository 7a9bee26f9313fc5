#pragma once

#include <string>

#include "lab/smoltbot_redis.hpp"

/// The two validators of the licence that the application has. Neither looks at a signature.
namespace smoltbot {

struct LicenseHealth {
  bool ok = true;
  std::string warning;  ///< may be empty
};

/// What readiness says.
LicenseHealth license_health();

/// Whether a request may pass: asks the licence server unless the store knows the answer.
bool license_allows(Store& store);

/// Decoded base64url, padded or not; "" when it is none.
std::string decoded(const std::string& text);

}  // namespace smoltbot
