#pragma once

#include <set>
#include <string>
#include <vector>

#include "deployment/settings.hpp"
#include "deployment/settings_index.hpp"

namespace doctor::deployment {

/// Makes the hops of chains. Every text of a hop is free of secrets.
class ChainMaker {
 public:
  ChainMaker(const SettingSources& sources, const DotenvIndex& dotenv, const std::set<std::string>& secrets)
      : sources_{sources}, dotenv_{dotenv}, secrets_{secrets} {}

  /// Where the values interpolated into `variable` come from, then the variable's own place.
  std::vector<Hop> through_compose(const ServiceVariable& variable, bool secret) const;

  /// The place of `name` itself: the shell, which wins, or .env; nothing when neither has it.
  std::vector<Hop> origin(const std::string& name, const std::string& shown_for) const;

  /// .env only: what a bare process is given does not pass through doctor's shell.
  std::vector<Hop> written(const std::string& name) const;

  Hop use(const VariableUse& use) const;

  /// The variables that the value of `name` in .env is built from ("https://${DOMAIN}"), as far as it has them from
  /// there: a later line, and one that the shell overrides, are none.
  std::vector<std::string> built_from(const std::string& name) const;

 private:
  std::vector<Hop> in_dotenv(const DotenvEntry& entry, const std::string& shown_for, int depth) const;
  std::string value_text(const std::string& name, const std::string& value, const std::string& shown_for) const;

  const SettingSources& sources_;
  const DotenvIndex& dotenv_;
  const std::set<std::string>& secrets_;
};

}  // namespace doctor::deployment
