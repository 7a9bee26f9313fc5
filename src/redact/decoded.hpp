#pragma once

#include <bitset>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace doctor::redact {

/// What a part of a text says to somebody who decodes it. Lives as long as the visit.
struct Decoded {
  struct Source {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::string_view text;
  std::function<Source(std::size_t at)> from;  ///< what of the text that byte was made of
};

using VisitDecoded = std::function<void(const Decoded& decoded)>;

enum class Escapes {
  marks,            ///< %41, \u0041, \u{41}, \x41, \101, \n, \", &#65;, &#x41;, &amp;, $$; quotes are left out
  quoted_printable  ///< =41 and "=" before a line break (RFC 2045, section 6.7)
};

/// Bytes, by their values.
using Bytes = std::bitset<256>;

/// The parts of a text that have escapes in them, decoded once, each with up to `reach` bytes before its first and
/// behind its last escape: so a value of that size is in one of them as a whole. Escapes that stand for none of the
/// bytes `wanted` make no part by themselves. Linear; 64 kB are held.
void each_unescaped(std::string_view text, Escapes escapes, const Bytes& wanted, std::size_t reach,
                    const VisitDecoded& visit);

/// What each_unescaped() leaves of a text that is one part.
std::string unescaped(std::string_view text);

/// Bytes that are written with other characters than their own. Hexadecimal digits in either case, with blanks, ":",
/// "-" or line breaks between them or not, read from the first one on and from the second; runs of base64 of either
/// alphabet from 20 characters on, in which there are letters of both cases, read from each of the first four (only
/// with `base64`); decimal lists such as [104, 117]. From six bytes on. Digits in one case that nothing parts are left
/// out: they are among the forms that are looked for as they are (encodings.hpp).
void each_packed(std::string_view text, bool base64, std::size_t reach, const VisitDecoded& visit);

/// The line in which hexadecimal digits begin, or a line of quoted-printable, that the next line may go on with, in
/// text that ends with a line break (std::string_view::npos: there is none). At most `most` bytes are looked at.
std::size_t open_encoded(std::string_view text, std::size_t most);

}  // namespace doctor::redact
