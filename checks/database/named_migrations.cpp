#include <algorithm>
#include <charconv>

#include "checks/database/facts.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/sql_objects.hpp"
#include "doctor/format/text.hpp"
#include "doctor/migrations.hpp"
#include "doctor/tables.hpp"

namespace doctor::checks::database_check {
namespace {

using namespace std::string_view_literals;
using Row = std::vector<Cell>;
using Names = std::vector<std::string>;

// One table with a row for each file that was applied, under the file's name; files in alphabetical order.

/// What of these objects there is; needs no right to read them.
constexpr auto objects_sql =
    "SELECT o.n FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS o(name, col, n) WHERE CASE WHEN o.col = ''"
    " THEN to_regclass(o.name) IS NOT NULL ELSE EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(o.name)"
    " AND attname = o.col AND attnum > 0 AND NOT attisdropped) END ORDER BY o.n"sv;

struct Truth {
  bool value = false;
};

Outcome<bool> ask_table(const Context& context, const SourceFacts& facts) {
  const auto& rule = facts.rule.migrations;
  const auto rows = rows_as(context, facts, migration_queries(rule).exists, 1,
                            [](const Row& row) { return Truth{truth(row[0])}; }, {rule.table});
  if (!rows) return Failed{rows.error()};
  return !rows->empty() && rows->front().value;
}

Outcome<Names> ask_applied(const Context& context, const SourceFacts& facts) {
  const auto queries = migration_queries(facts.rule.migrations);
  auto names = rows_as(context, facts, queries.applied, queries.columns, [](const Row& row) { return text(row[0]); });
  if (names) std::sort(names->begin(), names->end());
  return names;
}

std::string path_of(const Context& context, const MigrationsRule& rule) {
  return context.deployment.directory + "/" + rule.directory;
}

Outcome<Names> ask_files(const Context& context, const MigrationsRule& rule) {
  Names names;
  if (rule.directory.empty()) return names;
  const auto directory = context.ask(DirectoryQuestion{path_of(context, rule), {}});
  if (!directory && directory.error().kind == FailureKind::not_found) return names;
  if (!directory) return Failed{directory.error()};
  for (const auto& entry : directory->entries)
    if (entry.name.ends_with(".sql")) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string shown(const formats::SqlObject& object) {
  return formats::shown(object.kind + " " + object.name + (object.column.empty() ? "" : "." + object.column), 80);
}

/// What a file that nobody noted would make, divided into what there is and what there is not.
UnrecordedFile look_into(const Context& context, const SourceFacts& facts, const std::string& name) {
  UnrecordedFile file;
  file.name = name;
  const auto script = context.ask(TextQuestion{path_of(context, facts.rule.migrations) + "/" + name});
  if (!script) return file;
  const auto objects = formats::created_objects(script->text);
  Names names;
  Names columns;
  for (const auto& object : objects) {
    names.push_back(object.name);
    columns.push_back(object.column);
  }
  if (objects.empty()) return file;
  const auto there =
      rows_as(context, facts, objects_sql, 1, [](const Row& row) { return static_cast<std::size_t>(number(row[0])); },
              {array_of(names), array_of(columns)});
  if (!there) return file;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const bool exists = std::find(there->begin(), there->end(), i + 1) != there->end();
    (exists ? file.present : file.absent).push_back(shown(objects[i]));
  }
  return file;
}

/// Those of `all` that `known` lacks. Both are sorted.
Names without(const Names& all, const Names& known) {
  Names rest;
  std::set_difference(all.begin(), all.end(), known.begin(), known.end(), std::back_inserter(rest));
  return rest;
}

std::vector<UnrecordedFile> ask_unrecorded(const Context& context, const SourceFacts& facts, const Names& pending) {
  constexpr std::size_t most = 20;
  std::vector<UnrecordedFile> found;
  for (const auto& name : pending) {
    if (found.size() == most) break;
    auto file = look_into(context, facts, name);
    if (!file.present.empty()) found.push_back(std::move(file));
  }
  return found;
}

/// The number that a name begins with; nothing for a date or none at all.
std::optional<int> prefix(const std::string& name) {
  constexpr std::size_t longest = 4;
  const auto end = std::min(name.find_first_not_of("0123456789"), name.size());
  int value = 0;
  if (end == 0 || end > longest) return std::nullopt;
  std::from_chars(name.data(), name.data() + end, value);
  return value;
}

/// A number that is missing in the middle of an otherwise unbroken row; "" when there is none.
std::string gap_in(const Names& applied) {
  std::optional<int> before;
  int gaps = 0;
  std::string gap;
  for (const auto& name : applied) {
    const auto number = prefix(name);
    if (!number) return {};
    if (before && *number > *before + 1) {
      gaps += *number - *before - 1;
      gap = std::to_string(*before + 1);
    }
    before = number;
  }
  return gaps == 1 ? gap : std::string{};  // more: whoever numbers them does not count one by one
}

std::string listed(Names names) {
  constexpr std::size_t most = 5;
  const auto more = names.size() > most ? names.size() - most : 0;
  names.resize(names.size() - more);
  for (auto& name : names) name = formats::shown(name, 80);
  return formats::join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

class Judge {
 public:
  Judge(const SourceFacts& facts, const NamedMigrationFacts& migrations, Judgement& out)
      : facts_{facts}, migrations_{migrations}, rule_{migrations.rule}, out_{out} {}

  void all() {
    const auto* exists = value_of(facts_, migrations_.table_exists, out_);
    if (exists == nullptr) return;
    if (!*exists) return judge_absence();
    if (is_forbidden()) return judge_forbidden();
    const auto* applied = value_of(facts_, migrations_.applied, out_);
    const auto* files = value_of(facts_, migrations_.files, out_);
    if (applied == nullptr || files == nullptr) return;
    for (const auto& file : migrations_.unrecorded) judge_unrecorded(file);
    if (files->empty()) return judge_gap(*applied);
    judge_pending(*applied, *files);
    judge_unknown(*applied, *files);
  }

 private:
  void report(Code code, std::vector<Evidence> evidence) {
    out_.findings.emplace_back(code, facts_.source.endpoint, std::move(evidence));
  }
  Evidence row(std::string name, std::string value) const {
    return seen(facts_, std::move(name), std::move(value), rule_.table);
  }
  Evidence table() const { return seen(facts_, "table", formats::shown(rule_.table)); }
  Evidence in_files(std::string name, std::string value) const {
    return {std::move(name), std::move(value), rule_.directory, std::string{host_vantage}};
  }

  /// Without a record all may still be well: the tables can have come another way.
  void judge_absence() {
    if (migrations_.never_started)
      return out_.skipped.push_back(
          {facts_.source.endpoint, "its tables are made by the first start of " + facts_.source.service});
    const bool complete =
        facts_.lacking && *facts_.lacking && (*facts_.lacking)->tables.empty() && (*facts_.lacking)->columns.empty();
    if (!complete) return report(codes::database_migrations_missing, {table()});
    out_.skipped.push_back({facts_.source.endpoint, "nobody notes its migrations; all that is needed is there"});
  }

  bool is_forbidden() const {
    return migrations_.applied && !*migrations_.applied && migrations_.applied->error().code == "42501";
  }

  /// Who only reads and writes the application's data need not see the record.
  void judge_forbidden() {
    if (!migrates_itself(rule_)) return note_refusal(facts_, migrations_.applied->error(), out_);
    report(codes::database_privilege_missing,
           {seen(facts_, "user", formats::shown(session_of(facts_).user)),
            seen(facts_, "object", "table " + formats::shown(rule_.table)), seen(facts_, "privilege", "SELECT")});
  }

  void judge_unrecorded(const UnrecordedFile& file) {
    report(codes::database_migration_unrecorded,
           {in_files("file", formats::shown(file.name, 80)), seen(facts_, "present", listed(file.present)),
            seen(facts_, "absent", file.absent.empty() ? std::string{"nothing"} : listed(file.absent)), table()});
  }

  bool is_unrecorded(const std::string& name) const {
    return std::any_of(migrations_.unrecorded.begin(), migrations_.unrecorded.end(),
                       [&](const UnrecordedFile& file) { return file.name == name; });
  }

  /// A file behind all that were applied waits for the next run; one before some of them was left out.
  void judge_pending(const Names& applied, const Names& files) {
    const auto last = applied.empty() ? std::string{} : applied.back();
    Names waiting;
    Names skipped;
    for (const auto& name : without(files, applied))
      if (!is_unrecorded(name)) (name > last ? waiting : skipped).push_back(name);
    const auto shown = formats::shown(last.empty() ? "none" : last, 80);
    if (!skipped.empty())
      report(codes::database_migration_skipped,
             {in_files("file", listed(skipped)), row("applied", shown), in_files("directory", rule_.directory)});
    if (!waiting.empty())
      report(codes::database_migration_pending,
             {row("applied", shown), in_files("expected", formats::shown(waiting.back(), 80)),
              in_files("directory", rule_.directory)});
  }

  void judge_unknown(const Names& applied, const Names& files) {
    const auto unknown = without(applied, files);
    if (unknown.empty()) return;
    report(codes::database_migration_unknown,
           {row("version", listed(unknown)), in_files("known", formats::shown(files.back(), 80))});
  }

  void judge_gap(const Names& applied) {
    const auto gap = gap_in(applied);
    if (gap.empty()) return;
    report(codes::database_migration_skipped,
           {row("file", "number " + gap), row("applied", formats::shown(applied.back(), 80)),
            in_files("directory", rule_.directory)});
  }

  const SourceFacts& facts_;
  const NamedMigrationFacts& migrations_;
  const MigrationsRule& rule_;
  Judgement& out_;
};

}  // namespace

bool migrates_itself(const MigrationsRule& rule) {
  return rule.kind == "sqlx" || (!rule.kind.empty() && !rule.container_directory.empty());
}

NamedMigrationFacts ask_named_migrations(const Context& context, const SourceFacts& facts) {
  NamedMigrationFacts migrations;
  migrations.rule = facts.rule.migrations;
  migrations.never_started = has_never_started(context, facts.source.service);
  migrations.table_exists = ask_table(context, facts);
  if (!*migrations.table_exists || !**migrations.table_exists) return migrations;
  migrations.applied = ask_applied(context, facts);
  migrations.files = ask_files(context, migrations.rule);
  if (*migrations.applied && *migrations.files)
    migrations.unrecorded = ask_unrecorded(context, facts, without(**migrations.files, **migrations.applied));
  return migrations;
}

void judge_named_migrations(const SourceFacts& facts, Judgement& out) {
  if (facts.named_migrations) Judge{facts, *facts.named_migrations, out}.all();
}

}  // namespace doctor::checks::database_check
