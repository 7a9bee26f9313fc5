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
  const bool elsewhere = from.subject != to.subject || (to.entry->effect && !from.entry->effect);
  return from.entry->severity == "error" && elsewhere;
}

/// What depends on what, and what may therefore explain what.
class Relations {
 public:
  Relations(const std::vector<Node>& nodes, const Deployment& deployment) : nodes_{nodes}, upstream_(nodes.size()) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto subjects = deployment.depends_on(nodes[i].subject);
      upstream_[i] = {subjects.begin(), subjects.end()};
    }
  }

  bool is_cause(std::size_t cause, std::size_t effect) const {
    if (cause == effect || !may_explain(cause, effect) || !touches(cause, effect)) return false;
    if (!leads_to(nodes_[cause], nodes_[effect])) return false;
    if (nodes_[cause].order != nodes_[effect].order) return true;
    // Two findings of one check that would explain each other: the earlier one stands.
    const bool mutual = touches(effect, cause) && leads_to(nodes_[effect], nodes_[cause]);
    return !mutual || cause < effect;
  }

 private:
  bool depends(std::size_t effect, std::size_t cause) const {
    return nodes_[effect].subject == nodes_[cause].subject || upstream_[effect].count(nodes_[cause].subject) > 0;
  }

  /// A service does not depend on its own endpoint, yet a port that is taken keeps it from starting: the entry must say
  /// so by name.
  bool touches(std::size_t cause, std::size_t effect) const {
    if (depends(effect, cause)) return true;
    return service_of(nodes_[cause].subject) == nodes_[effect].subject &&
           leads_by_name(*nodes_[cause].entry, nodes_[effect]);
  }

  /// The list of checks runs from the ground up. Only an effect may follow from what a later check found, and only
  /// where that cannot follow from the effect itself; this keeps the relation free of cycles.
  bool may_explain(std::size_t cause, std::size_t effect) const {
    if (nodes_[effect].is_about_files && !nodes_[cause].is_about_files) return false;
    if (nodes_[cause].order <= nodes_[effect].order) return true;
    const bool same = nodes_[cause].subject == nodes_[effect].subject;
    return nodes_[effect].entry->effect && upstream_[cause].count(nodes_[effect].subject) == 0 &&
           !(same && nodes_[cause].entry->effect);
  }

  const std::vector<Node>& nodes_;
  std::vector<std::set<std::string>> upstream_;
};

}  // namespace

std::string service_of(const std::string& subject) {
  constexpr std::string_view prefix = "endpoint:";
  const auto end = subject.rfind(':');
  if (!subject.starts_with(prefix) || end < prefix.size()) return {};
  return "service:" + subject.substr(prefix.size(), end - prefix.size());
}

std::vector<std::vector<std::size_t>> causes(const std::vector<Node>& nodes, const Deployment& deployment) {
  const auto size = nodes.size();
  const Relations relations{nodes, deployment};
  std::vector<std::vector<std::size_t>> direct(size);
  for (std::size_t effect = 0; effect < size; ++effect)
    for (std::size_t cause = 0; cause < size; ++cause)
      if (relations.is_cause(cause, effect)) direct[effect].push_back(cause);
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
