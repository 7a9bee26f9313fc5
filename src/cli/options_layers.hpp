#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/option_files.hpp"
#include "cli/options_parts.hpp"

/// From where each of doctor's own options has its value. Only options*.cpp include this.
namespace doctor::cli {

/// Gives options the values that doctor.yaml files have for them, below flags and environment, which CLI11 has read
/// before. One for each parsed command line.
class Layering {
 public:
  /// `known` are all commands: an option that none of them has is a mistake.
  Layering(std::vector<OptionLayer> layers, const std::vector<CommandHelp>& known);

  /// Throws BadInput with file and line for an option that nobody knows, or a value that it does not take.
  void apply(CLI::App& command);

  /// Every option of `command` with its value and where that is from; one that `also` has as a flag has it from there.
  std::vector<OptionValue> values(const CLI::App& command, const CLI::App& also) const;

 private:
  struct Given {
    std::string origin;
    std::string place;
  };
  void check_names() const;
  void give(CLI::App& command, const OptionLayer& layer, const guides::FileOption& option);

  std::vector<OptionLayer> layers_;
  std::vector<std::string> names_;    ///< of all options
  std::vector<std::string> formats_;  ///< of all commands
  std::map<const CLI::Option*, Given> from_files_;
};

/// What a parsed command line has besides what CLI11 wrote into its command.
struct Settled {
  std::string project;              ///< the doctor.yaml in use; "" for none
  std::vector<OptionValue> values;  ///< of `doctor config --options`
};

/// Finds the doctor.yaml files and gives the command that was chosen what they say. Throws BadInput.
Settled settle(CLI::App& app);

}  // namespace doctor::cli
