#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "util/text.hpp"

/// What the fuzz targets share. A target is a function of libFuzzer's form; tests/fuzz/replay.cpp runs the same
/// functions over their seeds and deterministic mutations of them, without libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace doctor::fuzz {

/// The input as text.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return {};
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process loudly when a promise is broken.
void require(bool holds, const char* promise);

/// Whether `text` could be printed as it is: valid UTF-8 without control, bidi or invisible characters.
inline bool is_printable(std::string_view text) {
  return util::valid_utf8(text) && util::shown(text, text.size() + 1) == text;
}

/// A place that may be shown: line and column count from 1, 0 stands for not known.
template <class Line, class Column>
bool is_place(Line line, Column column) {
  return line >= 0 && column >= 0;
}

}  // namespace doctor::fuzz
