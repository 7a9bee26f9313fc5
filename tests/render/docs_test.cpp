// The examples of docs/formats.md are what the formats write. After a change on purpose:
//   test_render "[update-docs]"

#include <fstream>
#include <sstream>

#include "render/formats.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "tests/render/example_report.hpp"

namespace {

const std::string page_path = doctor::test::source_path("docs/formats.md");

std::string page() {
  std::ifstream in{page_path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string printed(const doctor::render::Format& format) {
  doctor::render::Style style;
  style.utf8 = true;
  std::ostringstream out;
  format.write(example_report(), style, out);
  return out.str();
}

/// Begin and end of the example below "## NAME", in a fence of four backticks.
std::pair<std::size_t, std::size_t> example_of(const std::string& text, const std::string& name) {
  const auto heading = text.find("\n## " + name + "\n");
  REQUIRE(heading != std::string::npos);
  const auto fence = text.find("\n````", heading);
  REQUIRE(fence != std::string::npos);
  const auto begin = text.find('\n', fence + 1) + 1;
  const auto end = text.find("````\n", begin);
  REQUIRE(end != std::string::npos);
  return {begin, end};
}

}  // namespace

TEST_CASE("every format has an example in the documentation, which is true", "[docs]") {
  const auto text = page();
  for (const auto& format : doctor::render::formats()) {
    INFO(format.name);
    if (format.name == "html") continue;  // shown as a picture
    const auto [begin, end] = example_of(text, std::string{format.name});
    CHECK(text.substr(begin, end - begin) == printed(format));
  }
}

TEST_CASE("the table of formats in the documentation is the list of formats", "[docs]") {
  const auto text = page();
  for (const auto& format : doctor::render::formats())
    CHECK(text.find("| [" + std::string{format.name} + "](#" + std::string{format.name} + ") | " +
                    std::string{format.what} + " |\n") != std::string::npos);
}

TEST_CASE("the examples of the documentation are written anew", "[.][update-docs]") {
  auto text = page();
  for (const auto& format : doctor::render::formats()) {
    if (format.name == "html") continue;
    const auto [begin, end] = example_of(text, std::string{format.name});
    text.replace(begin, end - begin, printed(format));
  }
  std::ofstream{page_path} << text;
}
