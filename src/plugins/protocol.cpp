#include "plugins/protocol.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "formats/json_depth.hpp"
#include "util/text.hpp"

namespace doctor::plugins {
namespace {

using Json = nlohmann::json;
using Error = tl::unexpected<std::string>;

constexpr std::string_view schema = "doctor-plugin/v1";
constexpr std::size_t most_items = 100;
constexpr std::size_t most_line = 400;
constexpr std::size_t most_prose = 8000;

/// A field that breaks the protocol.
struct Broken {
  std::string field;
  std::string why;
};

std::string message(const Broken& broken) {
  return broken.field + ": " + broken.why;
}

/// An object of the answer, and how its fields are read. Throws Broken.
class Object {
 public:
  Object(const Json& json, std::string name) : json_{json}, name_{std::move(name)} {
    if (!json.is_object()) throw Broken{name_.empty() ? "the answer" : name_, "is not an object"};
  }

  std::string line(const char* field, const std::string& fallback = {}) const {
    return util::shown(text(field, fallback), most_line);
  }
  std::string prose(const char* field) const { return util::shown_lines(text(field, {}).substr(0, most_prose)); }

  std::string word(const char* field) const {
    auto value = text(field, {});
    constexpr std::size_t longest = 60;
    const bool well = !value.empty() && value.size() <= longest &&
                      value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos &&
                      value.front() != '-';
    if (!well) throw Broken{at(field), "is not a word of small letters, digits and dashes"};
    return value;
  }

  std::string one_of(const char* field, const std::vector<std::string>& allowed) const {
    auto value = text(field, allowed.front());
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
      throw Broken{at(field), "is none of " + util::join(allowed, ", ")};
    return value;
  }

  std::string needed(const char* field) const {
    auto value = line(field);
    if (value.empty()) throw Broken{at(field), "is missing"};
    return value;
  }

  /// Calls `take(item, name)` for each item of an array that may be missing.
  template <class Take>
  void each(const char* field, Take take) const {
    const auto found = json_.find(field);
    if (found == json_.end() || found->is_null()) return;
    if (!found->is_array()) throw Broken{at(field), "is not a list"};
    if (found->size() > most_items) throw Broken{at(field), "has more than 100 items"};
    for (std::size_t i = 0; i < found->size(); ++i) take((*found)[i], at(field) + "[" + std::to_string(i) + "]");
  }

 private:
  std::string at(const char* field) const { return name_.empty() ? field : name_ + "." + field; }

  std::string text(const char* field, const std::string& fallback) const {
    const auto found = json_.find(field);
    if (found == json_.end() || found->is_null()) return fallback;
    if (found->is_number() || found->is_boolean()) return found->dump();
    if (!found->is_string()) throw Broken{at(field), "is not a text"};
    return found->get<std::string>();
  }

  const Json& json_;
  std::string name_;
};

/// The document and its object. Throws Broken.
Json document(std::string_view text) {
  constexpr int deepest = 16;
  if (formats::too_deep(text, deepest) > 0) throw Broken{"the answer", "is nested too deeply"};
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Broken{"the answer", "is not JSON"};
  if (Object{json, {}}.line("schema") != schema) throw Broken{"schema", "is not " + std::string{schema}};
  return json;
}

guides::Step step_of(const Json& json, const std::string& name) {
  const Object object{json, name};
  guides::Step step;
  step.text = object.prose("command");
  step.kind = step.text.empty() ? "text" : "command";
  if (step.text.empty()) step.text = object.prose("text");
  if (step.text.empty()) throw Broken{name, "has neither text nor command"};
  if (step.kind == "text") return step;
  step.language = "sh";
  step.where = object.one_of("where", {"host", "container", "postgres", "client"});
  step.risk = object.one_of("risk", {"safe", "disruptive", "data-loss"});
  return step;
}

guides::Entry entry_of(const Object& object, const Description& description) {
  guides::Entry entry;
  entry.code = "plugin-" + description.id + "-" + object.word("code");
  entry.severity = object.one_of("severity", {"error", "warning", "info"});
  entry.title = object.line("title", description.title);
  entry.symptom = object.prose("symptom");
  entry.cause = object.prose("cause");
  object.each("fix", [&](const Json& item, const std::string& name) {
    const Object step{item, name};
    const auto prose = step.prose("text");
    auto read = step_of(item, name);
    if (read.kind == "command" && !prose.empty()) {
      guides::Step before;
      before.kind = "text";
      before.text = prose;
      entry.fix.push_back(std::move(before));
    }
    entry.fix.push_back(std::move(read));
  });
  entry.verify = object.prose("verify");
  if (entry.verify.empty()) entry.verify = "doctor check --only plugin:" + description.id;
  return entry;
}

std::vector<Evidence> evidence_of(const Object& object, const std::string& id) {
  std::vector<Evidence> evidence;
  object.each("evidence", [&](const Json& item, const std::string& name) {
    const Object one{item, name};
    evidence.push_back(
        {one.needed("name"), one.line("value"), one.line("source", "plugin " + id), one.line("vantage")});
  });
  return evidence;
}

std::string subject_of(const Object& object, const std::string& id) {
  return object.line("subject", "plugin:" + id);
}

Verdict verdict_of(const Json& json, const Description& description) {
  const Object answer{json, {}};
  const auto& id = description.id;
  Verdict verdict;
  answer.each("findings", [&](const Json& item, const std::string& name) {
    const Object one{item, name};
    const auto code = one.word("code");
    const auto& codes = description.codes;
    if (!codes.empty() && std::find(codes.begin(), codes.end(), code) == codes.end())
      throw Broken{name + ".code", "is none that `describe` names"};
    auto entry = entry_of(one, description);
    Finding finding{Code{entry.code}, subject_of(one, id), evidence_of(one, id)};
    verdict.findings.push_back({std::move(finding), std::move(entry)});
  });
  answer.each("healthy", [&](const Json& item, const std::string& name) {
    const Object one{item, name};
    verdict.healthy.push_back({subject_of(one, id), one.line("figure")});
  });
  answer.each("unexamined", [&](const Json& item, const std::string& name) {
    const Object one{item, name};
    verdict.unexamined.push_back({subject_of(one, id), one.needed("reason")});
  });
  return verdict;
}

}  // namespace

tl::expected<Description, std::string> read_description(std::string_view text) {
  try {
    const auto json = document(text);
    const Object object{json, {}};
    Description description{object.word("id"), object.needed("title"), object.line("healthy"), {}};
    object.each("codes", [&](const Json& item, const std::string& name) {
      if (!item.is_string()) throw Broken{name, "is not a text"};
      description.codes.push_back(Object{Json{{"code", item}}, name}.word("code"));
    });
    if (description.healthy.empty()) description.healthy = description.title;
    return description;
  } catch (const Broken& broken) {
    return Error{message(broken)};
  }
}

tl::expected<Verdict, std::string> read_verdict(std::string_view text, const Description& description) {
  try {
    return verdict_of(document(text), description);
  } catch (const Broken& broken) {
    return Error{message(broken)};
  }
}

}  // namespace doctor::plugins
