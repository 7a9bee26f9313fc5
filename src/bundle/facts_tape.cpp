#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "bundle/facts_collector.hpp"
#include "doctor/check.hpp"
#include "doctor/format/proxy_routes.hpp"
#include "doctor/migrations.hpp"
#include "doctor/probe/history.hpp"
#include "doctor/proxy_files.hpp"
#include "probes/recorder_template.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

std::string seen_from(const std::string& vantage) {
  return vantage.empty() || vantage == host_vantage ? std::string{} : " from " + vantage;
}

std::string octal(std::uint32_t mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) text += static_cast<char>('0' + ((mode >> shift) & 7U));
  return text;
}

std::string count_text(std::size_t count) {
  return std::to_string(count);
}

/// What the kernel makes up as it is read is no file that somebody has changed.
bool is_kernels(const std::string& path) {
  return path.starts_with("/proc/") || path.starts_with("/sys/");
}

/// FNV-1a of a text that holds no secret: tells whether it is another one.
std::string mark_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::string mark;
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) mark += digits[(hash >> shift) & 15U];
  return mark;
}

constexpr std::size_t longest_key = 65536;  // of questions that doctor asks

struct Url {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
};

/// Of a URL that doctor itself has built.
Url parts_of(const std::string& url) {
  Url parts;
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return parts;
  const auto secure = url.starts_with("https") || url.starts_with("wss");
  const auto start = scheme + 3;
  const auto end = std::min(url.find('/', start), url.size());
  const auto authority = url.substr(start, end - start);
  parts.path = end == url.size() ? "/" : url.substr(end, url.find_first_of("?#", end) - end);
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  parts.host = authority.substr(0, colon);
  if (parts.host.starts_with('[')) parts.host = parts.host.substr(1, parts.host.size() - 2);
  parts.port = static_cast<std::uint16_t>(secure ? 443 : 80);
  if (colon == std::string::npos) return parts;
  const auto digits = authority.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos) return parts;
  parts.port = static_cast<std::uint16_t>(std::stoul(digits));
  return parts;
}

std::string failure_text(const ProbeFailure& failure) {
  std::string text{failed_mark};
  text += to_string(failure.kind);
  return failure.code.empty() ? text : text + " (" + failure.code + ")";
}

/// A stop, or a question that was not asked, says nothing about the deployment.
bool is_no_observation(const ProbeFailure& failure) {
  return failure.kind == FailureKind::cancelled || failure.kind == FailureKind::not_recorded;
}

class TapeReader {
 public:
  TapeReader(const Deployment& deployment, FactCollector& facts) : deployment_{deployment}, facts_{facts} {}

  /// False: the key is of another kind of question.
  template <class Question>
  bool take(const std::string& key, const std::string& outcome) {
    const auto name = std::string{Question::probe} + " ";
    if (!key.starts_with(name)) return false;
    if (key.size() > longest_key) return true;
    try {
      Question question;
      util::from_json(util::Json::parse(key.substr(name.size())), question);
      const auto decoded = probes::decoded<typename Question::Answer>(outcome);
      if (decoded || !is_no_observation(decoded.error())) of(question, decoded);
    } catch (const util::Json::exception&) {
      return true;  // not written by doctor: no fact
    } catch (const std::invalid_argument&) {
      return true;
    }
    return true;
  }

 private:
  template <class Question>
  void of(const Question&, const Outcome<typename Question::Answer>&) {}  // nothing in it can be compared

  template <class Answer>
  bool failed(const std::string& subject, const std::string& name, const Outcome<Answer>& outcome) {
    if (!outcome) facts_.add(subject, name, failure_text(outcome.error()));
    return !outcome;
  }

  std::string source_subject(const std::string& setting) const {
    for (const auto* sources : {&deployment_.data_sources, &deployment_.redis})
      for (const auto& source : *sources)
        if (source.setting == setting && !source.endpoint.empty()) return source.endpoint;
    return setting;
  }

  // Files

  std::string path_subject(const std::string& path) const {
    for (const auto& [role, disk] : deployment_.disks)
      if (disk == path) return "disk:" + role;
    return file_subject(deployment_, path);
  }

  void of(const FileQuestion& question, const Outcome<FileAnswer>& outcome) {
    const auto subject = file_subject(deployment_, question.path);
    if (is_kernels(question.path) && subject.starts_with("file:/proc/")) return;
    if (failed(subject, "kind", outcome)) return;
    facts_.add(subject, "kind", outcome->kind);
    if (outcome->kind == "missing") return;
    facts_.add(subject, "mode", octal(outcome->mode));
    facts_.add(subject, "owner", std::to_string(outcome->uid) + ":" + std::to_string(outcome->gid));
    const bool is_file = outcome->kind == "file";
    if (is_file) facts_.add(subject, "size", std::to_string(outcome->size) + " bytes");
    if (is_file) facts_.add(subject, "modified", time_text(outcome->modified));
    if (!is_file) facts_.add_volatile(subject, "modified", time_text(outcome->modified));
  }

  void of(const TextQuestion& question, const Outcome<TextAnswer>& outcome) {
    const auto subject = file_subject(deployment_, question.path);
    if (subject.starts_with("file:/proc/") || subject.starts_with("file:/sys/")) return;
    if (!failed(subject, "content", outcome)) facts_.add(subject, "content", "mark " + mark_of(outcome->text));
  }

  void of(const DirectoryQuestion& question, const Outcome<DirectoryAnswer>& outcome) {
    const auto subject = file_subject(deployment_, question.path);
    if (failed(subject, "files in it", outcome)) return;
    facts_.add(subject, "files in it", count_text(outcome->entries.size()));
    if (outcome->entries.empty()) return;
    facts_.add(subject, "last file in it", outcome->entries.back().name);
    std::string digests;
    for (const auto& entry : outcome->entries) digests += entry.name + " " + entry.digest + "\n";
    if (!question.digest.empty()) facts_.add(subject, "content", "mark " + mark_of(digests));
  }

  void of(const AccessQuestion& question, const Outcome<AccessAnswer>& outcome) {
    const auto subject = file_subject(deployment_, question.path);
    const auto name = "user " + std::to_string(question.uid) + " may " + question.want;
    if (failed(subject, name, outcome)) return;
    const auto where = outcome->blocked_at.empty() ? "" : " at " + deployment_.shown_path(outcome->blocked_at);
    facts_.add(subject, name, outcome->allowed ? "yes" : "no: " + outcome->reason + where);
  }

  void of(const FileSystemQuestion& question, const Outcome<FileSystemAnswer>& outcome) {
    const auto subject = path_subject(question.path);
    if (failed(subject, "file system", outcome)) return;
    facts_.add(subject, "file system", outcome->type + " on " + outcome->mount_point);
    facts_.add(subject, "size", std::to_string(outcome->total) + " bytes");
    facts_.add(subject, "read only", yes_or_no(outcome->read_only));
    facts_.add_volatile(subject, "free", std::to_string(outcome->available) + " bytes");
    facts_.add_volatile(subject, "free inodes", number_text(outcome->inodes_free));
  }

  void of(const KeyQuestion& question, const Outcome<KeyAnswer>& outcome) {
    const auto subject = file_subject(deployment_, question.path);
    if (failed(subject, "key", outcome)) return;
    const auto bits = outcome->bits == 0 ? std::string{} : ", " + std::to_string(outcome->bits) + " bits";
    const auto kind = outcome->kind.empty() ? "none: " + outcome->problem : outcome->kind + " " + outcome->algorithm;
    facts_.add(subject, "key", kind + bits);
    facts_.add(subject, "key fingerprint", outcome->fingerprint);
  }

  // Host

  void of(const ListenersQuestion& question, const Outcome<ListenersAnswer>& outcome) {
    const std::string subject{"host:ports"};
    const auto name = "port " + std::to_string(question.port);
    if (failed(subject, name, outcome)) return;
    std::vector<std::string> who;
    for (const auto& listener : outcome->listeners) {
      const auto program = listener.process.empty() ? "an unseen program" : listener.process;
      who.push_back(program + " at " + listener.address);
      facts_.add_volatile(subject, name + " pid", number_text(static_cast<std::uint64_t>(listener.pid)));
    }
    std::sort(who.begin(), who.end());
    facts_.add(subject, name, who.empty() ? "nobody listens" : util::join(who, ", "));
  }

  void of(const ClockQuestion&, const Outcome<ClockAnswer>& outcome) {
    if (outcome) facts_.add_volatile("host:clock", "time", time_text(outcome->now));
  }

  void of(const TimeKeepingQuestion&, const Outcome<TimeKeepingAnswer>& outcome) {
    if (failed("host:clock", "synchronised", outcome)) return;
    facts_.add("host:clock", "synchronised", yes_or_no(outcome->synchronised));
    facts_.add_volatile("host:clock", "error", std::to_string(outcome->error_microseconds) + " microseconds");
  }

  void of(const MemoryQuestion&, const Outcome<MemoryAnswer>& outcome) {
    if (failed("host:memory", "memory", outcome)) return;
    facts_.add("host:memory", "memory", std::to_string(outcome->total) + " bytes");
    facts_.add("host:memory", "swap", std::to_string(outcome->swap_total) + " bytes");
    facts_.add_volatile("host:memory", "available", std::to_string(outcome->available) + " bytes");
  }

  void of(const HostHistoryQuestion&, const Outcome<HostHistoryAnswer>& outcome) {
    if (!outcome) return;
    for (const auto& event : outcome->events) {
      if (event.kind == "package") newest_[event.name] = event.detail;
      if (event.kind == "boot") newest_boot_ = event.at;
    }
  }

  // Settings

  void of(const SecretQuestion& question, const Outcome<SecretAnswer>& outcome) {
    if (question.predicate == "opens") return;  // its other part is a query
    const auto with = question.other.empty() ? std::string{} : " " + question.other;
    const auto name = question.predicate + with;
    if (!outcome && outcome.error().kind == FailureKind::not_found) return;  // it has no value, which is a fact already
    if (failed(question.setting, name, outcome)) return;
    facts_.add(question.setting, name, outcome->holds ? "yes" : "no");
  }

  void of(const TokenQuestion& question, const Outcome<TokenAnswer>& outcome) {
    if (!outcome) return;
    facts_.add(question.setting, "token", outcome->problem.empty() ? outcome->algorithm : outcome->problem);
    for (const auto& claim : outcome->claims) {
      const bool is_time = claim.name == "exp" || claim.name == "nbf" || claim.name == "iat";
      facts_.add(question.setting, "token " + claim.name,
                 is_time || claim.value.empty() ? claim.kind + " " + claim.value : claim.value);
    }
  }

  // Network

  void of(const ResolveQuestion& question, const Outcome<ResolveAnswer>& outcome) {
    const auto subject = "host:names";
    const auto name = question.name + seen_from(question.vantage);
    if (failed(subject, name, outcome)) return;
    auto addresses = outcome->addresses;
    std::sort(addresses.begin(), addresses.end());
    // Docker gives its containers addresses as they come.
    const bool is_own = deployment_.service(question.name) != nullptr || question.vantage != host_vantage;
    if (is_own)
      facts_.add_volatile(subject, name, util::join(addresses, ", "));
    else
      facts_.add(subject, name, util::join(addresses, ", "));
  }

  void of(const TcpQuestion& question, const Outcome<TcpAnswer>& outcome) {
    const auto subject = endpoint_subject(deployment_, question.host, question.port);
    const auto name = "connection" + seen_from(question.vantage);
    if (!failed(subject, name, outcome)) facts_.add(subject, name, "accepted");
  }

  void of(const HttpQuestion& question, const Outcome<HttpAnswer>& outcome) {
    const auto url = parts_of(question.url);
    const auto subject = endpoint_subject(deployment_, url.host, url.port);
    const auto name = question.method + " " + url.path + seen_from(question.vantage);
    if (failed(subject, name, outcome)) return;
    facts_.add(subject, name, "status " + std::to_string(outcome->status));
    facts_.add(subject, "server", outcome->header("server"));
    facts_.add_volatile(subject, name + " took", std::to_string(outcome->took.count()) + " ms");
  }

  void of(const WebSocketQuestion& question, const Outcome<WebSocketAnswer>& outcome) {
    const auto url = parts_of(question.url);
    const auto subject = endpoint_subject(deployment_, url.host, url.port);
    const auto name = "websocket " + url.path + seen_from(question.vantage);
    if (failed(subject, name, outcome)) return;
    facts_.add(subject, name,
               "status " + std::to_string(outcome->status) + (outcome->problem.empty() ? "" : ", " + outcome->problem));
  }

  void of(const CertificateQuestion& question, const Outcome<CertificateAnswer>& outcome) {
    const auto subject = endpoint_subject(deployment_, question.host, question.port);
    if (failed(subject, "certificate", outcome)) return;
    facts_.add(subject, "certificate", outcome->problem.empty() ? "accepted" : outcome->problem);
    facts_.add(subject, "certificate issuer", outcome->issuer);
    facts_.add(subject, "certificate valid from", time_text(outcome->not_before));
    facts_.add(subject, "certificate valid until", time_text(outcome->not_after));
    facts_.add(subject, "certificate names", util::join(outcome->names, ", "));
    facts_.add(subject, "certificate chain", std::to_string(outcome->chain));
    facts_.add(subject, "TLS", outcome->protocol);
  }

  // Databases

  void of(const PostgresSessionQuestion& question, const Outcome<PostgresSessionAnswer>& outcome) {
    const auto subject = source_subject(question.source);
    const auto name = "login" + seen_from(question.vantage);
    if (failed(subject, name, outcome)) return;
    facts_.add(subject, name, "as " + outcome->user + " to " + outcome->database);
    facts_.add(subject, "server version", outcome->version_text);
    facts_.add(subject, "TLS", yes_or_no(outcome->tls));
    facts_.add(subject, "superuser", yes_or_no(outcome->superuser));
    facts_.add(subject, "read only", yes_or_no(outcome->read_only));
  }

  void of(const PostgresRowsQuestion& question, const Outcome<PostgresRowsAnswer>& outcome) {
    if (!outcome) return;
    const auto subject = source_subject(question.session.source);
    if (question.sql.empty()) return;
    if (const auto* rule = asked_for(question)) of_migrations(subject, *rule, *outcome);
    if (question.sql.find("current_setting('max_connections')") != std::string::npos && outcome->rows.size() == 1 &&
        outcome->rows.front().size() == 2)
      facts_.add(subject, "max_connections", outcome->rows.front().back().value_or(""));
    if (question.sql.find("pg_database_size") != std::string::npos && !outcome->rows.empty() &&
        !outcome->rows.front().empty())
      facts_.add_volatile(subject, "size", outcome->rows.front().front().value_or(""));
  }

  /// The rule of the service whose migrations are asked for.
  const MigrationsRule* asked_for(const PostgresRowsQuestion& question) const {
    for (const auto& service : deployment_.services)
      if (service.rule.database && question.sql == migration_queries(service.rule.database->migrations).applied)
        return &service.rule.database->migrations;
    return nullptr;
  }

  /// Oldest first, so that the last row is the newest.
  void of_migrations(const std::string& subject, const MigrationsRule& rule, const PostgresRowsAnswer& answer) {
    facts_.add(subject, "migrations applied", count_text(answer.rows.size()));
    if (answer.rows.empty() || answer.rows.back().empty()) return;
    const auto& newest = answer.rows.back();
    const bool is_described = rule.kind == "sqlx" && newest.size() > 1;
    facts_.add(subject, "last migration",
               newest.front().value_or("") + (is_described ? " " + newest[1].value_or("") : ""));
  }

  void of(const RedisSessionQuestion& question, const Outcome<RedisSessionAnswer>& outcome) {
    const auto subject = source_subject(question.source);
    const auto name = "login" + seen_from(question.vantage);
    if (failed(subject, name, outcome)) return;
    facts_.add(subject, name, outcome->authenticated ? "with a password" : "without a password");
    facts_.add(subject, "server version", outcome->version);
    facts_.add(subject, "TLS", yes_or_no(outcome->tls));
  }

  void of(const RedisReplyQuestion& question, const Outcome<RedisReplyAnswer>& outcome) {
    if (!outcome || question.command.empty()) return;
    const auto subject = source_subject(question.session.source);
    const auto& command = question.command;
    if (command.size() == 3 && command[0] == "CONFIG" && outcome->items.size() == 2)
      facts_.add(subject, outcome->items[0], outcome->items[1].empty() ? "empty" : outcome->items[1]);
    if (command.size() == 1 && command[0] == "INFO") of_info(subject, outcome->text);
  }

  void of_info(const std::string& subject, const std::string& text) {
    constexpr std::array<std::string_view, 6> lasting{"redis_version", "redis_mode",       "role",
                                                      "maxmemory",     "maxmemory_policy", "aof_enabled"};
    for (const auto& line : util::split(text, '\n')) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      const auto field = line.substr(0, colon);
      if (std::find(lasting.begin(), lasting.end(), field) != lasting.end())
        facts_.add(subject, field, util::trim(line.substr(colon + 1)));
      if (field == "used_memory") facts_.add_volatile(subject, field, util::trim(line.substr(colon + 1)));
    }
  }

  // Containers and logs

  void of(const ContainerUsageQuestion& question, const Outcome<ContainerUsageAnswer>& outcome) {
    if (!outcome) return;
    for (const auto& service : deployment_.services)
      if (service.container && service.container->name == question.container)
        facts_.add_volatile(service.subject(), "memory in use", std::to_string(outcome->memory) + " bytes");
  }

  void of(const EngineUsageQuestion&, const Outcome<EngineUsageAnswer>& outcome) {
    if (outcome) facts_.add_volatile("disk:docker", "images", std::to_string(outcome->images) + " bytes");
  }

  void of(const LogsQuestion& question, const Outcome<LogsAnswer>& outcome) {
    const auto subject = "service:" + question.service;
    if (failed(subject, "log", outcome)) return;
    facts_.add_volatile(subject, "log lines", std::to_string(outcome->lines));
    facts_.add_volatile(subject, "error lines", std::to_string(outcome->errors));
  }

 public:
  /// What only the last of several events says.
  void finish() {
    for (const auto& [package, change] : newest_) facts_.add("host:packages", package, change);
    facts_.add("host:boot", "last boot", time_text(newest_boot_));
  }

 private:
  const Deployment& deployment_;
  FactCollector& facts_;
  std::map<std::string, std::string> newest_;
  std::int64_t newest_boot_ = 0;
};

template <class... Questions>
struct Kinds {
  static void take(TapeReader& reader, const std::string& key, const std::string& outcome) {
    static_cast<void>((reader.template take<Questions>(key, outcome) || ...));
  }
};

std::string limit_text(const formats::NginxValue<std::uint64_t>& limit) {
  return limit.value == 0 ? "none" : std::to_string(limit.value) + " bytes";
}

/// How large a body each reverse proxy lets through, for every path that the services need.
void collect_body_limits(const Deployment& deployment, const probes::Tape& tape, FactCollector& facts) {
  probes::ReplayingProbes replay{tape};
  const auto never_blocked = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  const Context context{deployment, replay.probes(), Deadline::after(std::chrono::seconds{5}), never_blocked};
  for (const auto& proxy : deployment.proxies) {
    const auto reading = formats::read_proxy(deployment, proxy, proxy_files(context, proxy));
    for (const auto& route : reading.routes) {
      if (route.target != formats::ProxyTarget::service) continue;
      const auto name = route.want.service + route.want.path;
      facts.add(proxy.subject, "largest body to " + name, limit_text(route.body_limit));
      facts.add(proxy.subject, "upstream of " + name, route.upstream);
    }
  }
}

}  // namespace

void collect_from_tape(const Deployment& deployment, const probes::Tape& tape, FactCollector& facts) {
  TapeReader reader{deployment, facts};
  tape.each(
      [&](const std::string& key, const std::string& outcome) { ForAllQuestions<Kinds>::take(reader, key, outcome); });
  reader.finish();
  collect_body_limits(deployment, tape, facts);
}

}  // namespace doctor::bundle
