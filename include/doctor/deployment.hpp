#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/system.hpp"
#include "doctor/value.hpp"

namespace doctor {

/// Where something is written. `file` is relative to the deployment's directory where it lies below it.
struct Place {
  std::string file;
  int line = 0;    ///< 1-based; 0: the file as a whole
  int column = 0;  ///< 1-based; 0: not known

  std::string text() const;  ///< ".env:3"; "" when there is no file
  friend bool operator==(const Place&, const Place&) = default;
};

/// One step of a value on its way to the process.
struct Hop {
  /// dotenv, shell, flag, env-file, literal, interpolation, default, secret-file, image, container, process
  std::string kind;
  std::string where;       ///< ".env:3", "docker-compose.yml:14", "container chatalot-server", "process 4711"
  std::string expression;  ///< as written, "${DB_PASSWORD:-x}"; for a value the value itself, redacted when secret
};

/// How far a value written in .env (or its place) gets.
enum class Reach {
  passed,      ///< what is written there reaches the process
  pinned,      ///< the compose file sets the variable without looking at .env
  not_passed,  ///< the compose file never passes it
  unknown      ///< there is no compose file to tell
};

/// One variable of one service, and how it got its value. Variables that only the compose file reads belong to the
/// pseudo-service "compose".
struct Setting {
  std::string service;
  std::string name;
  SettingRule rule;                 ///< of the system description, or guessed from the name (secret only)
  bool described = false;           ///< the rule comes from a description
  std::optional<Value> configured;  ///< what the files would give a process that starts now
  std::optional<Value> running;     ///< what the running container or process has
  std::optional<Value> written;     ///< what .env says under this name, passed on or not
  std::optional<Place> written_at;  ///< the line of that
  std::optional<Place> passed_at;   ///< the line of the compose file (or env_file) that gives it to the service
  Reach reach = Reach::unknown;
  std::vector<Hop> chain;               ///< from the first place to the process
  std::vector<std::string> built_from;  ///< subjects of the settings that are interpolated into it

  std::string subject() const;                ///< setting:SERVICE/NAME
  const std::optional<Value>& value() const;  ///< running if a process runs, else configured
  std::string where() const;  ///< the place to name: written_at, passed_at, or the process; may be empty
};

struct PublishedPort {
  std::string address;          ///< host address, "" for all
  std::uint16_t published = 0;  ///< 0: chosen by Docker
  std::uint16_t target = 0;
  std::string protocol = "tcp";
  Place place;
};

struct Mount {
  std::string kind;    ///< "bind", "volume", "tmpfs", "secret"
  std::string source;  ///< absolute host path of a bind or secret; name of a volume
  std::string target;  ///< path in the container
  bool read_only = false;
  Place place;
};

/// What the Docker Engine says about a container of the deployment.
struct Container {
  std::string id;
  std::string name;
  std::string image;
  std::string status;  ///< "running", "exited", "restarting", "created"
  int exit_code = 0;
  bool oom_killed = false;
  int restarts = 0;
  std::int64_t started = 0;  ///< seconds since 1970; 0: never
  std::int64_t created = 0;
  std::string health;                   ///< "healthy", "unhealthy", "starting", ""
  std::vector<std::string> health_log;  ///< what the last runs of the health check printed, newest last
  int pid = 0;
  std::string image_id;
  std::int64_t image_created = 0;  ///< seconds since 1970; 0: not known
  std::uint64_t memory_limit = 0;  ///< bytes; 0: none
  std::string restart_policy;      ///< "always", "unless-stopped", "on-failure", "no"
  std::string log_driver;          ///< "json-file", "journald", ...
  std::string log_path;            ///< of json-file, on the host; may be empty
  bool tty = false;                ///< its log is one raw stream
  std::map<std::string, std::string> labels;
  std::string user;                              ///< as configured, may be a name
  std::map<std::string, std::string> addresses;  ///< network -> address
  std::vector<PublishedPort> ports;
  std::vector<Mount> mounts;
  std::int64_t finished = 0;  ///< end of the last run, seconds since 1970; 0: none has ended
  std::string error;          ///< why the Engine could not start it, in its own words, one line; mostly empty
};

/// A bare process of a service.
struct Process {
  int pid = 0;
  std::string exe;
  std::string directory;  ///< its working directory
  std::uint32_t uid = 0;
  std::vector<std::uint32_t> gids;
  std::int64_t started = 0;
};

struct Service {
  std::string name;
  std::string image;
  std::string build;  ///< build context, "" for none
  std::string container_name;
  std::string user;     ///< from compose, "" when not said
  bool enabled = true;  ///< false: its profile is not active
  bool read_only = false;
  std::string network_mode;
  std::vector<std::string> networks;  ///< as named in the file; {"default"} when none is
  std::vector<std::string> depends_on;
  std::map<std::string, std::string> labels;  ///< as the compose file says
  std::string healthcheck;                    ///< its test as one line, "" when the compose file has none
  std::vector<std::string> command;           ///< as the compose file says, in words; empty: the image's
  std::vector<std::string> entrypoint;        ///< likewise
  std::string log_driver;                     ///< as the compose file says; "" when it has none
  std::chrono::milliseconds stop_grace{0};    ///< stop_grace_period of the compose file; 0: it has none
  std::string dockerfile;                     ///< absolute, of a service that is built from a local context
  std::uint64_t memory_limit = 0;             ///< bytes, as the compose file says; 0: none
  std::string restart;                        ///< restart policy of the compose file; "" when it has none
  int replicas = 1;                           ///< how many containers of it are wanted
  bool completes = false;                     ///< it is a job: another service waits for its successful end
  std::vector<PublishedPort> ports;
  std::vector<Mount> mounts;
  Place place;
  ServiceRule rule;  ///< empty name: not described
  std::optional<Container> container;
  std::optional<Process> process;
  /// Where a probe for this service stands: "container chatalot-server" when doctor can enter its network namespace,
  /// "host" when it uses the host's network. Empty: nowhere, and `vantage_note` says why.
  std::string vantage;
  std::string vantage_note;

  std::string subject() const { return "service:" + name; }
  bool described() const { return !rule.name.empty(); }
};

struct Network {
  std::string name;       ///< as named in the file
  std::string real_name;  ///< in the Engine
  bool internal = false;
  bool external = false;
  Place place;
  std::optional<bool> exists;  ///< as the Engine says
};

struct Volume {
  std::string name;
  std::string real_name;
  bool external = false;
  Place place;
  std::optional<std::int64_t> created;  ///< as the Engine says
  std::string host_path;                ///< where its data lies on the host, when the Engine says
  /// Running containers outside the project that may write to it: "old-db (project old)".
  std::vector<std::string> used_by;
};

/// Something about a file of the deployment that is broken or doubtful. `code` is the generic code to report.
struct FileProblem {
  std::string code;
  std::string subject;
  Place place;
  std::map<std::string, std::string> evidence;  ///< exactly the keys that the code's guide entry declares
};

/// How to get at a port of a service from where doctor stands.
struct Dial {
  std::string host;
  std::uint16_t port = 0;
  std::string vantage;
  std::string how;     ///< "published port", "container address", "as configured", "--url"
  std::string reason;  ///< why it cannot be reached; empty: it can
  /// Why it may be that nothing is meant to answer there, such as an Engine that could not be asked whether a container
  /// runs: a refusal is then no finding but unexamined. Empty: it is meant to answer.
  std::string doubt{};
};

/// The URL of a database or of Redis, taken apart; no part of it is secret.
struct DataSource {
  std::string setting;  ///< subject
  std::string service;  ///< the service that uses it
  std::string role;     ///< "database-url", "redis-url"
  std::string scheme;
  std::string user;
  std::string host;
  std::uint16_t port = 0;
  std::string database;
  std::string tls_mode;  ///< sslmode, "" when not said
  std::string problem;   ///< why the URL cannot be read; empty: it can
  std::string endpoint;  ///< subject: endpoint:postgres:5432
  Dial dial;
};

/// Where a service answers HTTP.
struct HttpBase {
  std::string service;
  std::string endpoint;  ///< subject: endpoint:chatalot:8080
  std::string url;       ///< "http://127.0.0.1:8080", no slash at the end; empty when `dial.reason` says why not
  Dial dial;
};

/// An address of a service as its users have it, from a setting with the role "public-url".
struct PublicUrl {
  std::string service;
  std::string setting;  ///< subject
  std::string url;      ///< "https://chat.example.com", no slash at the end
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string endpoint;  ///< subject: endpoint:SERVICE:public
};

/// A service outside the deployment that one of its services calls.
struct Upstream {
  std::string service;
  std::string id;
  std::string endpoint;  ///< subject: endpoint:SERVICE:ID
  std::string setting;   ///< subject of the setting that names it; "" for an address of the description
  std::string url;       ///< what to ask, with the path of the rule; "" when `note` says why not
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  bool own = false;         ///< it is a host of the deployment itself: --offline does not keep doctor from it
  std::string vantage;      ///< where the service stands; "" when doctor cannot stand there
  std::string proxy;        ///< "host:port" of the HTTP proxy that the service really uses; "" for none
  std::string authorities;  ///< file of further trusted certificates, as the service sees it; "" for none
  std::string note;         ///< why it cannot be asked; empty: it can
  UpstreamRule rule;
};

/// A file of Kubernetes manifests, or values of a Helm chart.
struct ManifestFile {
  std::string path;  ///< relative to the directory
  std::string kind;  ///< "manifests", "values"
};

/// A secret of the deployment that no setting of a service holds: a compose secret, a value in a label, a key of a
/// Secret that no workload uses. Known so that it can be kept out of every output.
struct FurtherSecret {
  std::string name;  ///< what stands for it in output, "DB_PASSWORD"
  Value value;
};

/// A reverse proxy in front of a service, and where its configuration lies.
struct Proxy {
  std::string kind;     ///< "nginx", "caddy", "haproxy", "traefik"
  std::string service;  ///< of the deployment; "" for a program of the host, or a file that was named
  std::string config;   ///< main file, as the proxy itself sees it; "" for traefik's labels alone
  std::string subject;  ///< service:NAME, or file:PATH
};

/// `from` depends on `to`; both are subjects.
struct Edge {
  std::string from;
  std::string to;
  friend auto operator<=>(const Edge&, const Edge&) = default;
};

/// The thing examined. Read once, then constant.
struct Deployment {
  std::string directory;    ///< absolute
  std::string project;      ///< compose project name
  std::string system;       ///< name of the description, "" for an unknown application
  std::string system_note;  ///< why no system was recognised; may be empty
  SystemDescription description;
  std::vector<std::string> sources;  ///< what was read, as shown to the user
  std::vector<std::string> files;    ///< absolute paths of the configuration files that were read, in that order
  std::string env_file;              ///< relative path of the .env in use, or where it would be
  std::string env_unread;            ///< why doctor could not read it, where that is doctor's own shortcoming
  std::string compose_file;          ///< relative path of the (last) compose file; "" without one
  std::string engine_note;           ///< why the Docker Engine could not be asked; empty when it was, or is not needed
  bool engine_asked = false;         ///< it was, so that a service without a container has none
  std::vector<FileProblem> problems;
  std::vector<Service> services;
  std::vector<Setting> settings;
  std::vector<Network> networks;
  std::vector<Volume> volumes;
  std::vector<DataSource> data_sources;
  std::vector<DataSource> redis;
  std::vector<HttpBase> http;
  std::vector<PublicUrl> public_urls;
  std::vector<Proxy> proxies;
  std::vector<Upstream> upstreams;
  std::vector<ManifestFile> manifests;
  std::vector<FurtherSecret> secrets;
  bool offline = false;  ///< nothing outside the deployment's own hosts may be contacted
  bool deep = false;     ///< the user allows requests with the deployment's keys to hosts outside it
  std::vector<Edge> edges;
  std::map<std::string, std::string> disks;  ///< role -> path: "storage", "docker", "deployment"

  const Service* service(std::string_view name) const;
  const Setting* setting(std::string_view subject) const;
  const Setting* setting(std::string_view service, std::string_view name) const;
  std::vector<const Setting*> with_role(std::string_view role) const;

  /// The path on the host of a path that `service` uses: through its mounts, below its working directory, or else below
  /// /proc/PID/root of a container that doctor can enter. Nothing: it lies in an image that is not to be seen into.
  std::optional<std::string> host_path(const Service& service, const std::string& path) const;

  /// `path` as shown to a user: relative to the directory when below it.
  std::string shown_path(const std::string& path) const;

  /// The user and groups that the process of `service` runs as on the host: the bare process, compose `user`, the
  /// container's user, the description. Nothing: not known.
  struct Identity {
    std::uint32_t uid = 0;
    std::vector<std::uint32_t> gids;
    std::string source;  ///< "process 4711", "docker-compose.yml:12", "image user by the description"
  };
  std::optional<Identity> identity(const Service& service) const;

  /// Whether what its process or container really has could be read.
  bool environment_known(const Service& service) const;

  /// Every subject that `subject` depends on, directly or not; itself excluded.
  std::vector<std::string> depends_on(const std::string& subject) const;
};

}  // namespace doctor
