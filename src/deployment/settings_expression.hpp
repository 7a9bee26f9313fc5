#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Expressions of compose files and .env ("postgres://u:${DB_PASSWORD}@db/x"), looked at without their values.
namespace doctor::deployment {

/// `expression` fit to be shown for a secret setting: references stay, every literal text that may be secret (defaults,
/// the password of a URL, any literal outside a URL) becomes [redacted].
std::string without_secrets(std::string_view expression);

/// The variables whose value is secret because of where they stand in the value of a secret: alone, or as the password
/// of a URL.
std::vector<std::string> secret_references(std::string_view expression, bool secret);

}  // namespace doctor::deployment
