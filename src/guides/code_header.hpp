#pragma once

#include <string>

#include "guides/page.hpp"

namespace doctor::guides {

/// The C++ header with one constant per code of a check's page; retired codes have none.
std::string code_header(const Page& page);

}  // namespace doctor::guides
