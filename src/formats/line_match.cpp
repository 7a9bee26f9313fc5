#include "doctor/format/line_match.hpp"

#include <re2/re2.h>

#include "util/text.hpp"

namespace doctor::formats {

tl::expected<int, std::string> first_matching_line(std::string_view text, const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  const RE2 expression{pattern, options};
  if (!expression.ok()) return tl::unexpected{util::shown(expression.error())};
  int number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (RE2::PartialMatch(re2::StringPiece{line.data(), line.size()}, expression)) return number;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return 0;
}

}  // namespace doctor::formats
