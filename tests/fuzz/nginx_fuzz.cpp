#include "doctor/format/nginx.hpp"

#include "property.hpp"

using doctor::fuzz::require;

namespace {

void check_problem(const doctor::formats::ConfigProblem& problem) {
  require(doctor::fuzz::is_place(problem.place.line, problem.place.column), "a problem has a place");
  require(doctor::fuzz::is_printable(problem.reason) && !problem.reason.empty(), "a reason can be shown");
}

}  // namespace

/// nginx.conf: reading, choosing a server, following requests. An include gives the input itself.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace doctor::formats;
  const auto text = doctor::fuzz::text_of(data, size);
  std::size_t reads = 0;
  ConfigFiles files;
  files.read = [&](const std::string& path) -> doctor::Outcome<std::string> {
    require(++reads <= most_config_files, "at most 500 files are read");
    require(path.starts_with('/'), "only absolute paths are read");
    return std::string{text};
  };
  files.list = [](const std::string&) -> doctor::Outcome<std::vector<std::string>> {
    return std::vector<std::string>{"a.conf", "b.conf"};
  };
  const auto config = read_nginx("/etc/nginx/nginx.conf", "/etc/nginx", files);
  if (config.refused) check_problem(*config.refused);
  for (const auto& one : config.unseen) check_problem(one);
  require(config.directives.size() <= 100'001, "directives are bounded");
  const auto alone = read_nginx(text, "/site");
  if (config.refused && alone.refused) return 0;
  const auto& whole = config.refused ? alone : config;
  std::size_t looked_at = 0;
  for (const auto& server : nginx_servers(whole)) {
    if (++looked_at > 4) break;
    for (const auto* path : {"/", "/ws", "/api/files/upload"}) nginx_route(whole, server.directive, "a.test", path);
  }
  nginx_server(whole, "a.test", 80);
  return 0;
}
