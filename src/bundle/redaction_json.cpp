#include "bundle/redaction_json.hpp"

#include <cstdint>

#include <nlohmann/json.hpp>

namespace doctor::bundle {

std::string redaction_json(const std::vector<MemberInfo>& members) {
  std::map<std::string, std::uint64_t> replaced;
  std::map<std::string, std::map<std::string, std::uint64_t>> places;
  std::uint64_t total = 0;
  for (const auto& member : members)
    for (const auto& [name, count] : member.redacted) {
      replaced[name] += count;
      places[member.path][name] += count;
      total += count;
    }
  const nlohmann::ordered_json document{
      {"schema", "doctor-redaction/v1"}, {"total", total}, {"replaced", replaced}, {"members", places}};
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace doctor::bundle
