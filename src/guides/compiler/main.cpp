#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>

#include "guides/blob.hpp"
#include "guides/code_header.hpp"
#include "guides/description.hpp"
#include "guides/ledger.hpp"
#include "guides/page.hpp"
#include "guides/validate.hpp"

/// The guide compiler: turns pages, descriptions and the ledger of proofs into the blob that doctor carries, and the
/// pages of the checks into headers. A build tool; it shares its readers with doctor itself.
namespace doctor::guides {
namespace {

using Words = std::vector<std::string>;

constexpr const char* usage =
    "usage: doctor_guidec headers OUTDIR PAGE...\n"
    "       doctor_guidec blob OUT --checks PAGE... --systems PAGE... --descriptions YAML... --ledger TSV\n";

std::optional<std::string> contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

std::string read(const std::string& path) {
  auto text = contents(path);
  if (!text) throw std::runtime_error{path + ": cannot be read"};
  return *std::move(text);
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  file << text << std::flush;
  if (!file) throw std::runtime_error{path + ": cannot be written"};
}

/// Leaves an unchanged file alone, so that nothing that includes it is compiled again.
void write_if_changed(const std::string& path, const std::string& text) {
  if (contents(path) != text) write(path, text);
}

/// True when there is something that stops the build.
bool report(Problems problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  for (const auto& problem : problems) std::cerr << problem.text() << '\n';
  return !problems.empty();
}

int write_headers(const Words& words) {
  Problems problems;
  std::vector<Page> pages;
  for (std::size_t i = 1; i < words.size(); ++i)
    pages.push_back(read_page(read(words[i]), words[i], PageKind::check, problems));
  if (report(std::move(problems))) return 1;
  for (const auto& page : pages) write_if_changed(words.front() + "/" + page.name + ".hpp", code_header(page));
  return 0;
}

/// `--checks a b --systems c` as lists by option.
std::map<std::string, Words> options_of(const Words& words) {
  std::map<std::string, Words> options;
  Words* list = nullptr;
  for (const auto& word : words) {
    if (word.starts_with("--"))
      list = &options[word];
    else if (list == nullptr)
      throw std::invalid_argument{"unexpected argument " + word};
    else
      list->push_back(word);
  }
  for (const auto& [name, values] : options)
    if (name != "--checks" && name != "--systems" && name != "--descriptions" && name != "--ledger")
      throw std::invalid_argument{"unknown option " + name};
  return options;
}

Sources read_sources(std::map<std::string, Words> options, Problems& problems) {
  Sources sources;
  for (const auto& file : options["--descriptions"])
    sources.descriptions.push_back({file, read_description(read(file), file, problems)});
  for (const auto& file : options["--checks"])
    sources.pages.push_back(read_page(read(file), file, PageKind::check, problems));
  for (const auto& file : options["--systems"])
    sources.pages.push_back(read_page(read(file), file, PageKind::system, problems));
  for (const auto& file : options["--ledger"]) {
    sources.ledger_file = file;
    sources.ledger = read_ledger(read(file), file, problems);
  }
  return sources;
}

int write_library(const Words& words) {
  Problems problems;
  const auto sources = read_sources(options_of({words.begin() + 1, words.end()}), problems);
  validate(sources, problems);
  if (report(std::move(problems))) return 1;
  std::vector<Entry> entries;
  for (const auto& page : sources.pages)
    for (const auto& located : page.entries) {
      entries.push_back(located.entry);
      entries.back().detection = detection_of(located.entry.code, sources.ledger);
    }
  std::vector<SystemDescription> systems;
  for (const auto& file : sources.descriptions) systems.push_back(file.description);
  write(words.front(), write_blob(std::move(entries), std::move(systems)));
  return 0;
}

int run(const Words& words) {
  if (words.size() >= 2 && words.front() == "headers") return write_headers({words.begin() + 1, words.end()});
  if (words.size() >= 2 && words.front() == "blob") return write_library({words.begin() + 1, words.end()});
  std::cerr << usage;
  return 2;
}

}  // namespace
}  // namespace doctor::guides

int main(int argc, char** argv) {
  try {
    return doctor::guides::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "doctor_guidec: " << error.what() << '\n';
    return 2;
  }
}
