#include "bundle/marker_count.hpp"

#include <algorithm>
#include <string>

#include "redact/marker.hpp"

namespace doctor::bundle {

redact::Counts markers_in(std::string_view text) {
  using redact::marker_begin;
  redact::Counts counts;
  for (auto at = text.find(marker_begin); at != std::string_view::npos; at = text.find(marker_begin, at)) {
    const auto size = redact::marker_size(text.substr(at));
    if (size > 0) ++counts[std::string{text.substr(at + marker_begin.size(), size - marker_begin.size() - 1)}];
    at += std::max<std::size_t>(size, 1);
  }
  return counts;
}

}  // namespace doctor::bundle
