#include "bundle/budget.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string_view>

namespace doctor::bundle {
namespace {

constexpr std::array<std::string_view, 7> order{"answers", "guides", "config", "host", "support", "containers", "logs"};
constexpr std::chrono::seconds item_limit{20};

std::size_t rank(const Item& item) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), item.section) - order.begin());
}

bool is_log(const Item& item) {
  return item.section == "logs";
}

/// Small logs come first, so that what they leave of their shares goes to the large ones; the size of some is not
/// known.
std::uint64_t weight(const Item& item) {
  if (!is_log(item)) return 0;
  return item.estimate == 0 ? std::numeric_limits<std::uint64_t>::max() : item.estimate;
}

}  // namespace

tl::expected<void, std::string> add_all(Writer& writer, std::vector<Item> items,
                                        const std::function<void(const Item&)>& begins, const Deadline& deadline) {
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : weight(a) < weight(b);
  });
  auto logs = static_cast<std::uint64_t>(std::count_if(items.begin(), items.end(), is_log));
  for (const auto& item : items) {
    if (deadline.stopped()) return tl::unexpected{std::string{"interrupted"}};
    const auto share = is_log(item) ? writer.room() / logs-- : writer.room();
    if (deadline.expired()) {
      writer.miss({item.path(), item.source, "there was no time left to read it"});
      continue;
    }
    begins(item);
    auto added = writer.add(item, share, deadline.within(item_limit));
    if (!added) return added;
  }
  return {};
}

}  // namespace doctor::bundle
