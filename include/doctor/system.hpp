#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doctor {

/// A setting that has one of these values, compared without case; its `fallback` counts when it is not set.
struct SettingCondition {
  std::string setting;
  std::vector<std::string> is;  ///< "" stands for nothing at all
};

/// A value that looks right and cannot work.
struct ValueRule {
  std::string match;     ///< RE2 pattern that the whole value must not match in any part
  std::string reason;    ///< what is wrong with it, "names the port of PostgreSQL, which speaks no HTTP"
  std::string violated;  ///< YAML `else`: the entry that such a value raises
};

/// What must be true of a JSON Web Token (RFC 7519) that a setting holds. Its signature is not looked at: only its
/// issuer could.
struct TokenRule {
  std::vector<std::string> present;                        ///< claims that it must have
  std::map<std::string, std::vector<std::string>> claims;  ///< claim -> the values that it may have
  bool expires = true;                                     ///< false: the application does not look at `exp`
};

/// What a system description says about one variable. Absent keys keep these defaults. The YAML key of each is its
/// name.
struct SettingRule {
  std::string name;
  std::string role;  ///< "database-url", "jwt-private-key-path", "storage-path", "listen-address", ...; may be empty
  bool required = false;      ///< must be in the process's environment
  bool may_be_empty = false;  ///< an empty value is as good as none
  bool secret = false;
  std::string form;  ///< see docs/adding-a-system.md: url, http-url, integer, hex, address, path, json-array,
                     ///< log-filter, ...; empty: any text
  std::vector<std::string> schemes;   ///< of a url
  std::vector<std::string> allowed;   ///< the values that the application knows
  std::vector<std::string> examples;  ///< values that must not survive; a value that contains one counts
  std::vector<std::string> noisy;     ///< values that are legal but must not stay, such as a debug log level
  std::optional<std::int64_t> least;  ///< of an integer
  std::optional<std::int64_t> most;   ///< of an integer
  std::size_t length = 0;             ///< least number of characters of a secret; 0: any
  std::string algorithm;              ///< of the key in the file that it names: "Ed25519", "RSA", "EC"; empty: any
  std::string fallback;               ///< what the application uses when the variable is not set; may be empty
  std::optional<SettingCondition> required_when;  ///< it is required only then; of the same service
  bool recommended = false;                       ///< works without it, but not as a deployment should
  std::vector<std::string> quiet;                 ///< values that are legal and hide what an operator must see
  std::vector<ValueRule> refuses;
  std::optional<SettingCondition> needs;  ///< when this one is set, that one must be, too, or it has no effect
  std::optional<TokenRule> token;         ///< the value is a JSON Web Token
  std::string when;                       ///< "compose" or "process": the rule holds only there; empty: always
};

/// Every SettingRule::form that there is. A description with another one is refused.
inline constexpr std::array<std::string_view, 14> setting_forms{
    "url",  "http-url",   "integer",     "hex",        "hex64",     "address", "path",
    "word", "json-array", "json-object", "log-filter", "base64url", "boolean", "cors-origins"};

/// Variables that belong together: all of them are set, or none is.
struct SettingGroup {
  std::string id;
  std::vector<std::string> settings;
};

/// A log line that proves that a step of the start-up has succeeded.
struct Milestone {
  std::string id;
  std::string log;
};

/// One of several answers that mean something of their own. What is empty fits any answer.
struct AnswerRule {
  std::vector<int> status;
  std::string type;                         ///< media type
  std::map<std::string, std::string> json;  ///< JSON pointer -> value as JSON text
  std::string contains;                     ///< text of the body
  std::string violated;  ///< YAML `else`: the entry that such an answer raises; empty: it is a good answer
};

/// A header whose value is a setting of the service. Only the probe reveals it.
struct Credential {
  std::string header;  ///< "apikey", "Authorization"
  std::string prefix;  ///< "Bearer "; may be empty
  std::string setting;
};

/// One thing that must be true of the running application. Exactly one of http, file, sql, websocket, redis is set.
struct Expectation {
  std::string http;       ///< path below the service's address, "/api/health"
  std::string file;       ///< path below the directory of the deployment, "Cargo.lock"
  std::string sql;        ///< read-only query of the service's database that gives one value
  std::string websocket;  ///< path below the service's address, "/ws"
  std::string redis;      ///< key of the service's Redis: a list, stream or set, whose length is the value, or a string
                          ///< when `forbids` is given. {SETTING.claim} stands for a claim of the token in a setting
  std::string method = "GET";
  std::vector<int> status{200};
  std::string type;                            ///< media type that must be answered; empty: any
  std::map<std::string, std::string> json;     ///< JSON pointer -> value as JSON text, "/db_healthy" -> "true"
  std::vector<std::string> present;            ///< JSON pointers that must exist
  std::string contains;                        ///< text that the body or file must hold
  std::map<std::string, std::string> given;    ///< JSON pointer -> value: only an answer that has these is judged
  std::map<std::string, std::string> at_most;  ///< JSON pointer -> the largest number that may stand there
  std::vector<AnswerRule> answers;        ///< of http: what certain answers mean; the first that fits is the verdict
  std::string forbids;                    ///< RE2 pattern that no line of a file, nor a Redis string, may match
  std::chrono::milliseconds lifetime{0};  ///< of redis with `forbids`: how long such a key lives from its writing
  std::string outlived;                   ///< the entry instead of `else` when the key is older than the process
  std::string value;                      ///< what sql must give; empty: see least and most
  std::optional<std::int64_t> least;      ///< of the number that sql or redis gives
  std::optional<std::int64_t> most;
  std::string opens;                    ///< the setting that must be the key of each value that sql gives; see
                                        ///< the predicate `opens` in doctor/probe/host.hpp
  std::vector<std::string> parameters;  ///< settings of the service, not secret, bound to $1, $2 ... of sql
  std::string send;                     ///< the one text frame that websocket sends
  std::string subprotocol;              ///< that websocket asks for, and the server must choose
  std::chrono::milliseconds idle{0};    ///< how long a silent websocket must be let live; 0: not known
  std::chrono::milliseconds timeout{8000};
  std::chrono::milliseconds slow{0};  ///< an answer that takes longer is slow; 0: any
  std::string violated;  ///< YAML `else`: the entry that a violation of content raises; empty: the generic code
  std::string subject;   ///< for file and sql: the subject when it is not the file or the database; may be empty
};

/// A size that an upload must fit through on every hop, or that one hop must not go below.
struct LimitRule {
  std::string id;             ///< "upload"
  std::string path;           ///< where the request goes, "/api/files/upload"
  std::string setting;        ///< the setting of the service that bounds it; may be empty
  std::string unit;           ///< of the setting's number: "B", "KiB", "MiB", "GiB", "KB", "MB", "GB"
  std::int64_t constant = 0;  ///< bytes that the application itself never goes beyond; 0: none
  std::string quota;          ///< the setting that bounds all uploads of one user; may be empty
};

/// A service outside the deployment that one of its services calls.
struct UpstreamRule {
  std::string id;       ///< "anthropic"; the subject is endpoint:SERVICE:ID
  std::string url;      ///< "https://api.anthropic.com"; empty: the value of `setting`
  std::string setting;  ///< holds the URL, and wins over `url` when it is set; may be empty
  /// Of the URL in `setting`: its ending `from` is replaced by `to` before it is used.
  std::string from;
  std::string to;
  std::string path;  ///< added to the URL, "/rest/v1/"; empty: nothing
  std::string when;  ///< a setting that must not be empty, or nothing is ever called; may be empty
  std::string
      unless_claim;     ///< "SETTING.claim": a true claim of that token makes the upstream dispensable; may be empty
  std::string without;  ///< a setting that must be empty, or nothing is ever called; may be empty
  std::string method = "HEAD";
  std::vector<Credential> credentials;  ///< sent to a host that a setting names; to a fixed `url` only with --deep
  std::vector<int> status;              ///< good ones; empty: any but 5xx and 407, since an answer is what matters
  std::vector<AnswerRule> answers;      ///< what certain answers mean; the first that fits is the verdict
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds slow{0};  ///< an answer that takes longer is slow; 0: any
};

/// A number that the service's metrics (Prometheus text format) must show.
struct MetricRule {
  std::string id;
  std::string metric;                                      ///< name of the series, "gateway_requests_total"
  std::map<std::string, std::vector<std::string>> labels;  ///< only series with one of these values; all are added up
  std::string percent_of;  ///< the number is a percentage of this metric, or of "memory-limit", the container's
  std::map<std::string, std::vector<std::string>> among;  ///< labels of `percent_of`
  std::int64_t minimum = 0;                               ///< of `percent_of`: below it nothing is said
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
  /// A counter that must have moved when the process is as old as this (process_start_time_seconds); 0: none.
  std::chrono::milliseconds moves_within{0};
  std::optional<SettingCondition> when;
  std::string violated;  ///< YAML `else`
};

struct MetricsRule {
  std::string path;  ///< "/metrics"
  std::vector<MetricRule> rules;
};

/// What reverse proxies must know of a service, beyond its paths.
struct ProxyNeeds {
  std::vector<std::string> streams;         ///< paths whose answers come in pieces: they must not be buffered
  std::chrono::milliseconds longest{0};     ///< an answer on those may take this long to begin or go on; 0: not known
  std::chrono::milliseconds keep_alive{0};  ///< the service closes a connection that is idle for so long; 0: not known
  std::vector<std::string> hidden;          ///< paths that are not for the public
};

/// The migrations table of a database.
struct MigrationsRule {
  std::string kind;       ///< "sqlx", "filename" (one row per file: filename, applied_at) ... ; empty: none
  std::string table;      ///< "_sqlx_migrations"
  std::string directory;  ///< where the source tree keeps them, relative to the deployment; may be missing there
  std::string container_directory;
  int latest = 0;  ///< the newest version the described release knows; 0: not known
};

struct DatabaseRule {
  std::string setting;      ///< the setting of the service with the URL
  int minimum_version = 0;  ///< server_version_num; 0: any
  int pool = 0;             ///< connections that one instance of the service may open; 0: not known
  MigrationsRule migrations;
  std::vector<std::string> tables;   ///< that must exist, "agents"
  std::vector<std::string> columns;  ///< that must exist, "agents.nudge_strategy"
  std::int64_t oversized_bytes =
      0;  ///< a database larger than this deserves a look when it also exceeds the free space; 0: never
};

/// How a bare process of the service is found.
struct ProcessRule {
  std::string exe;       ///< file name of the program
  std::string unit;      ///< systemd unit
  std::string argument;  ///< that its command line must hold, when the program runs other things, too; may be empty
  std::optional<SettingCondition> when;  ///< of its environment: tells the roles of one program apart
};

struct ServiceRule {
  std::string name;        ///< compose service
  std::uint16_t port = 0;  ///< the port it listens on (in its container); 0: none
  std::string user;        ///< "999:999", the user of the image when nothing else tells; may be empty
  bool optional = false;   ///< may be absent
  ProcessRule process;
  std::vector<SettingRule> settings;
  std::vector<SettingGroup> groups;
  std::vector<Milestone> milestones;
  std::vector<Expectation> expect;
  std::optional<DatabaseRule> database;
  std::vector<LimitRule> limits;
  std::vector<std::string> talks_to;  ///< services that it connects to
  std::vector<std::string> trusts;    ///< address ranges of proxies whose forwarded addresses it believes; empty: any
  std::vector<UpstreamRule> upstreams;
  std::optional<MetricsRule> metrics;
  std::optional<ProxyNeeds> proxy;
  std::chrono::milliseconds stops_within{0};  ///< how long an orderly stop may take; 0: not known
  int redis_connections = 0;                  ///< that one process of it keeps open; 0: not known
};

/// What may run only once in the whole deployment.
struct SingletonRule {
  std::string id;
  SettingCondition when;  ///< services that do it
  std::string violated;   ///< YAML `else`
};

/// Description of one application. Read-only; compiled into the binary from checks/systems/NAME.yaml, or read from
/// doctor.yaml.
struct SystemDescription {
  std::string name;
  struct Recognise {
    std::vector<std::string> services;
    std::vector<std::string> images;  ///< globs
    std::vector<std::string> settings;
  } recognise;
  std::vector<std::string> compose;       ///< file names
  std::vector<std::string> env_examples;  ///< ".env.example"
  std::vector<SettingRule> variables;  ///< variables of .env that only the compose file reads; pseudo-service "compose"
  std::vector<SettingGroup> groups;    ///< of `variables`
  std::vector<ServiceRule> services;
  std::vector<Expectation> files;
  std::vector<SingletonRule> singletons;
  std::vector<std::string> support;

  const ServiceRule* service(const std::string& name) const;
};

/// The fields of every struct by the names that they have in YAML: one list serves reading, storing and checking.
template <class Field>
constexpr void each_field(Field&& field, SettingCondition& condition) {
  field("setting", condition.setting);
  field("is", condition.is);
}

template <class Field>
constexpr void each_field(Field&& field, ValueRule& rule) {
  field("match", rule.match);
  field("reason", rule.reason);
  field("else", rule.violated);
}

template <class Field>
constexpr void each_field(Field&& field, TokenRule& rule) {
  field("present", rule.present);
  field("claims", rule.claims);
  field("expires", rule.expires);
}

template <class Field>
constexpr void each_field(Field&& field, SettingRule& rule) {
  field("name", rule.name);
  field("role", rule.role);
  field("required", rule.required);
  field("may_be_empty", rule.may_be_empty);
  field("secret", rule.secret);
  field("form", rule.form);
  field("schemes", rule.schemes);
  field("allowed", rule.allowed);
  field("examples", rule.examples);
  field("noisy", rule.noisy);
  field("least", rule.least);
  field("most", rule.most);
  field("length", rule.length);
  field("algorithm", rule.algorithm);
  field("fallback", rule.fallback);
  field("when", rule.when);
  field("required_when", rule.required_when);
  field("recommended", rule.recommended);
  field("quiet", rule.quiet);
  field("refuses", rule.refuses);
  field("needs", rule.needs);
  field("token", rule.token);
}

template <class Field>
constexpr void each_field(Field&& field, SettingGroup& group) {
  field("id", group.id);
  field("settings", group.settings);
}

template <class Field>
constexpr void each_field(Field&& field, Milestone& milestone) {
  field("id", milestone.id);
  field("log", milestone.log);
}

template <class Field>
constexpr void each_field(Field&& field, AnswerRule& rule) {
  field("status", rule.status);
  field("type", rule.type);
  field("json", rule.json);
  field("contains", rule.contains);
  field("else", rule.violated);
}

template <class Field>
constexpr void each_field(Field&& field, Credential& credential) {
  field("header", credential.header);
  field("prefix", credential.prefix);
  field("setting", credential.setting);
}

template <class Field>
constexpr void each_field(Field&& field, Expectation& expectation) {
  field("http", expectation.http);
  field("file", expectation.file);
  field("sql", expectation.sql);
  field("websocket", expectation.websocket);
  field("redis", expectation.redis);
  field("method", expectation.method);
  field("status", expectation.status);
  field("type", expectation.type);
  field("json", expectation.json);
  field("present", expectation.present);
  field("contains", expectation.contains);
  field("given", expectation.given);
  field("at_most", expectation.at_most);
  field("answers", expectation.answers);
  field("forbids", expectation.forbids);
  field("lifetime", expectation.lifetime);
  field("outlived", expectation.outlived);
  field("value", expectation.value);
  field("least", expectation.least);
  field("most", expectation.most);
  field("opens", expectation.opens);
  field("parameters", expectation.parameters);
  field("send", expectation.send);
  field("subprotocol", expectation.subprotocol);
  field("idle", expectation.idle);
  field("timeout", expectation.timeout);
  field("slow", expectation.slow);
  field("else", expectation.violated);
  field("subject", expectation.subject);
}

template <class Field>
constexpr void each_field(Field&& field, LimitRule& rule) {
  field("id", rule.id);
  field("path", rule.path);
  field("setting", rule.setting);
  field("unit", rule.unit);
  field("constant", rule.constant);
  field("quota", rule.quota);
}

template <class Field>
constexpr void each_field(Field&& field, UpstreamRule& rule) {
  field("id", rule.id);
  field("url", rule.url);
  field("setting", rule.setting);
  field("from", rule.from);
  field("to", rule.to);
  field("path", rule.path);
  field("when", rule.when);
  field("without", rule.without);
  field("unless_claim", rule.unless_claim);
  field("method", rule.method);
  field("credentials", rule.credentials);
  field("status", rule.status);
  field("answers", rule.answers);
  field("timeout", rule.timeout);
  field("slow", rule.slow);
}

template <class Field>
constexpr void each_field(Field&& field, MetricRule& rule) {
  field("id", rule.id);
  field("metric", rule.metric);
  field("labels", rule.labels);
  field("percent_of", rule.percent_of);
  field("among", rule.among);
  field("minimum", rule.minimum);
  field("least", rule.least);
  field("most", rule.most);
  field("moves_within", rule.moves_within);
  field("when", rule.when);
  field("else", rule.violated);
}

template <class Field>
constexpr void each_field(Field&& field, MetricsRule& rule) {
  field("path", rule.path);
  field("rules", rule.rules);
}

template <class Field>
constexpr void each_field(Field&& field, ProxyNeeds& needs) {
  field("streams", needs.streams);
  field("longest", needs.longest);
  field("keep_alive", needs.keep_alive);
  field("hidden", needs.hidden);
}

template <class Field>
constexpr void each_field(Field&& field, MigrationsRule& rule) {
  field("kind", rule.kind);
  field("table", rule.table);
  field("directory", rule.directory);
  field("container_directory", rule.container_directory);
  field("latest", rule.latest);
}

template <class Field>
constexpr void each_field(Field&& field, DatabaseRule& rule) {
  field("setting", rule.setting);
  field("minimum_version", rule.minimum_version);
  field("pool", rule.pool);
  field("migrations", rule.migrations);
  field("tables", rule.tables);
  field("columns", rule.columns);
  field("oversized_bytes", rule.oversized_bytes);
}

template <class Field>
constexpr void each_field(Field&& field, ProcessRule& rule) {
  field("exe", rule.exe);
  field("unit", rule.unit);
  field("argument", rule.argument);
  field("when", rule.when);
}

template <class Field>
constexpr void each_field(Field&& field, ServiceRule& rule) {
  field("name", rule.name);
  field("port", rule.port);
  field("user", rule.user);
  field("optional", rule.optional);
  field("process", rule.process);
  field("settings", rule.settings);
  field("groups", rule.groups);
  field("milestones", rule.milestones);
  field("expect", rule.expect);
  field("database", rule.database);
  field("limits", rule.limits);
  field("talks_to", rule.talks_to);
  field("trusts", rule.trusts);
  field("upstreams", rule.upstreams);
  field("metrics", rule.metrics);
  field("proxy", rule.proxy);
  field("stops_within", rule.stops_within);
  field("redis_connections", rule.redis_connections);
}

template <class Field>
constexpr void each_field(Field&& field, SingletonRule& rule) {
  field("id", rule.id);
  field("when", rule.when);
  field("else", rule.violated);
}

template <class Field>
constexpr void each_field(Field&& field, SystemDescription::Recognise& recognise) {
  field("services", recognise.services);
  field("images", recognise.images);
  field("settings", recognise.settings);
}

template <class Field>
constexpr void each_field(Field&& field, SystemDescription& system) {
  field("name", system.name);
  field("recognise", system.recognise);
  field("compose", system.compose);
  field("env_examples", system.env_examples);
  field("variables", system.variables);
  field("groups", system.groups);
  field("services", system.services);
  field("files", system.files);
  field("singletons", system.singletons);
  field("support", system.support);
}

}  // namespace doctor
