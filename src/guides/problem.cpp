#include "guides/problem.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::guides {
namespace {

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

int line_of_first_invalid(std::string_view text) {
  int number = 1;
  for (const auto& line : util::split(text, '\n')) {
    if (!util::valid_utf8(line)) return number;
    ++number;
  }
  return 0;
}

}  // namespace

std::string Problem::text() const {
  std::string place = file;
  if (line > 0) place += ":" + std::to_string(line);
  if (line > 0 && column > 0) place += ":" + std::to_string(column);
  return place + ": " + message;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const auto best = name.size() > 100 ? std::string{} : util::nearest(name, known);
  return best.empty() ? best : " (did you mean " + best + "?)";
}

bool is_readable(std::string_view text, std::size_t most, const std::string& file, Problems& problems) {
  if (text.size() > most) {
    problems.push_back({file, 0, 0, "is larger than " + util::bytes(most)});
    return false;
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    const auto breaks = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    problems.push_back({file, static_cast<int>(breaks) + 1, 0, "holds a NUL byte; it is not a text file"});
    return false;
  }
  if (!util::valid_utf8(text)) {
    problems.push_back({file, line_of_first_invalid(text), 0, "is not UTF-8"});
    return false;
  }
  return true;
}

bool is_code(std::string_view text) {
  if (text.empty() || !is_small(text.front()) || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_small(c) || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace doctor::guides
