#pragma once

#include <map>
#include <string>

#include "lab/check.hpp"
#include "lab/files.hpp"

namespace doctor::lab {

/// The project's Helm chart as an operator has it who rendered it with secrets of their own: Chart.yaml, values.yaml
/// and rendered.yaml. Nothing runs, and no cluster is asked.
class HelmCase {
 public:
  HelmCase();

  const Directory& directory() const { return directory_; }

  /// Corrects what is wrong with the chart as it is shipped.
  HelmCase& corrected();

  /// A value of the release's Secret; "" leaves the key out, as the chart does.
  HelmCase& secret(const std::string& name, const std::string& value);
  /// Replaces the only occurrence of a text in what was rendered.
  HelmCase& edit(const std::string& from, const std::string& to);
  /// The same between two texts: the first `from` behind `after`.
  HelmCase& edit_behind(const std::string& after, const std::string& from, const std::string& to);
  /// One more document.
  HelmCase& add(const std::string& document);
  HelmCase& edit_values(const std::string& from, const std::string& to);

  /// `doctor check` with --allow-incomplete: nothing runs here.
  Result check(const Arguments& arguments = {"--allow-incomplete"}) const;

 private:
  std::string rendered() const;

  Directory directory_{"smoltbot"};
  Secrets secrets_;
  std::map<std::string, std::string> values_;
  std::string text_;
};

}  // namespace doctor::lab
