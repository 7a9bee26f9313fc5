#include "formats/nagios.hpp"

#include <algorithm>

#include "doctor/format/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_bytes = 64 * 1024;
constexpr std::size_t most_text = 400;
constexpr std::size_t most_word = 60;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The label from the front, with its equals sign. Quotes let it hold blanks; two of them stand for one.
std::string take_label(std::string_view& text) {
  if (!text.starts_with('\'')) {
    const auto end = std::min(text.find('='), text.size());
    const auto label = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto blank = label.find_last_of(" \t");
    return std::string{blank == std::string_view::npos ? label : label.substr(blank + 1)};
  }
  std::string label;
  std::size_t at = 1;
  for (; at < text.size(); ++at) {
    if (text[at] != '\'')
      label += text[at];
    else if (at + 1 < text.size() && text[at + 1] == '\'')
      label += text[at++];
    else
      break;
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  if (!text.starts_with('=')) return {};
  text.remove_prefix(1);
  return label;
}

std::string_view take_until(std::string_view& text, char end) {
  const auto word = text.substr(0, text.find(end));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

/// Takes one figure from the front. False: what stood there is none.
bool take_figure(std::string_view& text, PerformanceFigure& figure) {
  const auto label = take_label(text);
  auto rest = take_until(text, ' ');
  const auto value = take_until(rest, ';');
  const auto digits = std::min(value.find_first_not_of("-+.0123456789"), value.size());
  const auto number = value.substr(0, digits);
  if (label.empty() || number.find_first_of("0123456789") == std::string_view::npos) return false;
  figure = {shown(label, most_word), std::string{number.substr(0, most_word)}, shown(value.substr(digits), most_word),
            shown(take_until(rest, ';'), most_word), shown(take_until(rest, ';'), most_word)};
  return true;
}

void read_figures(std::string_view text, std::vector<PerformanceFigure>& figures) {
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    PerformanceFigure figure;
    if (take_figure(text, figure) && figures.size() < most_performance_data) figures.push_back(std::move(figure));
  }
}

}  // namespace

NagiosOutput read_nagios(std::string_view output) {
  NagiosOutput read;
  output = output.substr(0, most_bytes);
  auto first = take_until(output, '\n');
  read.text = shown(trimmed(take_until(first, '|')), most_text);
  read_figures(first, read.figures);
  const auto more = take_until(output, '|');
  read.more = shown(trimmed(more), most_text);
  std::string figures{output};
  std::replace(figures.begin(), figures.end(), '\n', ' ');
  read_figures(figures, read.figures);
  return read;
}

}  // namespace doctor::formats
