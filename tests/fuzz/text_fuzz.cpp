#include <algorithm>

#include "doctor/format/line_match.hpp"
#include "doctor/format/text.hpp"
#include "property.hpp"
#include "render/prose.hpp"
#include "render/wrap.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor;

bool has_control(std::string_view text, std::string_view allowed) {
  return std::any_of(text.begin(), text.end(), [allowed](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 || byte == 0x7F) && allowed.find(c) == std::string_view::npos;
  });
}

void check_shown(std::string_view text) {
  for (const std::size_t most : {std::size_t{0}, std::size_t{5}, std::size_t{120}, text.size() + 1}) {
    const auto out = util::shown(text, most);
    require(util::valid_utf8(out), "shown text is UTF-8");
    require(!has_control(out, ""), "shown text has no control character");
    require(util::shown(out, out.size() + 1) == out, "shown text can be shown");
    require(out.size() <= most * 11 + 3, "shown text is cut");
  }
  const auto lines = util::shown_lines(text);
  require(util::valid_utf8(lines) && !has_control(lines, "\n\t"), "shown lines are clean");
  require(std::count(lines.begin(), lines.end(), '\n') == std::count(text.begin(), text.end(), '\n'),
          "line breaks stay");
}

void check_words(std::string_view text) {
  require(util::join(util::split(text, ','), ",") == text, "join undoes split");
  require(util::trim(util::trim(text)) == util::trim(text), "trimming again changes nothing");
  require(util::glob_match(std::string(text.size(), '?'), text), "question marks match as many bytes");
  util::glob_match(text.substr(0, 40), text);
  util::nearest(text.substr(0, 200), {"DB_PASSWORD", "DATABASE_URL", std::string{text.substr(0, 100)}});
  if (const auto number = formats::integer(text))
    require(formats::integer(std::to_string(*number)) == *number,
            "a number that was read is written and read the same");
}

/// One word of a shell: it begins and ends as one, and holds no bare quote.
void check_quoted(std::string_view text) {
  const auto quoted = util::shell_quoted(text);
  require(!quoted.empty(), "even nothing is a word");
  std::string back;
  bool inside = false;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\'') {
      inside = !inside;
    } else if (!inside && quoted[i] == '\\') {
      back += quoted[++i];
    } else {
      back += quoted[i];
    }
  }
  require(!inside && back == text, "a shell reads the word back");
}

void check_prose(std::string_view text) {
  const auto wrapped = render::wrap(text, 80, "- ", "  ");
  require(!wrapped.ends_with('\n'), "wrapped text has no line break at its end");
  render::display_width(text);
  render::prose(text, 80, "", "  ");
}

}  // namespace

/// Small functions that every text from outside passes.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_shown(text);
  check_words(text);
  check_quoted(text);
  check_prose(text);
  const auto line = formats::first_matching_line(text, "^(<{7}|={7}|>{7})");
  require(line && *line >= 0 && *line <= 1 + std::count(text.begin(), text.end(), '\n'), "the line exists");
  const auto any = formats::first_matching_line("password\nauthentication failed", std::string{text.substr(0, 1000)});
  require(any || !any.error().empty(), "a refused pattern has a reason");
  return 0;
}
