#include <charconv>
#include <cstdlib>

#include "deployment/compose_internal.hpp"
#include "deployment/interpolation.hpp"
#include "util/text.hpp"

// Variables are put into every text value, never into keys; then some values become numbers or booleans.

namespace doctor::deployment::compose {
namespace {

constexpr std::size_t most_uses = 10'000;
constexpr std::size_t most_value = 4'000'000;

enum class Cast { none, integer, real, boolean };

struct CastRule {
  std::string_view pattern;
  Cast cast;
};

constexpr CastRule cast_rules[] = {
    {"services.*.configs.[].mode", Cast::integer},
    {"services.*.cpu_count", Cast::integer},
    {"services.*.cpu_percent", Cast::real},
    {"services.*.cpu_period", Cast::integer},
    {"services.*.cpu_quota", Cast::integer},
    {"services.*.cpu_rt_period", Cast::integer},
    {"services.*.cpu_rt_runtime", Cast::integer},
    {"services.*.cpus", Cast::real},
    {"services.*.cpu_shares", Cast::integer},
    {"services.*.init", Cast::boolean},
    {"services.*.deploy.replicas", Cast::integer},
    {"services.*.deploy.update_config.parallelism", Cast::integer},
    {"services.*.deploy.update_config.max_failure_ratio", Cast::real},
    {"services.*.deploy.rollback_config.parallelism", Cast::integer},
    {"services.*.deploy.rollback_config.max_failure_ratio", Cast::real},
    {"services.*.deploy.restart_policy.max_attempts", Cast::integer},
    {"services.*.deploy.placement.max_replicas_per_node", Cast::integer},
    {"services.*.healthcheck.retries", Cast::integer},
    {"services.*.healthcheck.disable", Cast::boolean},
    {"services.*.oom_kill_disable", Cast::boolean},
    {"services.*.oom_score_adj", Cast::integer},
    {"services.*.pids_limit", Cast::integer},
    {"services.*.ports.[].target", Cast::integer},
    {"services.*.privileged", Cast::boolean},
    {"services.*.read_only", Cast::boolean},
    {"services.*.scale", Cast::integer},
    {"services.*.secrets.[].mode", Cast::integer},
    {"services.*.stdin_open", Cast::boolean},
    {"services.*.tty", Cast::boolean},
    {"services.*.ulimits.*", Cast::integer},
    {"services.*.ulimits.*.hard", Cast::integer},
    {"services.*.ulimits.*.soft", Cast::integer},
    {"services.*.volumes.[].read_only", Cast::boolean},
    {"services.*.volumes.[].volume.nocopy", Cast::boolean},
    {"networks.*.external", Cast::boolean},
    {"networks.*.internal", Cast::boolean},
    {"networks.*.attachable", Cast::boolean},
    {"networks.*.enable_ipv4", Cast::boolean},
    {"networks.*.enable_ipv6", Cast::boolean},
    {"volumes.*.external", Cast::boolean},
    {"secrets.*.external", Cast::boolean},
    {"configs.*.external", Cast::boolean},
};

Cast cast_for(const YamlPath& path) {
  if (path.size() < 3) return Cast::none;
  for (const auto& rule : cast_rules) {
    if (matches(path, rule.pattern)) return rule.cast;
  }
  return Cast::none;
}

bool is_decimal(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && end == text.c_str() + text.size();
}

bool cast_boolean(YamlNode& node) {
  const std::string word = util::lower(node.text);
  const bool yes = word == "true" || word == "y" || word == "yes" || word == "on";
  const bool no = word == "false" || word == "n" || word == "no" || word == "off";
  if (!yes && !no) return false;
  node.kind = YamlKind::boolean;
  node.text = yes ? "true" : "false";
  return true;
}

bool cast_to(YamlNode& node, Cast cast) {
  switch (cast) {
    case Cast::none:
      return true;
    case Cast::boolean:
      return cast_boolean(node);
    case Cast::integer:
      if (!is_decimal(node.text)) return false;
      node.kind = YamlKind::integer;
      return true;
    case Cast::real:
      if (!is_number(node.text)) return false;
      node.kind = YamlKind::real;
      return true;
  }
  return true;
}

class TreeInterpolator {
 public:
  TreeInterpolator(Loading& loading, const Environment& environment)
      : loading_{loading}, lookup_{[&environment](const std::string& name) -> const std::string* {
          const auto found = environment.find(name);
          return found == environment.end() ? nullptr : &found->second;
        }} {}

  void visit(YamlNode& node) {
    if (node.is_text()) return text(node);
    for (auto& entry : node.entries) {
      path_.push_back(entry.key);
      visit(entry.value);
      path_.pop_back();
    }
    path_.emplace_back("[]");
    for (auto& item : node.items) visit(item);
    path_.pop_back();
  }

 private:
  void text(YamlNode& node) {
    if (node.text.find('$') != std::string::npos) substitute(node);
    if (!cast_to(node, cast_for(path_))) loading_.invalid(node.place(), path_text() + " has a value of a wrong type");
  }

  void substitute(YamlNode& node) {
    Interpolated result = interpolate(node.text, lookup_, std::min(most_value, loading_.text_left));
    loading_.text_left -= std::min(loading_.text_left, result.text.size());
    record(node, result);
    if (result.error) report(node, *result.error);
    YamlOrigin origin{node.text, variable_names(result.uses), false};
    for (const auto& use : result.uses) origin.defaulted = origin.defaulted || use.defaulted;
    if (!result.uses.empty()) node.origin = std::make_shared<const YamlOrigin>(std::move(origin));
    node.text = std::move(result.text);
  }

  void record(const YamlNode& node, const Interpolated& result) {
    if (result.uses.empty() || loading_.project.uses.size() >= most_uses) return;
    const std::string path = use_path(node);
    for (const auto& use : result.uses) {
      const std::size_t size = use.name.size() + path.size();
      if (loading_.project.uses.size() >= most_uses || size > loading_.use_text_left) return;
      loading_.use_text_left -= size;
      loading_.project.uses.push_back({use.name, path, node.place(), use.operation, use.set});
    }
  }

  void report(const YamlNode& node, const InterpolationError& error) {
    if (error.kind != InterpolationError::Kind::required) {
      return loading_.invalid(node.place(), std::string{reason(error.kind)});
    }
    loading_.problem(
        "compose-variable-required", "setting:compose/" + error.variable, node.place(),
        {{"variable", error.variable}, {"where", node.place().text()}, {"message", util::shown(error.message)}});
  }

  std::string path_text() const { return util::shown(util::join(path_, ".")); }

  /// Elements of a list of NAME=value are called by their name.
  std::string use_path(const YamlNode& node) const {
    std::string path = util::join(path_, ".");
    const bool assignment = path.ends_with(".environment.[]") || path.ends_with(".args.[]");
    const auto equals = node.text.find('=');
    if (!assignment || equals == std::string::npos) return path;
    return path.substr(0, path.size() - 2) + node.text.substr(0, equals);
  }

  Loading& loading_;
  VariableLookup lookup_;
  YamlPath path_;
};

}  // namespace

void interpolate_tree(Loading& loading, YamlNode& root, const Environment& environment) {
  TreeInterpolator{loading, environment}.visit(root);
}

}  // namespace doctor::deployment::compose
