#include "guides/ledger.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "util/text.hpp"

namespace doctor::guides {
namespace {

constexpr std::size_t most_bytes = 4U << 20U;

auto key(const Proof& proof) {
  return std::tie(proof.entry, proof.by, proof.test);
}

}  // namespace

std::vector<Proof> read_ledger(std::string_view text, const std::string& file, Problems& problems) {
  std::vector<Proof> ledger;
  if (!is_readable(text, most_bytes, file, problems)) return ledger;
  int number = 0;
  for (auto line : util::split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const auto cells = util::split(line, '\t');
    if (cells.size() != 3 || cells[0].empty() || cells[1].empty() || cells[2].empty()) {
      problems.push_back({file, number, 0, "a line holds entry, check (or log) and test, parted by tabs"});
      continue;
    }
    Proof proof{cells[0], cells[1], cells[2], number};
    if (!ledger.empty() && !(key(ledger.back()) < key(proof)))
      problems.push_back({file, number, 0, "the lines are not sorted, or one is there twice"});
    ledger.push_back(std::move(proof));
  }
  return ledger;
}

std::string detection_of(std::string_view entry, const std::vector<Proof>& ledger) {
  std::set<std::string> by;
  for (const auto& proof : ledger)
    if (proof.entry == entry) by.insert(proof.by);
  return util::join({by.begin(), by.end()}, ",");
}

}  // namespace doctor::guides
