#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"
#include "probes/helper.hpp"

/// Programs that check something for doctor. These questions are not among those of a check.
namespace doctor::probes {

/// A program that may check something.
struct FoundPlugin {
  std::string kind;  ///< "doctor": it speaks doctor-plugin/v1; "nagios": it speaks by its exit code
  std::string id;    ///< what stands behind "doctor-check-", without an ending; for Nagios as the user says
  std::string path;  ///< links resolved
  std::vector<std::string> arguments;  ///< for Nagios
  std::string refused;                 ///< why it is not run; empty: it is
  bool named = false;                  ///< the user asked for it, or for its folder
};
struct PluginsAnswer {
  std::vector<FoundPlugin> plugins;  ///< in the order of the folders, then by name; 32 at most
};
/// Which there are: a run has one answer.
struct PluginsQuestion {
  static constexpr std::string_view probe = "plugins";
  using Answer = PluginsAnswer;
};

struct PluginRunAnswer {
  int exit_code = 0;
  std::string out;  ///< 1 MB at most
  std::string err;  ///< the first 4 KB
};
struct PluginRunQuestion {
  static constexpr std::string_view probe = "plugin-run";
  using Answer = PluginRunAnswer;
  std::string path;
  std::vector<std::string> arguments;
};

/// Where plugins may be.
struct PluginPlaces {
  struct Folder {
    std::string path;    ///< absolute
    bool named = false;  ///< the user named it: it must be there
  };
  struct Nagios {
    std::string id;
    std::string path;
    std::vector<std::string> arguments;
  };
  std::vector<Folder> folders;  ///< of two plugins with one name the first counts
  std::vector<Nagios> nagios;
};

class PluginsProbe final : public Probe<PluginsQuestion> {
 public:
  PluginsProbe(std::shared_ptr<Helper> helper, PluginPlaces places)
      : helper_{std::move(helper)}, places_{std::move(places)} {}
  Outcome<PluginsAnswer> ask(const PluginsQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Helper> helper_;
  PluginPlaces places_;
};

/// Runs a program that may be run (it is examined once more), with `input` on standard input, in `directory`.
class PluginRunProbe final : public Probe<PluginRunQuestion> {
 public:
  PluginRunProbe(std::shared_ptr<Helper> helper, std::string input, std::string directory)
      : helper_{std::move(helper)}, input_{std::move(input)}, directory_{std::move(directory)} {}
  Outcome<PluginRunAnswer> ask(const PluginRunQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Helper> helper_;
  std::string input_;
  std::string directory_;
};

template <class Field>
constexpr void each_field(Field&& field, FoundPlugin& plugin) {
  field("kind", plugin.kind);
  field("id", plugin.id);
  field("path", plugin.path);
  field("arguments", plugin.arguments);
  field("refused", plugin.refused);
  field("named", plugin.named);
}
template <class Field>
constexpr void each_field(Field&& field, PluginsAnswer& answer) {
  field("plugins", answer.plugins);
}
template <class Field>
constexpr void each_field(Field&&, PluginsQuestion&) {}
template <class Field>
constexpr void each_field(Field&& field, PluginRunAnswer& answer) {
  field("exit_code", answer.exit_code);
  field("out", answer.out);
  field("err", answer.err);
}
template <class Field>
constexpr void each_field(Field&& field, PluginRunQuestion& question) {
  field("path", question.path);
  field("arguments", question.arguments);
}

}  // namespace doctor::probes
