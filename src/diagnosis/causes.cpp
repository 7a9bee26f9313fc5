#include "diagnosis/causes.hpp"

#include <algorithm>
#include <set>

namespace doctor::diagnosis {
namespace {

bool leads_by_name(const guides::Entry& entry, const Node& to) {
  if (!entry.leads_to) return false;
  const auto names = [&](const std::string& word) { return word == to.code || word == to.entry->code; };
  return std::any_of(entry.leads_to->begin(), entry.leads_to->end(), names);
}

bool leads_to(const Node& from, const Node& to) {
  if (from.entry->leads_to) return leads_by_name(*from.entry, to);
  return from.entry->severity == "error" && from.subject != to.subject;
}

/// Whether the first node can be asked for as a cause of the second at all; keeps the relation free of cycles.
bool comes_before(const std::vector<Node>& nodes, std::size_t cause, std::size_t effect) {
  if (nodes[cause].order != nodes[effect].order) return nodes[cause].order < nodes[effect].order;
  return cause != effect;
}

}  // namespace

std::vector<std::vector<std::size_t>> causes(const std::vector<Node>& nodes, const Deployment& deployment) {
  const auto size = nodes.size();
  std::vector<std::set<std::string>> upstream(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto subjects = deployment.depends_on(nodes[i].subject);
    upstream[i] = {subjects.begin(), subjects.end()};
  }
  const auto depends = [&](std::size_t effect, std::size_t cause) {
    return nodes[effect].subject == nodes[cause].subject || upstream[effect].count(nodes[cause].subject) > 0;
  };
  std::vector<std::vector<std::size_t>> direct(size);
  for (std::size_t effect = 0; effect < size; ++effect) {
    for (std::size_t cause = 0; cause < size; ++cause) {
      if (!comes_before(nodes, cause, effect) || !depends(effect, cause) || !leads_to(nodes[cause], nodes[effect]))
        continue;
      // Two findings of one check that would explain each other: the earlier one stands.
      const bool mutual =
          nodes[cause].order == nodes[effect].order && depends(cause, effect) && leads_to(nodes[effect], nodes[cause]);
      if (!mutual || cause < effect) direct[effect].push_back(cause);
    }
  }
  std::vector<std::vector<std::size_t>> roots(size);
  for (std::size_t i = 0; i < size; ++i) {
    std::set<std::size_t> seen{i};
    std::vector<std::size_t> open{direct[i]};
    while (!open.empty()) {
      const auto current = open.back();
      open.pop_back();
      if (!seen.insert(current).second) continue;
      if (direct[current].empty()) roots[i].push_back(current);
      open.insert(open.end(), direct[current].begin(), direct[current].end());
    }
    std::sort(roots[i].begin(), roots[i].end());
  }
  return roots;
}

}  // namespace doctor::diagnosis
