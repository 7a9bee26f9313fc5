#include "guides/own_pages.hpp"

#include <utility>

#include "guides/blob.hpp"
#include "guides/page.hpp"
#include "util/text.hpp"

namespace doctor::guides {
namespace {

constexpr std::string_view ending = ".md";

bool fits_bounds(const std::vector<OwnPage>& pages, Problems& problems) {
  std::size_t total = 0;
  for (const auto& page : pages) total += page.text.size();
  if (pages.size() <= most_own_pages && total <= most_own_bytes) return true;
  problems.push_back({pages.front().origin, 0, 0,
                      "there are more than " + std::to_string(most_own_pages) + " pages, or more than " +
                          util::bytes(most_own_bytes) + " of them"});
  return false;
}

Entry own_entry(Entry entry, const OwnPage& page) {
  entry.origin = page.origin;
  if (entry.reason.empty()) entry.reason = "from " + page.origin;
  return entry;
}

}  // namespace

std::string system_of_page(const std::string& file) {
  const auto name = file.substr(file.rfind('/') + 1);
  if (name.size() <= ending.size() || !name.ends_with(ending)) return {};
  const auto stem = name.substr(0, name.size() - ending.size());
  return is_code(stem) ? stem : std::string{};
}

void add_own_pages(Library& library, const std::vector<OwnPage>& pages,
                   const std::vector<DescriptionFile>& descriptions, Problems& problems) {
  const auto before = problems.size();
  if (!fits_bounds(pages, problems)) return;
  Sources sources;
  sources.descriptions = descriptions;
  sources.beneath = &library;
  for (const auto& page : pages) {
    if (system_of_page(page.file).empty())
      problems.push_back({page.file, 0, 0, "a page is called NAME.md, by the name of its system: a-z, 0-9 and -"});
    else
      sources.pages.push_back(read_page(page.text, page.file, PageKind::system, problems));
  }
  validate(sources, problems);
  if (problems.size() != before || pages.empty()) return;
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < pages.size(); ++i)
    for (auto& located : sources.pages[i].entries) entries.push_back(own_entry(std::move(located.entry), pages[i]));
  library.add(write_blob(std::move(entries), {}));
}

}  // namespace doctor::guides
