#include "guides/code_header.hpp"

#include <algorithm>

namespace doctor::guides {

std::string code_header(const Page& page) {
  std::string out = "// Generated from docs/guides/" + page.name + ".md\n";
  out += "#pragma once\n\n#include \"doctor/finding.hpp\"\n\nnamespace doctor::codes {\n\n";
  for (const auto& item : page.entries) {
    if (item.retired) continue;
    const auto& entry = item.entry;
    auto name = entry.code;
    std::replace(name.begin(), name.end(), '-', '_');
    out += "/// " + entry.title + "\ninline constexpr Code " + name + "{\"" + entry.code + "\"};\n";
  }
  return out + "\n}  // namespace doctor::codes\n";
}

}  // namespace doctor::guides
