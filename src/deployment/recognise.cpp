#include "deployment/recognise.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

std::size_t common(const std::vector<std::string>& wanted, const std::set<std::string>& shown) {
  return static_cast<std::size_t>(
      std::count_if(wanted.begin(), wanted.end(), [&](const std::string& name) { return shown.count(name) > 0; }));
}

std::size_t matching(const std::vector<std::string>& globs, const std::set<std::string>& images) {
  return static_cast<std::size_t>(std::count_if(globs.begin(), globs.end(), [&](const std::string& glob) {
    return std::any_of(images.begin(), images.end(),
                       [&](const std::string& image) { return util::glob_match(glob, image); });
  }));
}

std::size_t programs(const SystemDescription& system, const std::set<std::string>& processes) {
  return static_cast<std::size_t>(
      std::count_if(system.services.begin(), system.services.end(), [&](const ServiceRule& service) {
        return !service.process.exe.empty() && processes.count(service.process.exe) > 0;
      }));
}

std::size_t hits(const SystemDescription& system, const Traits& traits) {
  return common(system.recognise.services, traits.services) + matching(system.recognise.images, traits.images) +
         common(system.recognise.settings, traits.settings) + programs(system, traits.processes);
}

}  // namespace

Recognition recognise(const Traits& traits, const std::vector<SystemDescription>& candidates) {
  std::size_t most = 0;
  std::vector<const SystemDescription*> best;
  for (const auto& system : candidates) {
    const auto count = hits(system, traits);
    if (count == 0 || count < most) continue;
    if (count > most) best.clear();
    most = count;
    best.push_back(&system);
  }
  if (best.size() == 1) return {best.front(), ""};
  if (best.empty()) return {nullptr, "no known application was recognised"};
  std::vector<std::string> names;
  for (const auto* system : best) names.push_back(system->name);
  return {nullptr, "it looks equally like " + util::join(names, " and ") + "; choose with --system"};
}

}  // namespace doctor::deployment
