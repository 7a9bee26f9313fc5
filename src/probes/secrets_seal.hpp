#pragma once

#include <string>
#include <string_view>

namespace doctor::probes {

/// Whether `key` is the key of `sealed`: a nonce of 12 bytes, a ciphertext and a tag of 16 bytes (ChaCha20-Poly1305,
/// RFC 8439, without additional data) under the SHA-256 of the key's text. Only the tag is computed: what is sealed is
/// never decrypted. Too short a value is not sealed by any key.
bool opens(std::string_view key, std::string_view sealed);

/// The bytes of a hexadecimal text; "" for anything else.
std::string bytes_of_hex(std::string_view text);

}  // namespace doctor::probes
