// The manual pages as a reader meets them: set without a complaint, whole, and telling all that the program takes.

#include <filesystem>
#include <regex>
#include <set>

#include "cli/command_help.hpp"
#include "doctor/system.hpp"
#include "guides/description.hpp"
#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

struct Manual {
  std::string name;
  std::string section;
  std::string path() const { return test::binary_path("man/man" + section + "/" + name + "." + section); }
};

const std::vector<Manual> manuals{{"doctor", "1"}, {"doctor.yaml", "5"}, {"doctor-guides", "7"}};

/// Whether groff is here. Where CI is true it must be.
bool can_set() {
  if (run({"/usr/bin/env", "groff", "--version"}).exit == 0) return true;
  skip("groff is not installed");
  return false;
}

/// As `man` shows it, on lines that break nothing.
std::string shown(const Manual& manual) {
  const auto result = run({"/usr/bin/env", "groff", "-man", "-Tascii", "-P-cbou", "-rLL=600n", "-ww", manual.path()});
  INFO(manual.name << "\n" << result.err);
  REQUIRE(result.exit == 0);
  CHECK(result.err.empty());
  return result.out;
}

/// Lines that begin at the margin, without the title at top and bottom.
std::vector<std::string> headings(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& line : util::split(text, '\n'))
    if (!line.empty() && line.front() != ' ' && line.find("  ") == std::string::npos) found.push_back(line);
  return found;
}

/// What stands below the subheading of a command, up to the next heading.
std::string part_about(const std::string& text, const std::string& command) {
  const auto begin = text.find("\n   doctor " + command);
  if (begin == std::string::npos) return {};
  const std::regex heading{R"(\n {0,3}\S)"};
  std::smatch next;
  const auto rest = text.substr(text.find('\n', begin + 1));
  return std::regex_search(rest, next, heading) ? rest.substr(0, static_cast<std::size_t>(next.position())) : rest;
}

bool has_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    const auto end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

/// The names of all fields of a structure, and of those that it is made of.
struct Names {
  std::set<std::string>& found;

  template <class T>
  void operator()(const char* name, T& value) const {
    found.insert(name);
    into(value);
  }

 private:
  template <class T>
  void into(std::vector<T>&) const {
    T item{};
    into(item);
  }
  template <class T>
  void into(std::optional<T>&) const {
    T item{};
    into(item);
  }
  template <class T>
  void into(T& value) const {
    if constexpr (requires { each_field(*this, value); }) each_field(*this, value);
  }
};

template <class T>
std::set<std::string> keys_of() {
  std::set<std::string> found;
  T value{};
  Names names{found};
  each_field(names, value);
  return found;
}

}  // namespace

TEST_CASE("the manual pages are set without a warning", "[manual]") {
  if (!can_set()) return;
  for (const auto& manual : manuals) {
    const auto text = shown(manual);
    INFO(text);
    CHECK(text.starts_with(manual.name + "(" + manual.section + ")"));
    CHECK(text.find("\nNAME\n       " + manual.name + " - ") != std::string::npos);
    const auto parts = headings(text);
    REQUIRE(parts.size() >= 3);
    CHECK(parts.front() == "NAME");
    CHECK((parts.at(1) == "SYNOPSIS" || parts.at(1) == "DESCRIPTION"));
    CHECK(parts.back() == "SEE ALSO");
    for (const auto& other : manuals)
      if (other.name != manual.name) CHECK(text.find(other.name + "(" + other.section + ")") != std::string::npos);
  }
}

TEST_CASE("doctor(1) tells of every command and every option", "[manual]") {
  if (!can_set()) return;
  const auto text = shown(manuals.front());
  for (const auto& command : cli::command_help()) {
    const auto part = part_about(text, command.name);
    INFO(command.name << "\n" << part);
    CHECK(part.find(command.summary) != std::string::npos);
    for (const auto& option : command.options) {
      INFO(option.names.back());
      for (const auto& name : option.names) CHECK(has_word(part, name));
      CHECK(part.find(option.description) != std::string::npos);
      if (!option.environment.empty()) CHECK(has_word(part, option.environment));
      for (const auto& choice : option.choices) CHECK(has_word(part, choice));
    }
  }
}

TEST_CASE("doctor.yaml(5) and the page about descriptions name every key", "[manual]") {
  const auto manual = read_file(test::source_path("docs/man/doctor.yaml.5.md"));
  for (const auto& key : keys_of<guides::ProjectFile>()) {
    INFO(key);
    CHECK((has_word(manual, key) || has_word(read_file(test::source_path("docs/adding-a-system.md")), key)));
  }
  const auto page = read_file(test::source_path("docs/adding-a-system.md"));
  for (const auto& key : keys_of<SystemDescription>()) {
    INFO(key);
    CHECK(has_word(page, key));
  }
}

}  // namespace doctor::lab
