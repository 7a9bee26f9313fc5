#include "guides/machine_block.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "guides/fields.hpp"
#include "util/text.hpp"

namespace doctor::guides {
namespace {

constexpr std::size_t most_title_characters = 72;

struct Machine {
  std::string title;
  std::string severity;
  std::vector<Explains> explains;
  std::optional<std::vector<std::string>> leads_to;
  std::vector<Signature> log;
  std::vector<std::string> evidence;
  std::string reason;
  bool effect = false;
  bool retired = false;
};

template <class Field>
void each_field(Field&& field, Machine& machine) {
  field("title", machine.title);
  field("severity", machine.severity);
  field("explains", machine.explains);
  field("leads-to", machine.leads_to);
  field("log", machine.log);
  field("evidence", machine.evidence);
  field("reason", machine.reason);
  field("effect", machine.effect);
  field("retired", machine.retired);
}

bool is_severity(const std::string& word) {
  return word == "error" || word == "warning" || word == "info";
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_key(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// A key marked with a question mark is one that not every finding has; entries carry the plain name.
void read_evidence(const yaml::Node& node, std::vector<std::string>& keys, yaml::Reader& reader) {
  for (auto& key : keys) {
    if (!key.empty() && key.back() == '?') key.pop_back();
    if (!is_key(key))
      reader.problem(node, "evidence", "the evidence key " + util::shown(key, 40) + " is no name of a-z, 0-9 and _");
    if (std::count(keys.begin(), keys.end(), key) > 1)
      reader.problem(node, "evidence", "the evidence key " + util::shown(key, 40) + " is there twice");
  }
}

void check_words(const Machine& machine, const yaml::Node& node, yaml::Reader& reader) {
  if (machine.title.empty()) reader.problem(node, "title", "an entry needs a title");
  if (characters(machine.title) > most_title_characters)
    reader.problem(node, "title", "a title has at most " + std::to_string(most_title_characters) + " characters");
  if (machine.title.ends_with('.') || machine.title.find('\n') != std::string::npos)
    reader.problem(node, "title", "a title is one line without a full stop");
  if (!is_severity(machine.severity)) reader.problem(node, "severity", "severity must be error, warning or info");
  for (const auto& code : machine.leads_to.value_or(std::vector<std::string>{}))
    if (!is_code(code)) reader.problem(node, "leads-to", util::shown(code, 60) + " is no code");
}

/// That a generic entry explains itself goes without saying.
void check_kind(const Machine& machine, const yaml::Node& node, PageKind kind, const std::string& code,
                yaml::Reader& reader) {
  const auto is_of_itself = [&](const Explains& explains) { return explains.code == code && explains.where.empty(); };
  if (kind == PageKind::check && !std::all_of(machine.explains.begin(), machine.explains.end(), is_of_itself))
    reader.problem(node, "explains", "only the entries of a system's page explain other codes");
  if (kind == PageKind::system && !machine.evidence.empty())
    reader.problem(node, "evidence", "only generic entries declare evidence");
}

std::vector<int> lines_of_items(const yaml::Node& node, std::string_view key) {
  std::vector<int> lines;
  if (const auto* list = node.find(key))
    for (const auto& item : list->items) lines.push_back(item.line);
  return lines;
}

}  // namespace

template <>
struct yaml::Rules<Explains> {
  static void check(const Explains& explains, const Node& node, Reader& reader) {
    if (!is_code(explains.code)) reader.problem(node, "code", "explains needs the code that it explains");
    for (const auto& [key, values] : explains.where)
      if (values.empty()) reader.problem(node, "where", util::shown(key, 40) + " needs a value");
  }
};

template <>
struct yaml::Rules<Signature> {
  static void check(const Signature& signature, const Node& node, Reader& reader) {
    if (signature.match.empty()) return reader.problem(node, "match", "a log signature needs a pattern (match)");
    RE2::Options options{RE2::Quiet};
    options.set_max_mem(1 << 20);
    const RE2 pattern{signature.match, options};
    if (!pattern.ok())
      return reader.problem(node, "match", "the pattern does not compile: " + util::shown(pattern.error()));
    if (RE2::FullMatch("", pattern)) reader.problem(node, "match", "the pattern matches an empty line");
    for (const auto& [name, index] : pattern.NamedCapturingGroups())
      if (!is_key(name))
        reader.problem(node, "match", "the group " + util::shown(name, 40) + " is no name of a-z, 0-9 and _");
  }
};

void read_machine_block(const Block& block, const std::string& file, PageKind kind, PageEntry& entry,
                        Problems& problems) {
  const auto before = problems.size();
  const auto node = yaml::read(block.code, file, problems, block.line + 1);
  yaml::Reader reader{file, problems};
  if (node.kind != yaml::Node::Kind::mapping) {
    if (problems.size() == before) reader.problem(block.line, 0, "the doctor block must hold keys and values");
    return;
  }
  Machine machine;
  reader.read(node, "the doctor block", machine);
  read_evidence(node, machine.evidence, reader);
  check_words(machine, node, reader);
  check_kind(machine, node, kind, entry.entry.code, reader);
  entry.explains_lines = lines_of_items(node, "explains");
  entry.log_lines = lines_of_items(node, "log");
  entry.retired = machine.retired;
  entry.entry.effect = machine.effect;
  entry.entry.title = std::move(machine.title);
  entry.entry.severity = std::move(machine.severity);
  entry.entry.evidence = std::move(machine.evidence);
  if (kind == PageKind::system) entry.entry.explains = std::move(machine.explains);
  entry.entry.leads_to = std::move(machine.leads_to);
  entry.entry.log = std::move(machine.log);
  entry.entry.reason = std::move(machine.reason);
}

}  // namespace doctor::guides
