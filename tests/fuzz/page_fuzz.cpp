#include "guides/ledger.hpp"
#include "guides/page.hpp"
#include "guides/placeholder.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor::guides;

void check_problems(const Problems& problems) {
  for (const auto& problem : problems) {
    require(doctor::fuzz::is_place(problem.line, problem.column), "a problem has a place");
    require(!problem.message.empty() && doctor::fuzz::is_printable(problem.message), "a problem can be shown");
  }
}

void check_page(std::string_view text, PageKind kind) {
  Problems problems;
  const auto page = read_page(text, "docs/guides/chatalot.md", kind, problems);
  require(page.name == "chatalot", "a page is called by its file");
  for (const auto& entry : page.entries) {
    require(entry.line >= 1, "an entry has a line");
    require(!problems.empty() || !entry.entry.fix.empty(), "an entry without problems has a fix");
    for (const auto& passage : entry.passages) require(passage.line >= 1, "a passage has a line");
  }
  check_problems(problems);
}

/// Printing the pieces again, braces doubled, gives the text that they came from or one that reads the same.
void check_placeholders(std::string_view text) {
  std::string again;
  for (const auto& piece : pieces(text)) {
    if (piece.is_name) {
      require(!piece.text.empty(), "a placeholder has a name");
      again += "{" + piece.text + "}";
      continue;
    }
    for (const char c : piece.text) again += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
  }
  require(placeholders(again) == placeholders(text), "braces that are doubled stay text");
  const auto mistake = brace_mistake(text);
  require(mistake.message.empty() || mistake.line >= 1, "a mistake has a line");
}

}  // namespace

/// Pages of docs/guides, placeholders, and the ledger.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  check_page(text, PageKind::check);
  check_page(text, PageKind::system);
  check_placeholders(text);
  Problems problems;
  const auto ledger = read_ledger(text, "docs/detection.tsv", problems);
  check_problems(problems);
  detection_of("database-auth-failed", ledger);
  return 0;
}
