#include "doctor/tables.hpp"

#include <string_view>

namespace doctor {
namespace {

constexpr std::string_view missing_sql =
    "SELECT t FROM unnest($1::text[]) WITH ORDINALITY AS w(t, n) WHERE to_regclass(t) IS NULL ORDER BY n";

}  // namespace

std::string array_of(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const auto& text : texts) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char c : text) array.append(c == '"' || c == '\\' ? "\\" : "").append(1, c);
    array += '"';
  }
  return array + "}";
}

Outcome<std::vector<std::string>> ask_missing_tables(const Context& context, const DataSource& source,
                                                     const std::vector<std::string>& tables) {
  const PostgresSessionQuestion session{source.setting, source.dial.host, source.dial.port, source.dial.vantage};
  const auto answer = context.ask(PostgresRowsQuestion{session, std::string{missing_sql}, {array_of(tables)}});
  if (!answer) return Failed{answer.error()};
  std::vector<std::string> missing;
  for (const auto& row : answer->rows)
    if (!row.empty()) missing.push_back(row.front().value_or(std::string{}));
  return missing;
}

}  // namespace doctor
