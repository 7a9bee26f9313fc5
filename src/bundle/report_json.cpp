#include "bundle/report_json.hpp"

#include <optional>

#include <nlohmann/json.hpp>

#include "redact/redactor.hpp"
#include "util/json_bounds.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

using nlohmann::json;

constexpr std::size_t most_bytes = 16UL * 1024 * 1024;
constexpr int most_levels = 64;
constexpr std::size_t most_text = 600;
constexpr std::size_t most_items = 10000;  ///< of one list

/// Thrown by the reader below alone, and caught by its one caller.
struct Wrong {
  std::string what;
};

class ReportReader {
 public:
  diagnosis::Report read(const json& document) const {
    if (text(document, "schema", "") != "doctor-report/v1") throw Wrong{"its schema is not doctor-report/v1"};
    diagnosis::Report report;
    report.version = text(object(document, "tool", ""), "version", "tool");
    const auto& run = object(document, "run", "");
    report.started = text(run, "started", "run");
    report.complete = truth(run, "complete", "run");
    const auto& deployment = object(document, "deployment", "");
    report.system = text(deployment, "system", "deployment");
    report.directory = text(deployment, "directory", "deployment");
    report.sources = texts(deployment, "sources", "deployment");
    each(document, "findings",
         [&](const json& item, const std::string& at) { report.problems.push_back(problem(item, at)); });
    each(document, "ruled_out", [&](const json& item, const std::string& at) {
      report.ruled_out.push_back({text(item, "subject", at), text(item, "evidence", at)});
    });
    each(document, "unexamined",
         [&](const json& item, const std::string& at) { report.unexamined.push_back(unseen(item, at)); });
    each(document, "skipped",
         [&](const json& item, const std::string& at) { report.skipped.push_back(unseen(item, at)); });
    each(document, "checks", [&](const json& item, const std::string& at) {
      report.checks.push_back({text(item, "id", at), text(item, "status", at), text(item, "reason", at), 0, ""});
    });
    return report;
  }

 private:
  static const json& member(const json& object, const char* key, const std::string& at) {
    const auto found = object.find(key);
    if (found == object.end()) throw Wrong{(at.empty() ? "" : at + ": ") + "there is no \"" + key + "\""};
    return *found;
  }

  static Wrong mistaken(const char* key, const std::string& at) {
    return {(at.empty() ? "" : at + ": ") + "\"" + key + "\" has the wrong type"};
  }

  static const json& object(const json& parent, const char* key, const std::string& at) {
    const auto& value = member(parent, key, at);
    if (!value.is_object()) throw mistaken(key, at);
    return value;
  }

  std::string safe(const std::string& text) const { return util::shown(redactor_.redact(text), most_text); }

  std::string text(const json& parent, const char* key, const std::string& at) const {
    const auto& value = member(parent, key, at);
    if (!value.is_string()) throw mistaken(key, at);
    return safe(value.get_ref<const std::string&>());
  }

  static bool truth(const json& parent, const char* key, const std::string& at) {
    const auto& value = member(parent, key, at);
    if (!value.is_boolean()) throw mistaken(key, at);
    return value.get<bool>();
  }

  std::vector<std::string> texts(const json& parent, const char* key, const std::string& at) const {
    const auto& value = member(parent, key, at);
    if (!value.is_array() || value.size() > most_items) throw mistaken(key, at);
    std::vector<std::string> all;
    for (const auto& item : value) {
      if (!item.is_string()) throw mistaken(key, at);
      all.push_back(safe(item.get_ref<const std::string&>()));
    }
    return all;
  }

  template <class Take>
  static void each(const json& parent, const char* key, Take take) {
    const auto& value = member(parent, key, "");
    if (!value.is_array() || value.size() > most_items) throw mistaken(key, "");
    std::size_t index = 0;
    for (const auto& item : value) {
      const auto at = std::string{key} + "[" + std::to_string(index++) + "]";
      if (!item.is_object()) throw Wrong{at + " is no object"};
      take(item, at);
    }
  }

  diagnosis::Problem problem(const json& item, const std::string& at) const {
    diagnosis::Problem problem;
    problem.code = text(item, "code", at);
    problem.entry = text(item, "entry", at);
    problem.severity = text(item, "severity", at);
    if (problem.severity != "error" && problem.severity != "warning" && problem.severity != "info")
      throw Wrong{at + ": its severity is not known"};
    problem.severity_alone = problem.severity;
    problem.check = text(item, "check", at);
    problem.subject = text(item, "subject", at);
    problem.fingerprint = text(item, "fingerprint", at);
    if (problem.fingerprint.empty()) throw Wrong{at + ": its fingerprint is empty"};
    problem.title = text(item, "title", at);
    problem.root = truth(item, "root", at);
    problem.caused_by = texts(item, "caused_by", at);
    problem.ignored = truth(item, "ignored", at);
    problem.evidence = evidence(item, at);
    return problem;
  }

  std::vector<Evidence> evidence(const json& item, const std::string& at) const {
    std::vector<Evidence> all;
    const auto& value = member(item, "evidence", at);
    if (!value.is_array() || value.size() > most_items) throw mistaken("evidence", at);
    for (const auto& one : value) {
      if (!one.is_object()) throw mistaken("evidence", at);
      all.push_back({text(one, "name", at), text(one, "value", at), text(one, "source", at), text(one, "vantage", at)});
    }
    return all;
  }

  diagnosis::Unexamined unseen(const json& item, const std::string& at) const {
    return {text(item, "subject", at), text(item, "check", at), text(item, "reason", at)};
  }

  redact::Redactor redactor_;
};

}  // namespace

tl::expected<diagnosis::Report, std::string> report_from_json(std::string_view text) {
  if (text.size() > most_bytes) return tl::unexpected{std::string{"it is larger than 16 MB"}};
  if (util::too_deep_at(text, most_levels) != std::string_view::npos)
    return tl::unexpected{std::string{"it is deeper than 64 levels"}};
  const auto document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return tl::unexpected{std::string{"it is not JSON"}};
  if (!document.is_object()) return tl::unexpected{std::string{"it is no object"}};
  try {
    return ReportReader{}.read(document);
  } catch (const Wrong& wrong) {
    return tl::unexpected{wrong.what};
  }
}

}  // namespace doctor::bundle
