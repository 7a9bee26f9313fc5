#pragma once

#include <string>
#include <string_view>

#include "doctor/system.hpp"

/// What a variable is when no system description knows it. Guesses are made in favour of secrecy.
namespace doctor::deployment {

/// Whether a variable of that name holds a secret: PASSWORD, SECRET, TOKEN, KEY, CREDENTIAL and the like; not the path
/// of a file with one (_PATH, _FILE), nor a public key.
bool name_looks_secret(std::string_view name);

/// Whether the text itself carries a secret: a URL with a password, a PEM private key, a JSON Web Token, password=...
bool value_looks_secret(std::string_view text);

/// Whether the text is a URL of PostgreSQL: postgres://, postgresql://, postgresql+DRIVER://.
bool is_postgres_url(std::string_view text);

/// Whether the text is a URL of Redis: redis://, rediss://, and valkey://, valkeys:// likewise.
bool is_redis_url(std::string_view text);

/// "postgres" of "postgres://..." in lower case (RFC 3986, 3.1), or "" when there is no scheme.
std::string url_scheme(std::string_view text);

/// The rule for a variable that no description knows: secret, and role "database-url" for a PostgreSQL URL, or a name
/// such as DATABASE_URL whose value has no other scheme; "redis-url" likewise. `value` may be empty.
SettingRule guessed_rule(std::string_view name, std::string_view value);

/// A description's rule completed by what the name says. A described form that cannot be a secret (integer, path ...)
/// is believed.
bool is_secret(const SettingRule& rule);

}  // namespace doctor::deployment
