// Links between the pages lead to files and headings that are there.

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "docs/pages.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;

/// A page without its blocks of code.
std::string prose(const std::string& markdown) {
  std::string text;
  std::string fence;
  for (const auto& line : util::split(markdown, '\n')) {
    const auto ticks = line.find_first_not_of('`');
    const auto mark = line.substr(0, ticks == std::string::npos ? line.size() : ticks);
    if (fence.empty() && mark.size() >= 3)
      fence = mark;
    else if (!fence.empty() && mark == fence)
      fence.clear();
    else if (fence.empty())
      text += line + "\n";
  }
  return text;
}

/// The name of a heading in an address, as GitHub and GitLab make it.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : util::lower(heading)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (kept) anchor += c;
    if (c == ' ') anchor += '-';
  }
  return anchor;
}

std::set<std::string> anchors_of(const std::string& file) {
  static const std::regex heading{R"(^#{1,6} +(.*)$)"};
  std::set<std::string> anchors;
  std::smatch match;
  for (const auto& line : util::split(prose(read_file(file)), '\n'))
    if (std::regex_match(line, match, heading)) {
      auto text = match.str(1);
      text = std::regex_replace(text, std::regex{R"(\[([^\]]*)\]\([^)]*\))"}, "$1");
      anchors.insert(anchor_of(text));
    }
  return anchors;
}

struct Link {
  std::string file;  ///< empty: the page itself
  std::string anchor;
};

std::vector<Link> links_of(const std::string& file) {
  static const std::regex pattern{R"(\]\(([^)#\s]*)(?:#([^)\s]*))?\))"};
  const auto text = prose(read_file(file));
  std::vector<Link> links;
  for (std::sregex_iterator match{text.begin(), text.end(), pattern}, none; match != none; ++match)
    if (match->str(1).find("://") == std::string::npos) links.push_back({match->str(1), match->str(2)});
  return links;
}

std::vector<std::string> files_with_links() {
  std::vector<std::string> files{test::source_path("README.md")};
  for (const auto* folder : {"docs", "docs/guides"})
    for (const auto& entry : fs::directory_iterator{test::source_path(folder)})
      if (entry.path().extension() == ".md") files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_CASE("every link of the documentation leads somewhere", "[links]") {
  std::map<std::string, std::set<std::string>> anchors;
  std::size_t seen = 0;
  for (const auto& file : files_with_links())
    for (const auto& link : links_of(file)) {
      INFO(file << ": " << link.file << "#" << link.anchor);
      const auto target =
          link.file.empty() ? fs::path{file} : (fs::path{file}.parent_path() / link.file).lexically_normal();
      CHECK(fs::exists(target));
      ++seen;
      if (link.anchor.empty() || !fs::exists(target)) continue;
      if (anchors.count(target) == 0) anchors[target] = anchors_of(target);
      CHECK(anchors.at(target).count(link.anchor) == 1);
    }
  CHECK(seen > 300);
}

}  // namespace doctor::lab
