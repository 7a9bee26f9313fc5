#include <map>

#include "plan/plan.hpp"

namespace doctor::plan {

const std::vector<std::string_view>* questions_of(std::string_view check) {
  using List = std::vector<std::string_view>;
  // "secret" and "token" look at a value that doctor has; the predicate `opens` of the first asks the database.
  static const std::map<std::string_view, List> declared{
      {"clock", {"clock", "time-keeping", "postgres", "postgres-rows", "http"}},
      {"compose", {"file", "text"}},
      {"containers", {"clock", "container-usage", "engine-usage", "file-system", "logs", "memory", "text"}},
      {"database",
       {"clock", "directory", "file", "file-system", "postgres", "postgres-rows", "secret", "text", "access"}},
      {"disk", {"file", "file-system", "usage", "access"}},
      {"env", {"file", "secret", "access"}},
      {"files", {"file", "text", "access"}},
      {"health", {"http"}},
      {"jwt", {"file", "key", "access"}},
      {"license", {"clock", "secret", "token", "postgres", "postgres-rows", "http"}},
      {"limits", {"file", "file-system", "memory", "text", "directory", "access"}},
      {"logs", {"clock", "logs"}},
      {"manifests", {"text"}},
      {"memory", {}},
      {"metrics", {"clock", "http"}},
      {"network", {"resolve", "tcp"}},
      {"ports", {"clock", "listeners"}},
      {"proxy", {"file", "text", "directory", "listeners", "resolve"}},
      {"redis", {"clock", "redis", "redis-reply", "token"}},
      {"tls", {"certificate", "clock"}},
      {"upstream", {"certificate", "http", "token", "postgres", "postgres-rows"}},
      {"websocket", {"http", "websocket"}},
  };
  const auto found = declared.find(check);
  return found == declared.end() ? nullptr : &found->second;
}

}  // namespace doctor::plan
