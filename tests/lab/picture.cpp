// What a terminal shows, as SVG: reads text with colours (ECMA-48 SGR, as doctor writes them) and draws it as it is.

#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "render/html_text.hpp"
#include "render/wrap.hpp"

namespace {

constexpr int column = 8;
constexpr int line_height = 18;
constexpr int margin = 18;

/// A run of characters in one colour.
struct Piece {
  std::string style;
  std::string text;
};

std::string style_of(const std::string& codes) {
  static const std::map<std::string, std::string> styles{{"1", "b"},  {"2", "f"},  {"31;1", "r"}, {"33;1", "y"},
                                                         {"32", "g"}, {"34", "u"}, {"36", "c"}};
  const auto found = styles.find(codes);
  return found == styles.end() ? std::string{} : found->second;
}

/// The pieces of each line. A colour ends where the next begins.
std::vector<std::vector<Piece>> pieces(std::string_view text) {
  std::vector<std::vector<Piece>> lines(1);
  lines.back().push_back({});
  while (!text.empty()) {
    auto& line = lines.back();
    if (text.starts_with("\x1b[")) {
      const auto end = text.find('m');
      if (end == std::string_view::npos) break;
      line.push_back({style_of(std::string{text.substr(2, end - 2)}), {}});
      text.remove_prefix(end + 1);
    } else if (text.front() == '\n') {
      const auto style = line.back().style;
      lines.emplace_back();
      lines.back().push_back({style, {}});
      text.remove_prefix(1);
    } else {
      line.back().text += text.front();
      text.remove_prefix(1);
    }
  }
  while (lines.size() > 1 && lines.back().size() == 1 && lines.back().front().text.empty()) lines.pop_back();
  return lines;
}

std::string drawn(const std::vector<Piece>& line, int y) {
  std::string out;
  std::size_t at = 0;
  for (const auto& [style, text] : line) {
    const auto width = doctor::render::display_width(text);
    const auto blanks = text.find_first_not_of(' ') == std::string::npos;
    if (!blanks)
      out += "<tspan x=\"" + std::to_string(margin + static_cast<int>(at) * column) + "\"" +
             (style.empty() ? "" : " class=\"" + style + "\"") + " textLength=\"" +
             std::to_string(static_cast<int>(width) * column) + "\">" + doctor::render::html_text(text) + "</tspan>";
    at += width;
  }
  if (out.empty()) return out;
  return "<text y=\"" + std::to_string(y) + "\">" + out + "</text>\n";
}

}  // namespace

int main() {
  const std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
  const auto lines = pieces(text);
  std::size_t columns = 80;
  for (const auto& line : lines) {
    std::size_t width = 0;
    for (const auto& piece : line) width += doctor::render::display_width(piece.text);
    columns = std::max(columns, width);
  }
  const int width = 2 * margin + static_cast<int>(columns) * column;
  const int height = 2 * margin + static_cast<int>(lines.size()) * line_height;
  std::cout
      << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height << "\" width=\"" << width
      << "\" height=\"" << height
      << "\" role=\"img\">\n<title>The report of doctor check</title>\n<style>\n"
         "text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', "
         "monospace; fill: #d8dee6; white-space: pre; }\n"
         ".b { font-weight: 700; fill: #fff; } .f { fill: #8b96a3; } .r { font-weight: 700; fill: #ff7a85; }\n"
         ".y { font-weight: 700; fill: #f0b95b; } .g { fill: #62d191; } .u { fill: #7db4ff; } .c { fill: #7fd1d8; "
         "}\n</style>\n"
         "<rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"#14181d\"/>\n";
  int y = margin + line_height - 5;
  for (const auto& line : lines) {
    std::cout << drawn(line, y);
    y += line_height;
  }
  std::cout << "</svg>\n";
  return 0;
}
