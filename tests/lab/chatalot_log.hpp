#pragma once

#include <string_view>

namespace chatalot {

/// One line of the server's log, with the colours and the time that it always has. With an empty RUST_LOG only errors
/// are printed.
void log(std::string_view level, std::string_view target, std::string_view text);

}  // namespace chatalot
