#include "render/happened.hpp"

#include <algorithm>

#include "diagnosis/events.hpp"

namespace doctor::render {

std::vector<diagnosis::Event> told_events(const diagnosis::Report& report, bool all) {
  if (all) return report.timeline;
  const auto counts = diagnosis::count(report);
  constexpr std::size_t most = 12;
  return counts.error + counts.warning == 0 ? std::vector<diagnosis::Event>{}
                                            : diagnosis::excerpt(report.timeline, most);
}

}  // namespace doctor::render
