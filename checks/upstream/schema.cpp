#include "checks/upstream/facts.hpp"
#include "doctor/format/json_pointer.hpp"
#include "doctor/tables.hpp"

namespace doctor::checks::upstream_check {
namespace {

/// PostgREST reads the schema when it starts and when it is told to; what has been made since it does not know. Its
/// codes for an unknown column and table (PostgREST 12, "Errors").
bool says_unknown(const HttpAnswer& answer) {
  const auto code = formats::json_at(answer.body, "/code");
  return code && (*code == "\"PGRST205\"" || *code == "\"PGRST204\"");
}

/// The address of a database of the deployment that has all tables which its description names; "" when none can be
/// seen that has.
std::string database_with_tables(const Context& context) {
  for (const auto& source : context.deployment.data_sources) {
    const auto* service = context.deployment.service(source.service);
    if (service == nullptr || !service->rule.database || service->rule.database->tables.empty()) continue;
    const auto& rule = *service->rule.database;
    if (!source.setting.ends_with("/" + rule.setting) || !source.problem.empty() || !source.dial.reason.empty())
      continue;
    const auto missing = ask_missing_tables(context, source, rule.tables);
    if (missing && missing->empty()) return source.dial.host + ":" + std::to_string(source.dial.port);
  }
  return {};
}

}  // namespace

void look_behind(const Context& context, UpstreamFacts& facts) {
  if (!facts.upstream.own || !facts.answer || !*facts.answer || !says_unknown(**facts.answer)) return;
  facts.complete_database = database_with_tables(context);
}

}  // namespace doctor::checks::upstream_check
