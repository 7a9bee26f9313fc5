#include "guides/description.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "guides/fields.hpp"
#include "util/text.hpp"

namespace doctor::guides {
namespace yaml {

template <>
constexpr bool is_named<SettingRule> = true;
template <>
constexpr bool is_named<ServiceRule> = true;

namespace {

void check_pattern(const std::string& pattern, const Node& node, std::string_view key, Reader& reader) {
  const RE2 compiled{pattern, RE2::Quiet};
  if (!compiled.ok()) reader.problem(node, key, "the pattern does not compile: " + util::shown(compiled.error()));
}

void check_word(const std::string& word, const std::vector<std::string>& known, const Node& node, std::string_view key,
                Reader& reader) {
  if (word.empty() || std::find(known.begin(), known.end(), word) != known.end()) return;
  reader.problem(node, key,
                 known.empty()
                     ? util::shown(word, 60) + " is named and nothing of the kind is described here"
                     : std::string{key} + " must be one of " + util::join(known, ", ") + did_you_mean(word, known));
}

void check_names(const std::vector<std::string>& names, const std::vector<SettingRule>& rules, const Node& node,
                 Reader& reader) {
  std::vector<std::string> known;
  for (const auto& rule : rules) known.push_back(rule.name);
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      reader.problem(
          node, "settings",
          "the group names " + util::shown(name, 60) + ", which is no setting here" + did_you_mean(name, known));
}

/// Groups name settings that are described beside them.
void check_groups(const std::vector<SettingGroup>& groups, const std::vector<SettingRule>& rules, const Node& node,
                  Reader& reader) {
  const auto* list = node.find("groups");
  for (std::size_t i = 0; list != nullptr && i < groups.size() && i < list->items.size(); ++i)
    check_names(groups[i].settings, rules, list->items[i], reader);
}

void check_status(const std::vector<int>& statuses, const Node& node, Reader& reader) {
  for (const int status : statuses)
    if (status < 100 || status > 599) reader.problem(node, "status", "an HTTP status lies between 100 and 599");
}

template <class T>
void check_ids(const std::vector<T>& items, const Node& node, std::string_view key, Reader& reader) {
  std::set<std::string> seen;
  for (const auto& item : items)
    if (!seen.insert(item.id).second)
      reader.problem(node, key, "the id " + util::shown(item.id, 60) + " is there twice");
}

}  // namespace

template <>
struct Rules<SettingCondition> {
  static void check(const SettingCondition& condition, const Node& node, Reader& reader) {
    if (condition.setting.empty()) reader.problem(node, "setting", "a condition names its setting");
    if (condition.is.empty()) reader.problem(node, "is", "a condition lists the values that fulfil it");
  }
};

template <>
struct Rules<ValueRule> {
  static void check(const ValueRule& rule, const Node& node, Reader& reader) {
    if (rule.match.empty()) return reader.problem(node, "match", "an empty pattern matches every value");
    check_pattern(rule.match, node, "match", reader);
    if (rule.reason.empty()) reader.problem(node, "reason", "a refused value needs the reason, in words for a reader");
  }
};

template <>
struct Rules<AnswerRule> {
  static void check(const AnswerRule& rule, const Node& node, Reader& reader) {
    if (rule.status.empty() && rule.type.empty() && rule.json.empty() && rule.contains.empty())
      reader.problem(node, "this fits every answer: give status, type, json or contains");
    check_status(rule.status, node, reader);
  }
};

template <>
struct Rules<Credential> {
  static void check(const Credential& credential, const Node& node, Reader& reader) {
    if (credential.header.empty() || credential.setting.empty())
      reader.problem(node, "a credential needs its header and the setting that holds it");
  }
};

template <>
struct Rules<SettingRule> {
  static void check(const SettingRule& rule, const Node& node, Reader& reader) {
    check_word(rule.when, {"compose", "process"}, node, "when", reader);
    check_word(rule.form, {setting_forms.begin(), setting_forms.end()}, node, "form", reader);
    const bool has_range = rule.least || rule.most;
    if (has_range && rule.form != "integer") reader.problem(node, "form", "least and most belong to form: integer");
    if (rule.least && rule.most && *rule.least > *rule.most) reader.problem(node, "least", "least is above most");
    if (!rule.schemes.empty() && !rule.form.ends_with("url"))
      reader.problem(node, "schemes", "schemes belong to form: url");
    for (const auto* words : {&rule.examples, &rule.noisy, &rule.quiet, &rule.schemes})
      if (std::count(words->begin(), words->end(), std::string{}) > 0)
        reader.problem(node, "an empty word matches every value");
  }
};

template <>
struct Rules<SettingGroup> {
  static void check(const SettingGroup& group, const Node& node, Reader& reader) {
    if (!is_code(group.id)) reader.problem(node, "id", "a group needs an id of a-z, 0-9 and -");
    if (group.settings.size() < 2) reader.problem(node, "settings", "a group has at least two settings");
  }
};

template <>
struct Rules<Milestone> {
  static void check(const Milestone& milestone, const Node& node, Reader& reader) {
    if (!is_code(milestone.id)) reader.problem(node, "id", "a milestone needs an id of a-z, 0-9 and -");
    if (milestone.log.empty()) return reader.problem(node, "log", "a milestone needs the log line that proves it");
    check_pattern(milestone.log, node, "log", reader);
  }
};

template <>
struct Rules<Expectation> {
  static void check(const Expectation& expectation, const Node& node, Reader& reader) {
    const auto kinds = !expectation.http.empty() + !expectation.file.empty() + !expectation.sql.empty() +
                       !expectation.websocket.empty() + !expectation.redis.empty();
    if (kinds != 1) return reader.problem(node, "an expectation is about one of http, file, sql, websocket and redis");
    if (!expectation.violated.empty() && !is_code(expectation.violated))
      reader.problem(node, "else", "else names the entry that a violation raises");
    if (!expectation.http.empty()) check_http(expectation, node, reader);
    if (!expectation.file.empty()) check_file(expectation, node, reader);
    if (!expectation.sql.empty()) check_number(expectation, node, "sql", reader);
    if (!expectation.redis.empty()) check_number(expectation, node, "redis", reader);
    check_subject(expectation.subject, node, reader);
    if (!expectation.websocket.empty()) check_websocket(expectation, node, reader);
  }

 private:
  static void check_http(const Expectation& expectation, const Node& node, Reader& reader) {
    if (expectation.http.front() != '/') reader.problem(node, "http", "http is a path and begins with /");
    check_word(expectation.method, {"GET", "HEAD"}, node, "method", reader);
    if (expectation.status.empty()) reader.problem(node, "status", "status needs a number");
    check_status(expectation.status, node, reader);
    check_pointers(expectation, node, reader);
    allow(node, "http",
          {"method", "status", "type", "json", "present", "contains", "given", "at_most", "answers", "timeout", "slow"},
          reader);
  }

  static void check_file(const Expectation& expectation, const Node& node, Reader& reader) {
    const auto steps = util::split(expectation.file, '/');
    if (expectation.file.front() == '/' || std::find(steps.begin(), steps.end(), "..") != steps.end())
      reader.problem(node, "file", "a file lies below the directory of the deployment");
    if (!expectation.forbids.empty()) check_pattern(expectation.forbids, node, "forbids", reader);
    allow(node, "file", {"contains", "forbids", "subject"}, reader);
  }

  /// What gives one value or number.
  static void check_number(const Expectation& expectation, const Node& node, std::string_view kind, Reader& reader) {
    if (!expectation.forbids.empty()) check_pattern(expectation.forbids, node, "forbids", reader);
    const bool is_text = !expectation.value.empty() || !expectation.opens.empty() || !expectation.forbids.empty();
    if (!is_text && !expectation.least && !expectation.most)
      reader.problem(node, std::string{kind} + " needs what it must give: value, least or most");
    if (expectation.least && expectation.most && *expectation.least > *expectation.most)
      reader.problem(node, "least", "least is above most");
    if (kind == "sql")
      allow(node, kind, {"value", "least", "most", "opens", "parameters", "subject"}, reader);
    else
      allow(node, kind, {"least", "most", "forbids", "lifetime", "outlived", "subject"}, reader);
  }

  /// A subject of the deployment: kind and name, "service:shop", "setting:shop/UPLOADS", "disk:storage".
  static void check_subject(const std::string& subject, const Node& node, Reader& reader) {
    if (subject.empty()) return;
    static const std::vector<std::string> kinds{"service", "setting", "volume", "disk", "file", "host", "endpoint"};
    const auto colon = subject.find(':');
    if (colon == std::string::npos || colon + 1 == subject.size())
      return reader.problem(node, "subject", "a subject has a kind and a name, such as service:shop");
    check_word(subject.substr(0, colon), kinds, node, "subject", reader);
  }

  static void check_websocket(const Expectation& expectation, const Node& node, Reader& reader) {
    if (expectation.websocket.front() != '/')
      reader.problem(node, "websocket", "websocket is a path and begins with /");
    check_pointers(expectation, node, reader);
    allow(node, "websocket", {"send", "subprotocol", "idle", "json", "present", "contains", "timeout"}, reader);
  }

  static void check_pointers(const Expectation& expectation, const Node& node, Reader& reader) {
    for (const auto& pointer : expectation.present)
      if (!pointer.starts_with('/')) reader.problem(node, "present", "a JSON pointer begins with /");
  }

  /// The keys that an expectation of this kind may have, beside its own and `else`.
  static void allow(const Node& node, std::string_view kind, const std::vector<std::string>& keys, Reader& reader) {
    static const std::vector<std::string> all{"method",     "status",  "type",        "json",     "present", "contains",
                                              "given",      "at_most", "answers",     "forbids",  "value",   "opens",
                                              "parameters", "least",   "most",        "send",     "idle",    "timeout",
                                              "slow",       "subject", "subprotocol", "lifetime", "outlived"};
    for (const auto& key : all)
      if (node.find(key) != nullptr && std::find(keys.begin(), keys.end(), key) == keys.end())
        reader.problem(node, key, key + " does not belong to an expectation about " + std::string{kind});
  }
};

template <>
struct Rules<LimitRule> {
  static void check(const LimitRule& rule, const Node& node, Reader& reader) {
    if (!is_code(rule.id)) reader.problem(node, "id", "a limit needs an id of a-z, 0-9 and -");
    if (!rule.path.starts_with('/')) reader.problem(node, "path", "a limit needs the path that it is about");
    check_word(rule.unit, {"B", "KiB", "MiB", "GiB", "KB", "MB", "GB"}, node, "unit", reader);
    if (!rule.setting.empty() && rule.unit.empty()) reader.problem(node, "unit", "a setting's number needs its unit");
    if (rule.constant < 0) reader.problem(node, "constant", "a size is not negative");
  }
};

template <>
struct Rules<UpstreamRule> {
  static void check(const UpstreamRule& rule, const Node& node, Reader& reader) {
    if (!is_code(rule.id)) reader.problem(node, "id", "an upstream needs an id of a-z, 0-9 and -");
    if (rule.url.empty() && rule.setting.empty()) reader.problem(node, "an upstream needs url or setting");
    if (!rule.path.empty() && rule.path.front() != '/') reader.problem(node, "path", "path begins with /");
    if (rule.from.empty() != rule.to.empty()) reader.problem(node, "from", "from and to belong together");
    check_word(rule.method, {"GET", "HEAD"}, node, "method", reader);
    check_status(rule.status, node, reader);
  }
};

template <>
struct Rules<MetricRule> {
  static void check(const MetricRule& rule, const Node& node, Reader& reader) {
    if (!is_code(rule.id)) reader.problem(node, "id", "a metric needs an id of a-z, 0-9 and -");
    if (rule.metric.empty()) reader.problem(node, "metric", "the name of the series is missing");
    if (!rule.least && !rule.most && rule.moves_within.count() == 0)
      reader.problem(node, "a metric needs what it must show: least, most or moves_within");
    if (rule.percent_of.empty() && (!rule.among.empty() || rule.minimum != 0))
      reader.problem(node, "percent_of", "among and minimum belong to percent_of");
  }
};

template <>
struct Rules<MetricsRule> {
  static void check(const MetricsRule& rule, const Node& node, Reader& reader) {
    if (!rule.path.starts_with('/')) reader.problem(node, "path", "metrics need the path at which they are");
    check_ids(rule.rules, node, "rules", reader);
  }
};

template <>
struct Rules<ProxyNeeds> {
  static void check(const ProxyNeeds& needs, const Node& node, Reader& reader) {
    for (const auto* paths : {&needs.streams, &needs.hidden})
      for (const auto& path : *paths)
        if (!path.starts_with('/')) reader.problem(node, "a path begins with /");
    if (needs.longest.count() > 0 && needs.streams.empty())
      reader.problem(node, "streams", "longest belongs to streams");
  }
};

template <>
struct Rules<SingletonRule> {
  static void check(const SingletonRule& rule, const Node& node, Reader& reader) {
    if (!is_code(rule.id)) reader.problem(node, "id", "what may run once needs an id of a-z, 0-9 and -");
  }
};

template <>
struct Rules<MigrationsRule> {
  static void check(const MigrationsRule& rule, const Node& node, Reader& reader) {
    if (rule.kind.empty() || rule.table.empty()) reader.problem(node, "migrations need their kind and table");
    if (rule.latest < 0) reader.problem(node, "latest", "latest is not negative");
  }
};

template <>
struct Rules<DatabaseRule> {
  static void check(const DatabaseRule& rule, const Node& node, Reader& reader) {
    if (rule.setting.empty()) reader.problem(node, "a database needs the setting that holds its URL");
    if (rule.minimum_version < 0 || rule.pool < 0 || rule.oversized_bytes < 0)
      reader.problem(node, "minimum_version, pool and oversized_bytes are not negative");
  }
};

template <>
struct Rules<ServiceRule> {
  /// "modified:NAME" is the time of the file that the setting NAME names.
  static std::string setting_of(const std::string& parameter) {
    constexpr std::string_view prefix = "modified:";
    return parameter.starts_with(prefix) ? parameter.substr(prefix.size()) : parameter;
  }

  /// What is bound to a question is written into recordings, so no secret may be.
  static void check_parameters(const ServiceRule& service, const Node& node, Reader& reader) {
    std::vector<std::string> known;
    std::vector<std::string> all;
    for (const auto& rule : service.settings) {
      all.push_back(rule.name);
      if (!rule.secret) known.push_back(rule.name);
    }
    for (const auto& expectation : service.expect) check_word(expectation.opens, all, node, "opens", reader);
    for (const auto& expectation : service.expect)
      for (const auto& parameter : expectation.parameters)
        if (std::find(known.begin(), known.end(), setting_of(parameter)) == known.end())
          reader.problem(node, "expect",
                         "the parameter " + util::shown(parameter, 60) +
                             " is no setting of the service, or a secret one" +
                             did_you_mean(setting_of(parameter), known));
  }

  /// Whatever names another setting of the service names one that is described.
  static void check_references(const ServiceRule& service, const Node& node, Reader& reader) {
    std::vector<std::string> known;
    for (const auto& rule : service.settings) known.push_back(rule.name);
    const auto name = [&](const std::string& setting, std::string_view key) {
      check_word(setting, known, node, key, reader);
    };
    for (const auto& rule : service.settings) {
      if (rule.required_when) name(rule.required_when->setting, "required_when");
      if (rule.needs) name(rule.needs->setting, "needs");
    }
    for (const auto& upstream : service.upstreams) {
      for (const auto* setting : {&upstream.setting, &upstream.when, &upstream.without}) name(*setting, "upstreams");
      for (const auto& credential : upstream.credentials) name(credential.setting, "credentials");
    }
    if (!service.metrics) return;
    for (const auto& rule : service.metrics->rules)
      if (rule.when) name(rule.when->setting, "when");
  }

  static void check(const ServiceRule& service, const Node& node, Reader& reader) {
    check_references(service, node, reader);
    check_ids(service.upstreams, node, "upstreams", reader);
    if (service.metrics && service.port == 0) reader.problem(node, "metrics", "metrics need the port of the service");
    check_groups(service.groups, service.settings, node, reader);
    check_ids(service.groups, node, "groups", reader);
    check_ids(service.milestones, node, "milestones", reader);
    const bool asks_service = std::any_of(
        service.expect.begin(), service.expect.end(),
        [](const Expectation& expectation) { return !expectation.http.empty() || !expectation.websocket.empty(); });
    if (asks_service && service.port == 0) reader.problem(node, "expect", "expect needs the port of the service");
    for (const auto& expectation : service.expect)
      if (!expectation.file.empty()) reader.problem(node, "expect", "expectations about a file stand in `files`");
    const bool asks_database = std::any_of(service.expect.begin(), service.expect.end(),
                                           [](const Expectation& expectation) { return !expectation.sql.empty(); });
    if (asks_database && !service.database) reader.problem(node, "expect", "sql needs the `database` of the service");
    check_parameters(service, node, reader);
    if (!service.database) return;
    const auto& setting = service.database->setting;
    const auto has_name = [&](const SettingRule& rule) { return rule.name == setting; };
    if (!setting.empty() && std::none_of(service.settings.begin(), service.settings.end(), has_name))
      reader.problem(node, "database",
                     "the database's setting " + util::shown(setting, 60) + " is no setting of the service");
  }
};

template <>
struct Rules<RedactionRule> {
  static void check(const RedactionRule& rule, const Node& node, Reader& reader) {
    constexpr std::size_t most_name = 64;
    constexpr std::size_t most_pattern = 1000;
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const bool named = !rule.name.empty() && rule.name.size() <= most_name &&
                       rule.name.find_first_not_of(letters) == std::string::npos;
    if (!named) reader.problem(node, "name", "a rule needs a name of letters, digits and ._-");
    if (rule.match.empty()) return reader.problem(node, "match", "a rule needs the expression that matches the secret");
    if (rule.match.size() > most_pattern)
      return reader.problem(node, "match", "the expression is longer than 1000 characters");
    check_pattern(rule.match, node, "match", reader);
    const RE2 pattern{rule.match, RE2::Quiet};
    if (pattern.ok() && RE2::PartialMatch("", pattern))
      reader.problem(node, "match", "the expression matches an empty text, and so every place");
  }
};

template <>
struct Rules<SystemDescription> {
  static void check(const SystemDescription& system, const Node& node, Reader& reader) {
    if (!is_code(system.name)) reader.problem(node, "name", "a system needs a name of a-z, 0-9 and -");
    check_groups(system.groups, system.variables, node, reader);
    check_ids(system.groups, node, "groups", reader);
    check_ids(system.singletons, node, "singletons", reader);
    for (const auto& expectation : system.files)
      if (expectation.file.empty()) reader.problem(node, "files", "in `files` stand expectations about a file");
    for (const auto& path : system.support)
      if (!path.starts_with('/')) reader.problem(node, "support", "support holds paths that begin with /");
  }
};

}  // namespace yaml

namespace {

template <class T>
T read_file(const yaml::Node& node, bool is_broken, const std::string& file, std::string_view what,
            Problems& problems) {
  T content;
  if (is_broken && node.kind == yaml::Node::Kind::null) return content;
  yaml::Reader{file, problems}.read(node, what, content);
  return content;
}

/// The words at the keys that name an entry, below `root`, each where it stands first.
std::map<std::string, Place> named_entries(const yaml::Node& root) {
  std::map<std::string, Place> places;
  std::vector<const yaml::Node*> waiting{&root};
  while (!waiting.empty()) {
    const auto& node = *waiting.back();
    waiting.pop_back();
    for (const auto& [key, line, column, value] : node.members) {
      if ((key == "else" || key == "outlived") && value.kind == yaml::Node::Kind::scalar) {
        const Place at{value.line, value.column};
        const auto [first, is_new] = places.emplace(value.text, at);
        if (!is_new && at.line < first->second.line) first->second = at;
      }
      waiting.push_back(&value);
    }
    for (const auto& item : node.items) waiting.push_back(&item);
  }
  return places;
}

}  // namespace

SystemDescription read_description(std::string_view text, const std::string& file, Problems& problems) {
  const auto before = problems.size();
  const auto node = yaml::read(text, file, problems);
  return read_file<SystemDescription>(node, problems.size() != before, file, "a system description", problems);
}

ProjectFile read_project_file(std::string_view text, const std::string& file, Problems& problems) {
  const auto before = problems.size();
  const auto node = yaml::read(text, file, problems);
  auto project = read_file<ProjectFile>(node, problems.size() != before, file, "doctor.yaml", problems);
  if (const auto* system = node.find("system")) project.entries = named_entries(*system);
  return project;
}

}  // namespace doctor::guides
