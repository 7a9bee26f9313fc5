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
  struct Source {
    std::unique_ptr<const std::string> bytes;  ///< null: somebody else keeps them
    Blob blob;
  };

  std::vector<Source> sources;

  /// Calls `use` with a blob and the index of `code` in it; false: no source has it.
  template <class Use>
  bool with_code(std::string_view code, Use use) const {
    for (const auto& source : sources) {
      const auto index = source.blob.find_code(code);
      if (index == source.blob.codes()) continue;
      use(source.blob, index);
      return true;
    }
    return false;
  }

  bool has_code(std::string_view code) const {
    return with_code(code, [](const Blob&, std::size_t) {});
  }

  bool has_system(std::string_view system) const {
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Source& source) { return source.blob.find_system(system) != source.blob.systems(); });
  }
};

Library::Library(std::string_view blob) : index_{std::make_unique<Index>()} {
  index_->sources.push_back({nullptr, Blob{blob}});
}
Library::Library(Library&&) noexcept = default;
Library& Library::operator=(Library&&) noexcept = default;
Library::~Library() = default;

void Library::add(std::string blob) {
  auto bytes = std::make_unique<const std::string>(std::move(blob));
  const Blob added{*bytes};
  for (std::size_t i = 0; i < added.codes(); ++i)
    if (index_->has_code(added.code(i))) throw std::invalid_argument{std::string{added.code(i)} + " is there already"};
  for (std::size_t i = 0; i < added.systems(); ++i)
    if (index_->has_system(added.system(i)))
      throw std::invalid_argument{std::string{added.system(i)} + " is there already"};
  index_->sources.push_back({std::move(bytes), added});
}

std::optional<Entry> Library::entry(std::string_view code) const {
  std::optional<Entry> found;
  index_->with_code(code, [&](const Blob& blob, std::size_t index) { found = blob.entry(index); });
  return found;
}

std::vector<std::string> Library::codes() const {
  std::vector<std::pair<std::string_view, std::string_view>> order;  // system and code
  for (const auto& [bytes, blob] : index_->sources)
    for (std::size_t i = 0; i < blob.codes(); ++i) order.emplace_back(blob.system_of(i), blob.code(i));
  std::sort(order.begin(), order.end());
  std::vector<std::string> names;
  names.reserve(order.size());
  for (const auto& [system, code] : order) names.emplace_back(code);
  return names;
}

std::vector<std::string> Library::systems() const {
  std::vector<std::string> names;
  for (const auto& [bytes, blob] : index_->sources)
    for (std::size_t i = 0; i < blob.systems(); ++i) names.emplace_back(blob.system(i));
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<SystemDescription> Library::description(std::string_view system) const {
  for (const auto& [bytes, blob] : index_->sources) {
    const auto index = blob.find_system(system);
    if (index != blob.systems()) return blob.description(index);
  }
  return std::nullopt;
}

std::vector<Entry> Library::entries_of(std::string_view system) const {
  std::vector<Entry> entries;
  for (const auto& [bytes, blob] : index_->sources)
    for (std::size_t i = 0; i < blob.codes(); ++i)
      if (blob.system_of(i) == system) entries.push_back(blob.entry(i));
  return entries;
}

Entry Library::explain(std::string_view system, std::string_view code, const Values& evidence) const {
  std::optional<Entry> best;
  std::size_t best_fit = 0;
  for (const auto& [bytes, blob] : index_->sources) {
    if (system.empty()) break;
    for (const auto index : blob.candidates(system, code)) {
      auto candidate = blob.entry(index);
      const auto candidate_fit = fit(candidate, code, evidence);
      if (candidate_fit <= best_fit) continue;
      best_fit = candidate_fit;
      best = std::move(candidate);
    }
  }
  if (!best) best = entry(code);
  if (!best) throw std::logic_error{"no guide explains the code " + std::string{code}};
  return *std::move(best);
}

}  // namespace doctor::guides
