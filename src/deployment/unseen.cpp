#include "deployment/unseen.hpp"

#include <algorithm>
#include <set>

#include "deployment/settings.hpp"

namespace doctor::deployment {
namespace {

using Names = std::set<std::string>;

template <class Range, class Predicate>
bool any_of(const Range& range, Predicate predicate) {
  return std::any_of(range.begin(), range.end(), predicate);
}

class Forgetting {
 public:
  Forgetting(Deployment& deployment, const SettingsSeen& seen) : deployment_{deployment}, seen_{seen} {
    if (seen.compose == nullptr || !seen.dotenv.denied) return;
    for (const auto& use : seen.compose->uses)
      if (!use.set) open_.insert(use.name);
  }

  void run() {
    for (auto& service : deployment_.services) {
      if (!hides(service)) continue;
      hidden_.insert(service.name);
      std::erase_if(service.rule.settings,
                    [&](const SettingRule& rule) { return is_unseen(service.name, rule.name, find(service, rule)); });
    }
    if (seen_.dotenv.denied) {
      hidden_.insert(compose_service);
      std::erase_if(deployment_.description.variables, [&](const SettingRule& rule) {
        return is_unseen(compose_service, rule.name, deployment_.setting(compose_service, rule.name));
      });
    }
    std::erase_if(deployment_.settings, [&](const Setting& setting) {
      return hidden_.count(setting.service) > 0 && is_unseen(setting.service, setting.name, &setting);
    });
  }

 private:
  /// Something that doctor cannot see may give this service values.
  bool hides(const Service& service) const {
    if (seen_.running.count(service.name) > 0) return false;
    return service.process.has_value() || seen_.dotenv.denied;
  }

  const Setting* find(const Service& service, const SettingRule& rule) const {
    return deployment_.setting(service.name, rule.name);
  }

  bool is_unseen(const std::string& service, const std::string& name, const Setting* setting) const {
    if (setting == nullptr || !setting->value()) return true;
    if (service == compose_service) return open_.count(name) > 0;
    return seen_.dotenv.denied && is_open(service, name);
  }

  /// The compose file builds it from a variable that .env may set.
  bool is_open(const std::string& service, const std::string& name) const {
    if (seen_.compose == nullptr) return false;
    return any_of(seen_.compose->services, [&](const ComposeService& one) {
      return one.service.name == service && any_of(one.environment, [&](const ServiceVariable& variable) {
               return variable.name == name &&
                      any_of(variable.variables, [&](const std::string& part) { return open_.count(part) > 0; });
             });
    });
  }

  Deployment& deployment_;
  const SettingsSeen& seen_;
  Names open_;    ///< variables of the compose file that .env might set
  Names hidden_;  ///< services
};

}  // namespace

void forget_unseen(Deployment& deployment, const SettingsSeen& seen) {
  const bool nothing_known = seen.compose == nullptr && !seen.cluster && !seen.dotenv.exists && seen.running.empty();
  if (nothing_known)
    std::erase_if(deployment.settings, [](const Setting& setting) { return !setting.value().has_value(); });
  Forgetting{deployment, seen}.run();
}

}  // namespace doctor::deployment
