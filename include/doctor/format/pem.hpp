#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace doctor::formats {

inline constexpr std::size_t most_pem_bytes = 64 * 1024;

/// What a look at the text of a PEM file (RFC 7468, RFC 1421 headers) says, before any library reads it: libraries have
/// one error for many mistakes. Never holds key material.
struct PemReport {
  std::string label;    ///< of the first block, "PRIVATE KEY"; only letters, digits, blanks and "-+/.", cut at 64
  int blocks = 0;       ///< BEGIN lines
  bool crlf = false;    ///< lines end with CR LF; no problem for any reader
  std::string problem;  ///< a fixed phrase; empty: a reader of PEM will find one whole block
  int line = 0;         ///< 1-based; 0: the file as a whole
  int column = 0;       ///< 1-based; 0: the line as a whole
};

/// Lenient where OpenSSL is: lines of any length, blanks at the end of a line, text before BEGIN and after END, a byte
/// order mark. Never throws; linear in its input.
PemReport lint_pem(std::string_view bytes);

}  // namespace doctor::formats
