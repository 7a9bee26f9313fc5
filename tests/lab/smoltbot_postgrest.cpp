// A REST front end before a real PostgreSQL, as PostgREST and the gateway in front of it answer under /rest/v1. It is
// configured as PostgREST is: PGRST_DB_URI, PGRST_SERVER_HOST, PGRST_SERVER_PORT. SERVICE_KEY and ANON_KEY are the keys
// that it knows. The file LAB_REST_MODE holds a word that makes it misbehave, read anew for each request: "stale" (a
// schema cache from before the tables), "site" (some other web site), "bare" (no /rest/v1 prefix), "slow" (4 s),
// "stall", "close", "broken" (503).

#include <libpq-fe.h>
#include <signal.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>

#include <nlohmann/json.hpp>

#include "lab/smoltbot_http.hpp"
#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

using nlohmann::ordered_json;

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

struct Answer {
  bool ok = false;
  std::string value;
  std::string state;  ///< SQLSTATE
  std::string message;
};

Answer query(const std::string& sql, const std::vector<std::string>& values = {}) {
  const Connection connection{PQconnectdb(variable_or("PGRST_DB_URI", "").c_str())};
  if (PQstatus(connection.get()) != CONNECTION_OK) return {false, "", "", PQerrorMessage(connection.get())};
  std::vector<const char*> pointers;
  for (const auto& value : values) pointers.push_back(value.c_str());
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{
      PQexecParams(connection.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, pointers.data(), nullptr,
                   nullptr, 0),
      PQclear};
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK)
    return {true, PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "", "", ""};
  if (status == PGRES_COMMAND_OK) return {true, "", "", ""};
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return {false, "", state == nullptr ? "" : state, PQresultErrorMessage(result.get())};
}

Response json_answer(int status, const ordered_json& body) {
  return {status, body.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

Response rest_error(int status, const std::string& code, const std::string& message) {
  return json_answer(status, {{"code", code}, {"details", nullptr}, {"hint", nullptr}, {"message", message}});
}

std::string mode() {
  std::ifstream file{variable_or("LAB_REST_MODE", "")};
  std::string word;
  file >> word;
  return word;
}

std::string quoted(const std::string& name) {
  std::string plain;
  for (const char c : name)
    if ((c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9')) plain += c;
  return "\"" + plain + "\"";
}

Response failure(const Answer& answer, const std::string& table) {
  if (answer.state == "42P01")
    return rest_error(404, "PGRST205", "Could not find the table 'public." + table + "' in the schema cache");
  if (answer.state == "42703") return rest_error(400, answer.state, "column does not exist");
  if (answer.state == "42883")
    return rest_error(404, "PGRST202", "Could not find the function public." + table + " in the schema cache");
  if (answer.state == "42501") return rest_error(403, answer.state, "permission denied for table " + table);
  if (answer.state.empty()) return rest_error(503, "PGRST001", "Database client error. Retrying the connection.");
  return rest_error(400, answer.state, answer.message);
}

/// " WHERE column = $n" of the filters "column=eq.value".
std::string where_of(const std::string& filters, std::vector<std::string>& values) {
  std::string where;
  for (std::size_t at = 0; at < filters.size();) {
    const auto end = std::min(filters.find('&', at), filters.size());
    const auto filter = filters.substr(at, end - at);
    at = end + 1;
    const auto operation = filter.find("=eq.");
    if (operation == std::string::npos) continue;
    values.push_back(filter.substr(operation + 4));
    where += (where.empty() ? " WHERE " : " AND ") + quoted(filter.substr(0, operation)) + "::text = $" +
             std::to_string(values.size());
  }
  return where;
}

Response read_rows(const std::string& table, const std::string& filters, bool anonymous) {
  std::vector<std::string> values;
  const auto where = where_of(filters, values) + (anonymous ? " LIMIT 0" : " LIMIT 100");
  const auto answer =
      query("SELECT coalesce(json_agg(r), '[]') FROM (SELECT * FROM public." + quoted(table) + where + ") r", values);
  return answer.ok ? Response{200, answer.value} : failure(answer, table);
}

Response write_row(const std::string& table, const Request& request) {
  const auto body = ordered_json::parse(request.body, nullptr, false);
  if (!body.is_object()) return rest_error(400, "PGRST102", "Empty or invalid json");
  std::vector<std::string> values;
  const auto where = where_of(request.query, values);
  std::string names;
  std::string marks;
  std::string assignments;
  for (const auto& [name, value] : body.items()) {
    values.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    const auto mark = "$" + std::to_string(values.size());
    names += (names.empty() ? "" : ", ") + quoted(name);
    marks += (marks.empty() ? "" : ", ") + mark;
    assignments += (assignments.empty() ? "" : ", ") + quoted(name) + " = " + mark;
  }
  const auto target = "public." + quoted(table);
  const auto answer = request.method == "PATCH"
                          ? query("UPDATE " + target + " SET " + assignments + where, values)
                          : query("INSERT INTO " + target + " (" + names + ") VALUES (" + marks + ")", values);
  return answer.ok ? Response{request.method == "PATCH" ? 204 : 201, ""} : failure(answer, table);
}

Response call(const std::string& function, const Request& request) {
  const auto body = ordered_json::parse(request.body, nullptr, false);
  std::vector<std::string> values;
  if (body.is_object() && !body.empty()) values.push_back(body.begin()->get<std::string>());
  const auto answer =
      query("SELECT to_json(public." + quoted(function) + "(" + (values.empty() ? "" : "$1") + "))", values);
  return answer.ok ? Response{200, answer.value} : failure(answer, function);
}

/// The request under /rest/v1/, for a known key.
Response resource(const std::string& path, const Request& request, bool anonymous) {
  if (path.empty()) return {200, R"({"swagger":"2.0","info":{"title":"standard public schema"}})"};
  if (path.starts_with("rpc/")) return call(path.substr(4), request);
  if (mode() == "stale")
    return rest_error(404, "PGRST205", "Could not find the table 'public." + path + "' in the schema cache");
  if (request.method == "GET" || request.method == "HEAD") return read_rows(path, request.query, anonymous);
  if (anonymous)
    return rest_error(401, "42501", "new row violates row-level security policy for table \"" + path + "\"");
  return write_row(path, request);
}

Response answer(const Request& request) {
  const std::string prefix = "/rest/v1/";
  const auto how = mode();
  if (how == "close") return {0, ""};
  if (how == "site") return {200, "<!doctype html>\n<title>Welcome</title>\n", "text/html; charset=utf-8"};
  if (how == "bare" && request.path.starts_with(prefix))
    return rest_error(404, "PGRST125", "Invalid path specified in request URL");
  if (!request.path.starts_with(prefix)) return {404, R"({"message":"no Route matched with those values"})"};
  if (how == "stall") {
    while (pause_for(1000)) continue;
    return {0, ""};
  }
  if (how == "slow") pause_for(4000);
  if (how == "broken") return {503, "upstream connect error or disconnect/reset before headers", "text/plain"};
  const auto key = request.header("apikey");
  if (key.empty())
    return json_answer(401, {{"message", "No API key found in request"},
                             {"hint", "No `apikey` request header or url param was found."}});
  const bool service = key == variable_or("SERVICE_KEY", "");
  if (!service && key != variable_or("ANON_KEY", ""))
    return json_answer(401, {{"message", "Invalid API key"},
                             {"hint", "Double check your Supabase `anon` or `service_role` API key."}});
  return resource(request.path.substr(prefix.size()), request, !service);
}

}  // namespace
}  // namespace smoltbot

int main() {
  struct sigaction action {};
  action.sa_handler = smoltbot::ask_to_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  smoltbot::Server server;
  const auto port = static_cast<std::uint16_t>(smoltbot::milliseconds_of("PGRST_SERVER_PORT", 3000));
  if (!server.listen(smoltbot::variable_or("PGRST_SERVER_HOST", "0.0.0.0"), port)) {
    std::cerr << "FatalError: cannot listen on port " << port << '\n';
    return 1;
  }
  server.start(smoltbot::answer);
  std::cout << "Listening on port " + std::to_string(port) + "\n" << std::flush;
  while (smoltbot::pause_for(1000)) continue;
  std::_Exit(0);
}
