#pragma once

#include <string_view>

#include "redact/span.hpp"

namespace doctor::redact {

/// What looks like a secret wherever it stands: the password of a URL, private keys in PEM, bearer tokens and
/// Authorization headers, cookies, JWTs, tokens with a telling prefix, and key_values.hpp. Not sorted.
void find_patterns(std::string_view text, Spans& found);

/// Where a private key begins in `text` that has not ended with it (std::string_view::npos: nowhere). A stream must see
/// more before it lets go of that part.
std::size_t open_private_key(std::string_view text);

}  // namespace doctor::redact
