#include "guides/page.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "guides/fix_step.hpp"
#include "guides/machine_block.hpp"
#include "guides/markdown.hpp"
#include "util/text.hpp"

namespace doctor::guides {
namespace {

constexpr std::array<std::string_view, 4> sections{"Symptom", "Cause", "Fix", "Verify"};
enum Section : std::size_t { symptom, cause, fix, verify };

std::string page_name(const std::string& file) {
  auto name = file.substr(file.rfind('/') + 1);
  if (name.ends_with(".md")) name.resize(name.size() - 3);
  return name;
}

bool is_heading(const Block& block, int level) {
  return block.kind == Block::Kind::heading && block.level == level;
}

bool is_machine_block(const Block& block) {
  return block.kind == Block::Kind::code && block.info == "doctor";
}

/// Blocks of one part of a page; no copies.
struct Range {
  const Block* first;
  const Block* last;
  const Block* begin() const { return first; }
  const Block* end() const { return last; }
  bool empty() const { return first == last; }
};

/// Cuts `blocks` before each heading of `level`; the first range is what stands before all of them, maybe nothing.
std::vector<Range> split_at(Range blocks, int level) {
  std::vector<Range> parts{{blocks.first, blocks.first}};
  for (const auto* block = blocks.first; block != blocks.last; ++block) {
    if (is_heading(*block, level)) parts.push_back({block, block});
    parts.back().last = block + 1;
  }
  return parts;
}

std::string source_of(Range blocks) {
  std::string out;
  for (const auto& block : blocks) out += (out.empty() ? "" : "\n\n") + block.source;
  return out;
}

class EntryReader {
 public:
  EntryReader(const Page& page, Range blocks, Problems& problems) : page_{page}, blocks_{blocks}, problems_{problems} {}

  PageEntry read() {
    read_heading();
    const auto parts = split_at({blocks_.first + 1, blocks_.last}, 3);
    read_preamble(parts.front());
    for (std::size_t i = 1; i < parts.size(); ++i) read_section(parts[i], i - 1);
    if (parts.size() - 1 < sections.size())
      problem(blocks_.first->line, "the entry lacks its section " + std::string{sections.at(parts.size() - 1)});
    return std::move(result_);
  }

 private:
  void problem(int line, std::string message) { problems_.push_back({page_.file, line, 0, std::move(message)}); }
  Entry& entry() { return result_.entry; }

  void read_heading() {
    result_.line = blocks_.first->line;
    entry().code = blocks_.first->heading;
    entry().guide = page_.name;
    if (!is_code(entry().code))
      problem(result_.line, "the heading " + util::shown(entry().code, 60) + " is no code of a-z, 0-9 and -");
    if (page_.kind != PageKind::system) return;
    entry().system = page_.name;
    if (!entry().code.starts_with(page_.name + "-"))
      problem(result_.line, "a code of this page must begin with " + page_.name + "-");
  }

  /// What stands between the heading and the first section: the machine block, once, and nothing else.
  void read_preamble(Range blocks) {
    bool found = false;
    for (const auto& block : blocks) {
      if (!is_machine_block(block)) {
        problem(block.line, "only the doctor block stands between the heading and Symptom");
      } else if (found) {
        problem(block.line, "a second doctor block");
      } else {
        found = true;
        result_.block_line = block.line;
        read_machine_block(block, page_.file, page_.kind, result_, problems_);
      }
    }
    if (!found) problem(result_.line, "the entry has no doctor block after its heading");
  }

  void read_section(Range blocks, std::size_t index) {
    const auto& heading = *blocks.first;
    if (index >= sections.size() || heading.heading != sections.at(index)) {
      const std::string expected = index < sections.size() ? std::string{sections.at(index)} : "the next entry";
      return problem(heading.line, "here " + expected + " is expected; the sections are Symptom, Cause, Fix, Verify");
    }
    const Range content{blocks.first + 1, blocks.last};
    if (content.empty()) return problem(heading.line, "the section " + heading.heading + " is empty");
    for (const auto& block : content) check_block(block);
    if (index == symptom) entry().symptom = prose(content);
    if (index == cause) entry().cause = prose(content);
    if (index == fix) read_fix(content);
    if (index == verify) read_verify(content);
  }

  void check_block(const Block& block) {
    if (block.kind == Block::Kind::html) problem(block.line, "raw HTML cannot be shown in a terminal");
    if (block.kind == Block::Kind::heading) problem(block.line, "only headings of level 2 and 3 are known here");
    if (is_machine_block(block))
      problem(block.line, "the doctor block belongs directly below the heading of the entry");
  }

  std::string prose(Range content) {
    auto text = source_of(content);
    for (const auto& block : content) add_passage(block.source, block.line);
    return text;
  }

  void add_passage(std::string text, int line) { result_.passages.push_back({std::move(text), line}); }

  void read_fix(Range content) {
    for (const auto& block : content) {
      auto step = read_step(block, page_.file, problems_);
      const bool follows_prose = !entry().fix.empty() && entry().fix.back().kind == "text";
      if (step.risk == "data-loss" && !follows_prose)
        problem(block.line,
                "before a step with risk=data-loss, a sentence must say what is lost and what to save first");
      const bool is_prose = step.kind == "text";
      add_passage(step.text, is_prose ? block.line : block.line + 1);
      if (!step.file.empty()) add_passage(step.file, block.line);
      entry().fix.push_back(std::move(step));
    }
  }

  /// The command of its one fenced block; sentences before it become comments of the command.
  void read_verify(Range content) {
    const auto& block = *(content.last - 1);
    if (block.kind != Block::Kind::code || block.info != "sh")
      return problem(block.line, "Verify ends with its one fenced block of `sh`");
    for (const auto& before : Range{content.first, content.last - 1}) {
      if (before.kind != Block::Kind::text) problem(before.line, "Verify holds sentences and one fenced block of `sh`");
      for (const auto& line : util::split(before.source, '\n')) entry().verify += "# " + line + "\n";
      add_passage(before.source, before.line);
    }
    if (util::trim(block.code).empty()) problem(block.line, "the command of Verify is empty");
    entry().verify += util::trim(block.code);
    add_passage(block.code, block.line + 1);
  }

  const Page& page_;
  Range blocks_;
  Problems& problems_;
  PageEntry result_;
};

/// A page begins with its title and says in a sentence what it is about.
void check_introduction(Range blocks, const std::string& file, Problems& problems) {
  if (blocks.empty() || !is_heading(*blocks.first, 1))
    return problems.push_back({file, 1, 0, "a page begins with its title (# ...)"});
  for (const auto& block : Range{blocks.first + 1, blocks.last})
    if (block.kind == Block::Kind::heading || is_machine_block(block))
      problems.push_back({file, block.line, 0, "an entry begins with a heading of level 2"});
}

void check_twins(const Page& page, Problems& problems) {
  std::map<std::string_view, int> lines;
  for (const auto& entry : page.entries) {
    const auto [first, is_new] = lines.emplace(entry.entry.code, entry.line);
    if (!is_new)
      problems.push_back({page.file, entry.line, 0, "this code is already in line " + std::to_string(first->second)});
  }
}

}  // namespace

Page read_page(std::string_view text, const std::string& file, PageKind kind, Problems& problems) {
  Page page{file, page_name(file), kind, {}};
  const auto before = problems.size();
  const auto blocks = read_blocks(text, file, problems);
  if (problems.size() != before) return page;
  const auto parts = split_at({blocks.data(), blocks.data() + blocks.size()}, 2);
  check_introduction(parts.front(), file, problems);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (problems.size() - before > most_problems) {
      problems.push_back({file, parts[i].first->line, 0, "too many mistakes; the rest was not read"});
      return page;
    }
    page.entries.push_back(EntryReader{page, parts[i], problems}.read());
  }
  check_twins(page, problems);
  return page;
}

}  // namespace doctor::guides
