#pragma once

#include <cstddef>
#include <string_view>

#include "redact/needles.hpp"
#include "redact/span.hpp"

/// Known values in base64 or hexadecimal that a line break cuts, as base64(1), PEM and MIME write it.
namespace doctor::redact {

/// Needles that stand in two or more lines of such characters, indented or not. Not sorted.
void find_wrapped(std::string_view text, const Needles& needles, Spans& found);

/// The beginning of the line in which a needle may have begun that the next line would complete, in text that ends with
/// a line break (std::string_view::npos: there is none). A stream must see more before it lets go of that part.
std::size_t open_wrapped(std::string_view text, const Needles& needles);

}  // namespace doctor::redact
