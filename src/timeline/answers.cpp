#include "doctor/migrations.hpp"
#include "doctor/outside.hpp"
#include "formats/host_log.hpp"
#include "timeline/scene.hpp"
#include "util/text.hpp"

namespace doctor::timeline {
namespace {

using Row = std::vector<std::optional<std::string>>;

std::string text(const Row& row, std::size_t column) {
  return util::shown(row[column].value_or(""), 60);
}

/// "2026-03-01T10:12:05.123+00:00" as PostgreSQL writes times in JSON; a time without a zone counts as UTC.
std::int64_t moment(const Row& row) {
  std::string_view written = row.back() ? *row.back() : std::string_view{};
  const auto time = formats::take_iso_time(written);
  return time ? formats::seconds_of(*time).value_or(0) : 0;
}

Events migrations(const DataSource& source, const MigrationsRule& rule, const PostgresRowsAnswer& answer,
                  std::size_t columns) {
  Events events;
  for (const auto& row : answer.rows) {
    if (row.size() != columns) continue;
    const bool sqlx = rule.kind == "sqlx";
    const bool failed = sqlx && row[2] == "f";
    const auto name = sqlx ? text(row, 0) + " (" + text(row, 1) + ")" : text(row, 0);
    events.push_back({moment(row), failed ? "migration-failed" : "migration-applied", source.endpoint, name,
                      util::shown(rule.table, 60), failed, false});
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
  return events;
}

void tell(Events group, Events& events) {
  constexpr std::size_t few = 3;
  Events applied;
  for (auto& event : group) {
    if (event.failure)
      event.text = "migration " + event.text + " failed";
    else
      applied.push_back(event);
    if (event.failure) events.push_back(std::move(event));
  }
  if (applied.size() <= few) {
    for (auto& event : applied) {
      event.text = "migration " + event.text + " was applied";
      events.push_back(std::move(event));
    }
    return;
  }
  applied.front().text = std::to_string(applied.size()) + " migrations were applied, " + applied.front().text + " to " +
                         applied.back().text;
  events.push_back(std::move(applied.front()));
}

/// What the check `database` has asked in the same words.
void add_migrations(const Scene& scene, const DataSource& source, Events& events) {
  const auto* service = scene.deployment.service(source.service);
  if (source.role != "database-url" || !source.problem.empty() || !source.dial.reason.empty()) return;
  if (service == nullptr || !service->rule.database) return;
  const auto& rule = service->rule.database->migrations;
  const auto queries = migration_queries(rule);
  if (queries.applied.empty() || !source.setting.ends_with("/" + service->rule.database->setting)) return;
  const PostgresSessionQuestion session{source.setting, source.dial.host, source.dial.port, source.dial.vantage};
  if (!scene.ask(session)) return;
  const auto exists = scene.ask(PostgresRowsQuestion{session, queries.exists, {rule.table}});
  if (!exists || exists->rows.size() != 1 || exists->rows.front() != Row{"t"}) return;
  const auto rows = scene.ask(PostgresRowsQuestion{session, queries.applied, {}});
  if (!rows) return;
  for (auto& group : in_one_go(migrations(source, rule, *rows, queries.columns))) tell(std::move(group), events);
}

void add_certificate(const Scene& scene, const std::string& endpoint, const std::string& host, std::uint16_t port,
                     Events& events) {
  CertificateQuestion question;
  question.host = host;
  question.port = port;
  const auto certificate = scene.ask(question);
  if (!certificate) return;
  const auto what = "certificate of " + util::shown(certificate->subject, 80);
  events.push_back({certificate->not_before, "certificate-issued", endpoint,
                    what + " was issued by " + util::shown(certificate->issuer, 60), certificate->address, false,
                    false});
  if (certificate->not_after > 0)
    events.push_back({certificate->not_after, "certificate-expired", endpoint, what + " expired", certificate->address,
                      true, false});
}

}  // namespace

void add_answers(const Scene& scene, Events& events) {
  const auto& deployment = scene.deployment;
  if (scene.ran("database"))
    for (const auto& source : deployment.data_sources) add_migrations(scene, source, events);
  if (!scene.ran("tls")) return;
  for (const auto& base : deployment.http)
    if (base.url.starts_with("https://")) add_certificate(scene, base.endpoint, base.dial.host, base.dial.port, events);
  for (const auto& url : deployment.public_urls)
    if (url.tls && !is_kept_from(deployment, url.host))
      add_certificate(scene, url.endpoint, url.host, url.port, events);
}

}  // namespace doctor::timeline
