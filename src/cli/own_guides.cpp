#include "cli/own_guides.hpp"

#include <algorithm>
#include <ostream>
#include <set>
#include <tuple>

#include "cli/option_files.hpp"
#include "cli/target.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

using guides::OwnPage;
using guides::Problems;

/// A file or a folder with pages.
struct Place {
  std::string path;     ///< absolute
  std::string shown;    ///< as the user named it
  std::string told_by;  ///< "--guides", "/srv/shop/doctor.yaml: guides"
};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Reads pages; what is wrong is collected, so that all of it is told at once.
class Collector {
 public:
  Collector(const FileAccess& files, Problems& problems) : files_{files}, problems_{problems} {}

  void add(const Place& place) {
    if (place.shown.empty()) return problem(place, "the name of a folder is empty");
    const auto found = files_.look(place.path);
    if (!found) return problem(place, "cannot be examined: " + found.error().detail);
    if (found->kind == "missing") return problem(place, "is not there");
    if (found->kind == "directory") return add_folder(place);
    add_page(place.path, folder_of(place.path), place.told_by);
  }

  std::vector<OwnPage> pages() { return std::move(pages_); }

 private:
  void problem(const Place& place, const std::string& what) {
    const auto name = place.shown.empty() ? std::string{} : util::shown(place.shown, 400) + " ";
    problems_.push_back({place.told_by, 0, 0, name + what});
  }

  /// A README of a folder is about its pages, and none of them.
  void add_folder(const Place& place) {
    auto names = files_.list(place.path);
    if (!names) return problem(place, "cannot be listed: " + names.error().detail);
    names->erase(std::remove_if(names->begin(), names->end(),
                                [](const std::string& name) { return !name.ends_with(".md") || name == "README.md"; }),
                 names->end());
    if (names->empty()) return problem(place, "holds no page: a page is a file NAME.md");
    std::sort(names->begin(), names->end());
    for (const auto& name : *names) add_page(place.path + "/" + name, place.shown, place.told_by);
  }

  void add_page(const std::string& path, const std::string& origin, const std::string& told_by) {
    if (pages_.size() > guides::most_own_pages || !seen_.insert(path).second) return;
    auto file = files_.read_trusted(path);
    const auto shown = util::shown(path, 400);
    if (!file) return problems_.push_back({shown, 0, 0, "cannot be read: " + file.error().detail});
    if (!file->refused.empty())
      return problems_.push_back({shown, 0, 0, "is not followed (" + told_by + "): " + file->refused});
    pages_.push_back({shown, util::shown(origin, 400), std::move(file->bytes)});
  }

  const FileAccess& files_;
  Problems& problems_;
  std::vector<OwnPage> pages_;
  std::set<std::string> seen_;
};

guides::ProjectFile project_at(const std::string& path, const FileAccess& files, Problems& problems) {
  const auto text = path.empty() ? std::nullopt : read_own_file(path, files);
  return text ? guides::read_project_file(*text, path, problems) : guides::ProjectFile{};
}

/// A page that a doctor.yaml names is about its own application, or about one that is known; any other would never be
/// used.
void check_systems(const std::vector<OwnPage>& pages, const guides::ProjectFile& project,
                   const guides::Library& library, Problems& problems) {
  auto known = library.systems();
  if (project.system) known.push_back(project.system->name);
  for (const auto& page : pages) {
    const auto system = guides::system_of_page(page.file);
    if (!system.empty() && std::find(known.begin(), known.end(), system) == known.end())
      problems.push_back({page.file, 0, 0,
                          "there is no system of the name " + util::shown(system, 60) +
                              guides::did_you_mean(system, known) + "; the name of a page says which it is about"});
  }
}

void refuse_sorted(Problems problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const guides::Problem& a, const guides::Problem& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  refuse(problems);
}

Guides built_in() {
  return {guides::Library{guides::embedded()}};
}

/// The pages without those that have a problem.
std::vector<OwnPage> without(const std::vector<OwnPage>& pages, const Problems& problems) {
  std::vector<OwnPage> left;
  for (const auto& page : pages) {
    const auto is_about = [&](const guides::Problem& problem) { return problem.file == page.file; };
    if (std::none_of(problems.begin(), problems.end(), is_about)) left.push_back(page);
  }
  return left;
}

}  // namespace

Guides read_guides(const std::vector<std::string>& given, const std::string& project, const FileAccess& files) {
  auto guides = built_in();
  if (given.empty() && project.empty()) return guides;
  Problems problems;
  Collector collector{files, problems};
  const auto own = project_at(project, files, problems);
  for (const auto& named : own.guides) {
    const auto path = absolute(named.starts_with('/') ? named : folder_of(project) + "/" + named);
    collector.add({path, path, util::shown(project, 400) + ": guides"});
  }
  guides.pages = collector.pages();
  check_systems(guides.pages, own, guides.known, problems);
  Collector of_flags{files, problems};
  for (const auto& path : given) of_flags.add({absolute(path), path, "--guides"});
  for (auto& page : of_flags.pages()) {
    const auto is_same = [&](const OwnPage& known) { return known.file == page.file; };
    if (std::none_of(guides.pages.begin(), guides.pages.end(), is_same)) guides.pages.push_back(std::move(page));
  }
  std::vector<guides::DescriptionFile> descriptions;
  if (own.system && problems.empty())  // what a page has that cannot be read is not known
    descriptions.push_back({project, *own.system, own.entries});
  guides::add_own_pages(guides.known, guides.pages, descriptions, problems);
  refuse_sorted(std::move(problems));
  return guides;
}

std::optional<Guides> guides_for(const TargetOptions& target, const FileAccess& files, Streams streams) {
  try {
    return read_guides(target.guides, target.project_file, files);
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << '\n';
    return std::nullopt;
  }
}

std::string project_here(const FileAccess& files) {
  const auto environment = own_environment();
  const auto home = environment.find("HOME");
  return project_file(absolute("."), home == environment.end() ? "" : home->second, files);
}

std::optional<Guides> guides_of_bundle(const TargetOptions& target, const std::vector<OwnPage>& pages,
                                       Streams streams) {
  if (!target.guides.empty()) return guides_for(target, file_access(), streams);
  auto guides = built_in();
  guides.pages = pages;
  while (!guides.pages.empty()) {
    Problems problems;
    guides::add_own_pages(guides.known, guides.pages, {}, problems);
    if (problems.empty()) break;
    streams.err << "doctor: a guide in the bundle is left out: " << problems.front().text() << '\n';
    auto left = without(guides.pages, problems);
    if (left.size() == guides.pages.size()) left.clear();
    guides.pages = std::move(left);
  }
  return guides;
}

}  // namespace doctor::cli
