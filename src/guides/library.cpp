#include "guides/library.hpp"

#include <algorithm>
#include <stdexcept>

#include "guides/blob.hpp"

namespace doctor::guides {
namespace {

using Values = std::map<std::string, std::string>;

bool holds(const Explains& explains, const Values& evidence) {
  return std::all_of(explains.where.begin(), explains.where.end(), [&](const auto& condition) {
    const auto seen = evidence.find(condition.first);
    const auto& wanted = condition.second;
    return seen != evidence.end() && std::find(wanted.begin(), wanted.end(), seen->second) != wanted.end();
  });
}

/// The number of keys of the best matching condition of `entry` for `code`, plus one; 0: none matches.
std::size_t fit(const Entry& entry, std::string_view code, const Values& evidence) {
  std::size_t best = 0;
  for (const auto& explains : entry.explains)
    if (explains.code == code && holds(explains, evidence)) best = std::max(best, explains.where.size() + 1);
  return best;
}

}  // namespace

struct Library::Index {
  Blob blob;
};

Library::Library(std::string_view blob) : index_{std::make_unique<Index>(Index{Blob{blob}})} {}
Library::~Library() = default;

std::optional<Entry> Library::entry(std::string_view code) const {
  const auto& blob = index_->blob;
  const auto index = blob.find_code(code);
  if (index == blob.codes()) return std::nullopt;
  return blob.entry(index);
}

std::vector<std::string> Library::codes() const {
  const auto& blob = index_->blob;
  std::vector<std::size_t> order(blob.codes());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return blob.system_of(a) < blob.system_of(b); });
  std::vector<std::string> names;
  for (const auto index : order) names.emplace_back(blob.code(index));
  return names;
}

std::vector<std::string> Library::systems() const {
  const auto& blob = index_->blob;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < blob.systems(); ++i) names.emplace_back(blob.system(i));
  return names;
}

std::optional<SystemDescription> Library::description(std::string_view system) const {
  const auto& blob = index_->blob;
  const auto index = blob.find_system(system);
  if (index == blob.systems()) return std::nullopt;
  return blob.description(index);
}

Entry Library::explain(std::string_view system, std::string_view code, const Values& evidence) const {
  std::optional<Entry> best;
  std::size_t best_fit = 0;
  const auto candidates = system.empty() ? std::vector<std::size_t>{} : index_->blob.candidates(system, code);
  for (const auto index : candidates) {
    auto candidate = index_->blob.entry(index);
    const auto candidate_fit = fit(candidate, code, evidence);
    if (candidate_fit <= best_fit) continue;
    best_fit = candidate_fit;
    best = std::move(candidate);
  }
  if (!best) best = entry(code);
  if (!best) throw std::logic_error{"no guide explains the code " + std::string{code}};
  return *std::move(best);
}

}  // namespace doctor::guides
