// doctor_manual VERSION SOURCE.md TARGET: makes a manual page of Markdown. The name of the source, "doctor.1.md", tells
// name and section; a line "{commands}" stands for all commands and options.

#include <cmark.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "cli/command_help.hpp"
#include "cli/manual.hpp"

namespace {

constexpr std::string_view commands_line = "\n{commands}\n";

struct Free {
  void operator()(char* text) const { cmark_get_default_mem_allocator()->free(text); }
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};

std::string with_commands(std::string markdown) {
  if (const auto at = markdown.find(commands_line); at != std::string::npos)
    markdown.replace(at, commands_line.size(),
                     "\n" + doctor::cli::commands_markdown(doctor::cli::command_help()) + "\n");
  return markdown;
}

std::string as_roff(const std::string& markdown) {
  const std::unique_ptr<cmark_node, Free> document{
      cmark_parse_document(markdown.data(), markdown.size(), CMARK_OPT_DEFAULT)};
  const std::unique_ptr<char, Free> text{cmark_render_man(document.get(), CMARK_OPT_DEFAULT, 0)};
  return text.get();
}

/// An item of a list that has paragraphs, "- **--option**" and what it does, is a tag and its paragraph.
std::string with_tags(std::string roff) {
  constexpr std::string_view item = "\n.IP \\[bu] 2\n";
  constexpr std::string_view paragraph = "\n.RS\n.PP\n";
  constexpr std::string_view end = "\n.RE\n";
  for (auto at = roff.find(item); at != std::string::npos; at = roff.find(item, at + 1)) {
    const auto tag_end = roff.find('\n', at + item.size());
    if (tag_end == std::string::npos || roff.compare(tag_end, paragraph.size(), paragraph) != 0) continue;
    if (const auto item_end = roff.find(end, tag_end); item_end != std::string::npos)
      roff.replace(item_end, end.size(), "\n");
    roff.replace(tag_end, paragraph.size(), "\n");
    roff.replace(at, item.size(), "\n.TP\n");
  }
  return roff;
}

/// Words of a command line are not broken, and gaps between words are even.
std::string title(const std::filesystem::path& source, const std::string& version) {
  const auto page = source.stem();  // "doctor.1"
  return ".TH \"" + page.stem().string() + "\" \"" + page.extension().string().substr(1) + "\" \"\" \"doctor " +
         version + "\" \"doctor\"\n.nh\n.ad l\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "doctor_manual VERSION SOURCE.md TARGET\n";
    return 2;
  }
  std::ifstream source{argv[2]};
  const std::string markdown{std::istreambuf_iterator<char>{source}, {}};
  std::ofstream target{argv[3]};
  target << title(argv[2], argv[1]) << with_tags(as_roff(with_commands(markdown))) << std::flush;
  if (source && target && !markdown.empty()) return 0;
  std::cerr << "doctor_manual: cannot make " << argv[3] << " of " << argv[2] << '\n';
  return 2;
}
