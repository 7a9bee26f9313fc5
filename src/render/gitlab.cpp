#include <ostream>

#include <nlohmann/json.hpp>

#include "render/location.hpp"
#include "render/reading.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

using Json = nlohmann::ordered_json;

std::string severity_of(const std::string& severity) {
  return severity == "error" ? "critical" : severity == "warning" ? "minor" : "info";
}

}  // namespace

void gitlab(const diagnosis::Report& report, const Style& style, std::ostream& out) {
  auto document = Json::array();
  for (const auto* root : roots(report)) {
    const auto place = location_of(report, *root, style);
    document.push_back({{"description", root->title + " (" + root->subject + ")"},
                        {"check_name", root->entry},
                        {"fingerprint", root->fingerprint},
                        {"severity", severity_of(root->severity)},
                        {"location", {{"path", place.file}, {"lines", {{"begin", place.line > 0 ? place.line : 1}}}}}});
  }
  out << util::json_shown(document.dump(2, ' ', false, Json::error_handler_t::replace)) << '\n';
}

}  // namespace doctor::render
