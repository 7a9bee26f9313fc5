#include "formats/yaml_tree.hpp"
#include "guides/yaml.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor::formats;

/// Every node has a place and is of one kind; without recursion, to measure the parser's and not our own.
std::size_t count_nodes(const YamlNode& root) {
  std::size_t count = 0;
  std::vector<const YamlNode*> open{&root};
  while (!open.empty()) {
    const auto* node = open.back();
    open.pop_back();
    ++count;
    require(node->line >= 1 && node->column >= 1, "every node has a place");
    require(node->is_sequence() || node->items.empty(), "only a sequence has items");
    require(node->is_mapping() || node->entries.empty(), "only a mapping has entries");
    for (const auto& item : node->items) open.push_back(&item);
    for (const auto& entry : node->entries) open.push_back(&entry.value);
  }
  return count;
}

void check_compose_yaml(std::string_view text) {
  YamlBudget budget;
  budget.nodes = 50'000;  // alias bombs are to be stopped, not to fill the time of the run
  const auto before = budget.nodes;
  const auto file = parse_yaml(text, "compose.yaml", budget);
  require(file.faults.size() <= 101, "at most 100 faults, and the one that ends reading");
  for (const auto& fault : file.faults) {
    require(doctor::fuzz::is_place(fault.place.line, fault.place.column), "a fault has a place");
    require(doctor::fuzz::is_printable(fault.reason), "a reason can be shown");
  }
  std::size_t nodes = 0;
  for (const auto& document : file.documents) {
    nodes += count_nodes(document.root);
    require(same_yaml(document.root, document.root), "a tree equals itself");
  }
  require(nodes <= before - budget.nodes, "every node is paid for");
  require(!file.documents.empty() || !file.faults.empty() || doctor::util::trim(text).empty() ||
              text.find_first_of("#%-.\xEF") != std::string_view::npos,
          "a text that says something is read or refused");
}

void check_guide_yaml(std::string_view text) {
  doctor::guides::Problems problems;
  doctor::guides::yaml::read(text, "page.md", problems, 7);
  for (const auto& problem : problems) {
    require(doctor::fuzz::is_place(problem.line, problem.column), "a problem has a place");
    require(doctor::fuzz::is_printable(problem.message), "a problem can be shown");
  }
}

}  // namespace

/// The two YAML readers: compose files' and guides'.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  check_compose_yaml(text);
  check_guide_yaml(text);
  std::string scalar{text};
  resolve_plain(scalar);
  return 0;
}
